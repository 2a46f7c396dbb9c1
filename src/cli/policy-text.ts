/** Policies of a running agent as text. */
import type { PoliciesAnswer } from '#control';
import { bytesText, table } from './table.ts';

type Policy = PoliciesAnswer['policies'][number];

const HEAD = ['NAME', 'NAMESPACE', 'STATE', 'MODE', 'EFFECT', 'HOOKS', 'MEMORY', 'EVENTS', 'DENIED', 'KILLED', 'WOULD'];

export function policyTable(policies: readonly Policy[]): string {
  return table([[...HEAD, 'FROM'], ...policies.map(policyRow)]);
}

function policyRow(policy: Policy): readonly string[] {
  const { name, namespace, hooks, memoryBytes, counts, source, origin } = policy;
  return [
    name,
    namespace ?? '(cluster)',
    stateText(policy),
    modeText(policy),
    effectText(policy),
    [...new Set(hooks.map(({ kind }) => kind))].join(',') || '-',
    memoryBytes === undefined ? '-' : bytesText(memoryBytes),
    ...[counts?.posted, counts?.denied].map((count) => String(count ?? '-')),
    killedText(counts),
    String(counts?.monitored ?? '-'),
    `${origin} ${source}`,
  ];
}

/**
 * `stale`: from the copy on this node; `kept`: a later version of it is refused; `older enforces`: what an agent of
 * another version left in the kernel.
 */
function stateText({ state, stale, refusedVersion, olderEnforces }: Policy): string {
  const kept = refusedVersion === undefined ? '' : 'kept';
  const notes = [stale === true ? 'stale' : '', kept, olderEnforces === true ? 'older enforces' : ''];
  return [state, ...notes].filter((each) => each !== '').join(', ');
}

/** And why it only watches, where the policy would do more. */
function modeText({ mode, demoted, placement }: Policy): string {
  if (demoted) return `${mode} (kill budget)`;
  return placement === 'watch' && mode === 'monitor' ? `${mode} (no canary)` : mode;
}

/** Critical processes that were not killed stand beside. */
function killedText(counts: Policy['counts']): string {
  if (counts === undefined) return '-';
  return counts.spared === 0 ? String(counts.killed) : `${counts.killed}, ${counts.spared} spared`;
}

/** Of several hooks the weakest: a policy blocks when all that it asks to stop is stopped. */
export function effectText({ hooks }: Pick<Policy, 'hooks'>): string {
  const stopping = hooks.filter(({ effect }) => effect !== 'observes');
  if (hooks.length === 0) return '-';
  const words: string[] = [stopping.length === 0 ? 'observes' : 'blocks'];
  if (stopping.some(({ effect }) => effect === 'may complete')) words[0] = 'may complete';
  if (hooks.some(({ racy }) => racy)) words.push('racy');
  if (stopping.some(({ mayBeSkipped }) => mayBeSkipped)) words.push('may be skipped');
  return words.join(', ');
}

/** Each hook of each policy, for those that have any. */
export function hookTable(policies: readonly Policy[]): string {
  const rows = policies.flatMap(({ name, hooks }) =>
    hooks.map((hook) => {
      const skipped = hook.skipped === undefined ? '' : `${hook.skipped} calls skipped`;
      const flags = [hook.racy ? 'racy' : '', hook.mayBeSkipped ? 'may be skipped' : '', skipped];
      const effect = [hook.effect, ...flags].filter((each) => each !== '').join(', ');
      return [name, hook.kind, hook.name, effect, costText(hook), hook.attached.join(', ')];
    }),
  );
  return rows.length === 0 ? '' : table([['POLICY', 'KIND', 'HOOK', 'EFFECT', 'COST', 'ATTACHED'], ...rows]);
}

/** Of the programs of the hook, which other policies may share. */
function costText({ cost, instructions, runs, runNs }: Policy['hooks'][number]): string {
  const parts: string[] = [cost];
  if (instructions !== undefined) parts.push(`${instructions} verified`);
  if (runs !== undefined && runNs !== undefined) parts.push(`${runs} runs of ${Math.round(runNs / runs)} ns`);
  return parts.join(', ');
}
