/** A policy as the registry has it, loaded or not, and what is said of it. */
import { sectionOf } from '#bpf';
import type { HookReport } from '#compiler';
import type { Diagnostic } from '#diagnostics';
import { type Hook, type Policy, type PolicyMode, parsePolicies } from '#policy';
import type { PolicyCounts, PolicyName } from './policy-sensor.ts';
import type { StoredPolicy } from './policy-store.ts';

/** `file`: the agent was started with it. `control`: it was added while an agent ran, and outlives it. */
export type PolicyOrigin = 'file' | 'control';

export type PolicyEntry = PolicyName & {
  readonly source: string;
  readonly origin: PolicyOrigin;
  readonly text: string;
  readonly enabled: boolean;
  /** What was asked for beside the text; undefined: as the text has it. */
  readonly mode: PolicyMode | undefined;
  /** With the mode that counts; undefined when the text is no policy any more, for this version or this kernel. */
  readonly policy: Policy | undefined;
  /** It can not be loaded: why. */
  readonly refusal: readonly Diagnostic[] | undefined;
};

/** - `refused`: it should be loaded, and this kernel or this version does not take it */
export type PolicyState = 'loaded' | 'disabled' | 'refused';

export type HookStatus = {
  readonly kind: Hook['kind'];
  readonly name: string;
  /** Sections of its programs, such as `lsm/file_open`. */
  readonly attached: readonly string[];
  readonly effect: HookReport['effect'];
  /** Another thread of the process can get around it. */
  readonly racy: boolean;
  /** The kernel does not run its program while it runs on that CPU already. */
  readonly mayBeSkipped: boolean;
};

export type PolicyStatus = PolicyName & {
  readonly source: string;
  readonly origin: PolicyOrigin;
  readonly state: PolicyState;
  /** As it is in the kernel, when it is loaded. */
  readonly mode: PolicyMode;
  /** It has spent its kill budget, and only watches until its mode is set, or the policy changed. */
  readonly demoted: boolean;
  /** Of the hooks that this kernel has; empty when it is not loaded. */
  readonly hooks: readonly HookStatus[];
  /** Since it was loaded last; undefined when it is not. */
  readonly counts: Readonly<Record<keyof PolicyCounts, number>> | undefined;
  readonly memoryBytes: number | undefined;
  /** Why it is refused. */
  readonly diagnostics: readonly Diagnostic[];
};

/** What the kernel tells of a loaded policy. */
export type Measured = {
  readonly reports: readonly HookReport[];
  readonly counts: PolicyCounts | undefined;
  readonly memoryBytes: number | undefined;
  readonly demoted: boolean;
};

export function keyOf({ name, namespace }: PolicyName): string {
  return `${namespace ?? ''}/${name}`;
}

/** For people: the namespace only where there is one. */
export function titleOf({ name, namespace }: PolicyName): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** A policy that is new, or was read again. */
export function entryOf(policy: Policy, text: string, origin: PolicyOrigin, state: EntryState): PolicyEntry {
  const { name, namespace, source } = policy;
  const { enabled, mode } = state;
  const inMode = mode === undefined ? policy : { ...policy, mode };
  return { name, namespace, source, origin, text, enabled, mode, policy: inMode, refusal: undefined };
}

export type EntryState = { readonly enabled: boolean; readonly mode: PolicyMode | undefined };

/** What the store has, read again by this version: it may say less, or otherwise, than the one that took it. */
export function restore(stored: StoredPolicy, text: string): PolicyEntry {
  const { name, namespace, source, enabled, mode } = stored;
  const parsed = parsePolicies(text, source);
  const policy = parsed.policies.find((each) => keyOf(each) === keyOf(stored));
  if (policy !== undefined) return entryOf(policy, text, 'control', stored);
  const refusal = parsed.diagnostics;
  return { name, namespace, source, origin: 'control', text, enabled, mode, policy, refusal };
}

/** What the store keeps of it; undefined when the file of the agent's own says it all. */
export function storedForm(entry: PolicyEntry): StoredPolicy | undefined {
  const { name, namespace, source, origin, text, enabled, mode } = entry;
  if (origin === 'control') return { name, namespace, source, text, enabled, mode };
  return enabled && mode === undefined ? undefined : { name, namespace, source, text: undefined, enabled, mode };
}

export function isWanted({ enabled, policy, refusal }: PolicyEntry): boolean {
  return enabled && policy !== undefined && refusal === undefined;
}

export function statusOf(entry: PolicyEntry, { reports, counts, memoryBytes, demoted }: Measured): PolicyStatus {
  const { name, namespace, source, origin, policy, refusal = [] } = entry;
  const isLoaded = isWanted(entry);
  return {
    ...{ name, namespace, source, origin },
    state: isLoaded ? 'loaded' : entry.enabled ? 'refused' : 'disabled',
    mode: isLoaded && demoted ? 'monitor' : (policy?.mode ?? entry.mode ?? 'enforce'),
    demoted: isLoaded && demoted,
    hooks: isLoaded ? reports.map(hookStatus) : [],
    counts: isLoaded && counts !== undefined ? inNumbers(counts) : undefined,
    memoryBytes: isLoaded ? memoryBytes : undefined,
    diagnostics: refusal,
  };
}

function hookStatus({ hook, points, effect, racy, mayBeSkipped }: HookReport): HookStatus {
  return { kind: hook.kind, name: hook.name.value, attached: points.map(sectionOf), effect, racy, mayBeSkipped };
}

/** JSON has no larger ones; at a million events a second it takes three centuries to get there. */
function inNumbers(counts: PolicyCounts): Readonly<Record<keyof PolicyCounts, number>> {
  const { matches, posted, killed, denied, monitored, unreadable, signalled, returnLost, spared } = counts;
  return {
    matches: Number(matches),
    posted: Number(posted),
    killed: Number(killed),
    denied: Number(denied),
    monitored: Number(monitored),
    unreadable: Number(unreadable),
    signalled: Number(signalled),
    returnLost: Number(returnLost),
    spared: Number(spared),
  };
}
