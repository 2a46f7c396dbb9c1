/** Says in plain words what a policy does on a kernel: where each hook is, what it stops, what it costs, what it misses. */
import { sectionOf } from '#bpf';
import type { Hook, Policy } from '#policy';
import { explainSelector } from './explain-selector.ts';
import { explainCanary, explainNodes, explainWorkload } from './explain-workload.ts';
import type { HookReport } from './resolved.ts';

export function explain(policy: Policy, reports: readonly HookReport[], release: string): string {
  const lines = [`policy ${policy.name} on kernel ${release}`];
  if (policy.mode === 'monitor') lines.push('  in monitor mode: it tells what it would do, and does nothing of it');
  if (policy.scope !== undefined) lines.push(`  applies to ${explainWorkload(policy.scope)}`);
  if (policy.nodeSelector.length > 0) lines.push(`  on ${explainNodes(policy.nodeSelector)}`);
  if (policy.canary !== undefined) lines.push(`  enforces on ${explainCanary(policy.canary)}; watches on other nodes`);
  for (const [entry, hook] of policy.hooks.entries()) {
    const report = reports.find((each) => each.policy === policy.name && each.entry === entry);
    lines.push('', `  ${titleOf(hook)}`, ...(report === undefined ? ['    not on this kernel'] : explainHook(report)));
  }
  return `${lines.join('\n')}\n`;
}

/** One line for each hook: where it is attached, and what comes of it. */
export function summarise({ hook, points, effect, racy }: HookReport): string {
  return `${hook.name.value}: ${effect}${racy ? ', racy' : ''} (${points.map(sectionOf).join(', ')})`;
}

function titleOf(hook: Hook): string {
  switch (hook.kind) {
    case 'lsm':
      return `LSM hook ${hook.name.value}`;
    case 'tracepoint':
      return `${hook.raw ? 'raw tracepoint' : 'tracepoint'} ${hook.name.value}`;
    case 'kprobe':
      return `${hook.syscall ? 'system call' : 'function'} ${hook.name.value}`;
  }
}

function explainHook(report: HookReport): readonly string[] {
  const { hook } = report;
  return [
    `    attached     ${report.points.map(sectionOf).join(', ')}`,
    `    why          ${report.why}`,
    `    effect       ${effectText(report)}`,
    `    decides on   ${decisionText(report)}`,
    `    cost         ${report.cost}. ${report.costs}`,
    ...(report.blind.length === 0 ? [] : ['    does not see', ...report.blind.map((each) => `      - ${each}`)]),
    ...hook.selectors.map((selector, index) => `    selector ${index + 1}   ${explainSelector(selector, hook)}`),
  ];
}

function effectText({ effect }: HookReport): string {
  switch (effect) {
    case 'blocks':
      return 'blocks: what matches does not happen';
    case 'may complete':
      return 'may complete: the process gets a signal, and the call at hand can be done before';
    case 'observes':
      return 'observes: nothing is stopped';
  }
}

function decisionText({ decidesOn, racy }: HookReport): string {
  switch (decidesOn) {
    case 'kernel objects':
      return 'objects of the kernel';
    case 'kernel copy':
      return "the kernel's copy, which no thread can change";
    case 'registers':
      return 'numbers, as they were when the call began';
    case 'user memory':
      return racy
        ? 'what the process can still change: another thread can get around it'
        : 'what the process can still change';
  }
}
