/** A policy as the registry has it, loaded or not, and what is said of it. */
import { sectionOf } from '#bpf';
import type { HookReport } from '#compiler';
import type { Diagnostic } from '#diagnostics';
import { type Hook, type Placement, type Policy, type PolicyMode, parsePolicies } from '#policy';
import { assertNever } from '#std';
import type { ProgramCost } from './loaded-image.ts';
import type { PolicyCounts, PolicyName } from './policy-sensor.ts';
import type { RefusedVersion } from './policy-source.ts';
import type { StoredPolicy } from './policy-store.ts';

/**
 * - `file`: the agent was started with it
 * - `control`: it was added while an agent ran, and outlives it
 * - `kubernetes`: the API server has it; what is kept on the disk is a copy
 */
export type PolicyOrigin = 'file' | 'control' | 'kubernetes';

export type PolicyEntry = PolicyName & {
  readonly source: string;
  readonly origin: PolicyOrigin;
  readonly text: string;
  readonly enabled: boolean;
  /** What was asked for beside the text; undefined: as the text has it. */
  readonly mode: PolicyMode | undefined;
  /** That the text has. */
  readonly textMode: PolicyMode;
  /** See placed: what it comes to on this node. */
  readonly placement: Placement;
  /** With the mode that counts; undefined when the text is no policy any more, for this version or this kernel. */
  readonly policy: Policy | undefined;
  /** It can not be loaded: why. */
  readonly refusal: readonly Diagnostic[] | undefined;
  /** The word of its source for this version. */
  readonly revision: string | undefined;
  /** It is the kept copy: its source has not been heard since. */
  readonly stale: boolean;
  /** What should take its place. */
  readonly refusedVersion: RefusedVersion | undefined;
};

/**
 * - `refused`: it should be loaded, and this kernel or this version does not take it
 * - `skipped`: it is for other nodes
 */
export type PolicyState = 'loaded' | 'disabled' | 'refused' | 'skipped';

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
  /** By what is known of the place and of what is read there; see `policy explain`. */
  readonly cost: HookReport['cost'];
  /** Of its programs, as the verifier walked them: an upper bound of what a call executes. Other policies may share them. */
  readonly instructions?: number;
  /** Of the same programs, since they were loaded; only while the kernel counts (sysctl kernel.bpf_stats_enabled). */
  readonly runs?: number;
  readonly runNs?: number;
  /** Calls that its programs did not see since they were loaded; absent: none. Other policies may share the programs. */
  readonly skipped?: number;
};

/** By identity, in the order in which they were given. */
export type Entries = ReadonlyMap<string, PolicyEntry>;

export type PolicyStatus = PolicyName & {
  readonly source: string;
  readonly origin: PolicyOrigin;
  readonly state: PolicyState;
  /** As it is in the kernel, when it is loaded. */
  readonly mode: PolicyMode;
  /** It has spent its kill budget, and only watches until its mode is set, or the policy changed. */
  readonly demoted: boolean;
  /** By nodeSelector and canary; absent: it does here what it says. */
  readonly placement?: Exclude<Placement, 'here'>;
  /** Of the hooks that this kernel has; empty when it is not loaded. */
  readonly hooks: readonly HookStatus[];
  /** Since it was loaded last; undefined when it is not. */
  readonly counts: Readonly<Record<keyof PolicyCounts, number>> | undefined;
  readonly memoryBytes: number | undefined;
  /** Why it is refused. */
  readonly diagnostics: readonly Diagnostic[];
  /** The word of its source for this version, where it has one. */
  readonly revision?: string;
  /** Its source is away, or has not been heard since the agent started: it is enforced from the copy. */
  readonly stale?: true;
  /** What should have taken its place, and could not. */
  readonly refusedVersion?: RefusedVersion;
  /** It is refused, and what an agent of another version left in the kernel enforces it as it was. */
  readonly olderEnforces?: true;
};

/** What the kernel tells of a loaded policy. */
export type Measured = {
  readonly reports: readonly HookReport[];
  /** By section. */
  readonly skipped: ReadonlyMap<string, bigint>;
  /** The same. */
  readonly costs: ReadonlyMap<string, ProgramCost>;
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

/** What is known of a policy beside its text. */
export type EntryState = Pick<PolicyEntry, 'origin' | 'enabled' | 'mode'> &
  Partial<Pick<PolicyEntry, 'revision' | 'stale'>>;

/** A policy that is new, or was read again. */
export function entryOf(policy: Policy, text: string, state: EntryState): PolicyEntry {
  const inMode = state.mode === undefined ? policy : { ...policy, mode: state.mode };
  return { ...bareEntry(policy, text, state), textMode: policy.mode, policy: inMode, refusal: undefined };
}

/** A text that is no policy, for this version of the agent. */
export function unreadableEntry(
  named: PolicyName & { readonly source: string },
  text: string,
  state: EntryState & { readonly refusal: readonly Diagnostic[] },
): PolicyEntry {
  return { ...bareEntry(named, text, state), textMode: 'enforce', policy: undefined, refusal: state.refusal };
}

function bareEntry(
  { name, namespace, source }: PolicyName & { readonly source: string },
  text: string,
  { origin, enabled, mode, revision, stale = false }: EntryState,
): Omit<PolicyEntry, 'policy' | 'refusal' | 'textMode'> {
  return {
    ...{ name, namespace, source, text, origin, enabled, mode, revision, stale },
    ...{ refusedVersion: undefined, placement: 'here' },
  };
}

/** What the store has, read again by this version: it may say less, or otherwise, than the one that took it. */
export function restore(stored: StoredPolicy, text: string): PolicyEntry {
  const state = { ...stored, stale: stored.origin === 'kubernetes' };
  const parsed = parsePolicies(text, stored.source);
  const policy = parsed.policies.find((each) => keyOf(each) === keyOf(stored));
  if (policy !== undefined) return entryOf(policy, text, state);
  return unreadableEntry(stored, text, { ...state, refusal: parsed.diagnostics });
}

/**
 * What the store keeps of it; undefined when the file of the agent's own says it all, or what is elsewhere is of no use
 * here: it comes again.
 */
export function storedForm(entry: PolicyEntry): StoredPolicy | undefined {
  const { name, namespace, source, origin, text, enabled, mode, revision, refusal } = entry;
  const kept = { name, namespace, source, origin, enabled, mode, revision };
  switch (origin) {
    case 'control':
      return { ...kept, text };
    case 'kubernetes':
      return refusal === undefined ? { ...kept, text } : undefined;
    case 'file':
      return enabled && mode === undefined ? undefined : { ...kept, text: undefined };
    default:
      return assertNever(origin);
  }
}

export function isWanted(entry: PolicyEntry): boolean {
  const { enabled, policy, refusal } = entry;
  return enabled && policy !== undefined && refusal === undefined && isOfThisNode(entry);
}

export function isOfThisNode({ placement }: Pick<PolicyEntry, 'placement'>): boolean {
  return placement === 'here' || placement === 'watch';
}

export function wantedOf(entries: Entries): readonly Policy[] {
  return [...entries.values()].filter(isWanted).flatMap(({ policy }) => policy ?? []);
}

/** What becomes of an entry that is refused: the one before it goes on where there is one, and says so. */
export function withdrawn(
  entry: PolicyEntry,
  before: PolicyEntry | undefined,
  diagnostics: readonly Diagnostic[],
): PolicyEntry {
  if (before === undefined || !isWanted(before)) return { ...entry, refusal: diagnostics };
  const { revision = '' } = entry;
  return { ...before, stale: entry.stale, refusedVersion: { revision, diagnostics } };
}

export function statusOf(
  entry: PolicyEntry,
  { reports, skipped, costs, counts, memoryBytes, demoted }: Measured,
): PolicyStatus {
  const { name, namespace, source, origin, policy, refusal = [], revision, stale, refusedVersion, placement } = entry;
  const isLoaded = isWanted(entry);
  return {
    ...{ name, namespace, source, origin },
    state: isLoaded ? 'loaded' : stateOf(entry),
    mode: isLoaded && demoted ? 'monitor' : (policy?.mode ?? entry.mode ?? 'enforce'),
    demoted: isLoaded && demoted,
    ...(placement === 'here' || (placement === 'watch' && !isHeldBack(entry)) ? {} : { placement }),
    hooks: isLoaded ? reports.map((report) => hookStatus(report, { skipped, costs })) : [],
    counts: isLoaded && counts !== undefined ? inNumbers(counts) : undefined,
    memoryBytes: isLoaded ? memoryBytes : undefined,
    diagnostics: refusal,
    ...(revision === undefined ? {} : { revision }),
    ...(stale ? { stale } : {}),
    ...(refusedVersion === undefined ? {} : { refusedVersion }),
  };
}

/** It would enforce here, were the node a canary, and nobody has said otherwise by hand. */
function isHeldBack({ textMode, mode }: PolicyEntry): boolean {
  return textMode === 'enforce' && mode === undefined;
}

/** Of what is not loaded. */
function stateOf({ enabled, refusal }: PolicyEntry): PolicyState {
  if (!enabled) return 'disabled';
  return refusal === undefined ? 'skipped' : 'refused';
}

function hookStatus(report: HookReport, { skipped, costs }: Pick<Measured, 'skipped' | 'costs'>): HookStatus {
  const { hook, points, effect, racy, mayBeSkipped, cost } = report;
  const attached = points.map(sectionOf);
  const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);
  const own = attached.flatMap((section) => costs.get(section) ?? []);
  const numbers = {
    instructions: sum(own.map(({ instructions }) => instructions)),
    runs: sum(own.map(({ runs }) => Number(runs))),
    runNs: sum(own.map(({ runNs }) => Number(runNs))),
    skipped: sum(attached.map((section) => Number(skipped.get(section) ?? 0n))),
  };
  return {
    ...{ kind: hook.kind, name: hook.name.value, attached, effect, racy, mayBeSkipped, cost },
    ...Object.fromEntries(Object.entries(numbers).filter(([, number]) => number > 0)),
  };
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
