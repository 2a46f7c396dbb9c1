/** `ringfence status`: the agent that runs, its policies, and what was lost. */
import { type ClusterStatus, type ContainersStatus, ControlClient, type StatusAnswer } from '#control';
import { renderDiagnostic } from '#diagnostics';
import { EXIT } from './exit.ts';
import { networkText } from './network-text.ts';
import type { ListOptions } from './policy-control.ts';
import { hookTable, policyTable } from './policy-text.ts';
import { bytesText, durationText, table } from './table.ts';

export async function showStatus({ controlSocket, output }: ListOptions): Promise<number> {
  const status = await new ControlClient({ path: controlSocket }).status();
  process.stdout.write(output === 'json' ? `${JSON.stringify(status)}\n` : statusText(status));
  return EXIT.ok;
}

export function statusText({ agent, control, policies }: StatusAnswer): string {
  const { startGuard, rings, losses, containers, cluster, older = [] } = agent;
  const until = startGuard.untilMs === undefined ? '' : ` until ${new Date(startGuard.untilMs).toISOString()}`;
  const facts = [
    ['agent', `${agent.version}, pid ${agent.pid}, up ${durationText(agent.uptimeMs)}`],
    ['node', `${agent.nodeName}, kernel ${agent.kernelRelease}`],
    ['mode', agent.mode],
    ['start guard', `${startGuard.enforcement}${until}: ${startGuard.reason}`],
    ...rings.map(({ name, bytes, waitingBytes }) => [
      `${name} ring`,
      `${bytesText(bytes)}, ${bytesText(waitingBytes)} waiting`,
    ]),
    ...(containers === undefined ? [] : [['containers', containersText(containers)]]),
    ...(cluster === undefined ? [] : [['cluster', clusterText(cluster)]]),
    ...older.map((each) => ['older version', olderText(each)]),
    ['lost', lossText(losses)],
    ['subscribers', `${control.subscribers}, which missed ${control.eventsLost} events`],
  ];
  const listed = policies.length === 0 ? 'no policies\n' : policyTable(policies);
  const parts = [table(facts), listed, hookTable(policies), networkText(agent.network)];
  const refused = policies.flatMap(({ diagnostics }) => diagnostics.map((each) => `${renderDiagnostic(each)}\n`));
  return [...parts, refused.join('')].filter((part) => part !== '').join('\n');
}

function containersText({ containers, pods, pending, refused, execsHeld }: ContainersStatus): string {
  const extra = [
    ...(pending > 0 ? [`${pending} not known yet`] : []),
    ...(refused > 0 ? [`${refused} more than there may be`] : []),
    ...(execsHeld > 0 ? [`${execsHeld} execs held back`] : []),
  ];
  return [`${containers} in ${pods} pods`, ...extra].join(', ');
}

/** What is as it should be is not told of each. */
function clusterText({ sources }: ClusterStatus): string {
  const others = sources.filter(({ state }) => state !== 'synced');
  if (others.length === 0) return 'heard from the API server';
  return others
    .map(({ resource, state, sinceMs, reason }) => {
      const why = reason === undefined ? '' : `: ${reason}`;
      return `${resource} ${state} since ${new Date(sinceMs).toISOString()}${why}`;
    })
    .join('; ');
}

function olderText({ layout, policies }: NonNullable<StatusAnswer['agent']['older']>[number]): string {
  if (policies === 'not known') return `${layout} enforces what is not known here`;
  const names = policies.map(({ name, namespace }) => (namespace === undefined ? name : `${namespace}/${name}`));
  return `${layout} enforces ${names.join(', ')}`;
}

function lossText(losses: StatusAnswer['agent']['losses']): string {
  const told = losses.filter(({ count }) => count > 0).map(({ stage, count }) => `${count} at ${stage}`);
  return told.length === 0 ? 'nothing' : told.join(', ');
}
