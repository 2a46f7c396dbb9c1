/** What a policy does not do to processes that the node can not do without, or does to them unasked. */
import { type Diagnostic, diagnostic } from '#diagnostics';
import { type Action, isEnforcing, type Policy, type Selector } from '#policy';
import type { HookReport } from './resolved.ts';

/** At most one of each for a policy, of the first hook that gives reason. One that only watches does nothing to anybody. */
export function warnOfCritical(policy: Policy, reports: readonly HookReport[]): readonly Diagnostic[] {
  if (policy.mode === 'monitor') return [];
  const open = reports.flatMap((report) =>
    report.hook.selectors
      .filter((selector) => !isRestricted(policy, selector))
      .map((selector) => ({ report, selector })),
  );
  const kills = open.flatMap(({ report, selector: { actions, returnActions } }) =>
    [...actions, ...returnActions].filter(ends).map((action) => killWarning(action, report)),
  );
  const denials = open
    .filter(({ selector }) => isBroad(selector))
    .flatMap(({ report, selector }) => selector.actions.flatMap((action) => denialWarning(action, report)));
  return [...kills.slice(0, 1), ...denials.slice(0, 1)];
}

function killWarning({ kind, span }: Action, { hook, effect }: HookReport): Diagnostic {
  return diagnostic('RF2405', span, {
    action: kind === 'sigkill' ? 'Sigkill' : 'Signal',
    hook: hook.name.value,
    instead: effect === 'blocks' && hook.selectors.some(isEnforcing) ? 'they are denied, and live' : 'it lets them be',
  });
}

function denialWarning({ kind, span }: Action, { hook }: HookReport): readonly Diagnostic[] {
  return kind === 'override' ? [diagnostic('RF2406', span, { hook: hook.name.value })] : [];
}

/** Those that are ignored unless somebody asks for them: SIGCHLD, SIGCONT, SIGURG, SIGWINCH. */
const HARMLESS: readonly number[] = [17, 18, 23, 28];

function ends(action: Action): boolean {
  return action.kind === 'sigkill' || (action.kind === 'signal' && !HARMLESS.includes(action.signal));
}

/** It says which processes it is about, or is about none of the host. */
function isRestricted(
  { namespace, scope }: Policy,
  { binaries, pids, namespaces, capabilities, workloads }: Selector,
): boolean {
  return (
    namespace !== undefined ||
    scope?.host === false ||
    workloads?.host === false ||
    (binaries !== undefined && !binaries.operator.value.startsWith('Not')) ||
    pids.some(({ negated }) => !negated) ||
    namespaces.some(
      ({ namespace: kind, negated, values }) =>
        (kind === 'Pid' || kind === 'Mnt') && values.includes('host') === negated,
    ) ||
    capabilities.some(({ inNamespace }) => inNamespace)
  );
}

/** Nothing but exceptions; of one without any filter RF1503 says more. */
function isBroad({ arguments: matches, binaries, pids, namespaces, capabilities }: Selector): boolean {
  if (capabilities.length > 0 || pids.length + namespaces.length + matches.length === 0) return false;
  if (binaries?.values.some(({ value }) => NODE_PROGRAM.test(value)) === true) return false;
  return matches.every(({ operator }) => operator.value.startsWith('Not'));
}

/** A list of exceptions that has one of these was made with the node in mind. */
const NODE_PROGRAM = /(^|\/)(kubelet|containerd|crio|dockerd)$/;
