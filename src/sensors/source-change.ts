/** What a change of a source asks for, beside what is there; each policy of it by itself. */
import { type Diagnostic, diagnostic, hasErrors } from '#diagnostics';
import { parsePolicies } from '#policy';
import {
  type Entries,
  entryOf,
  type HookStatus,
  isOfThisNode,
  isWanted,
  keyOf,
  type PolicyEntry,
  titleOf,
  unreadableEntry,
  withdrawn,
} from './policy-entry.ts';
import type { PolicyOutcome, PolicyPut, SourceChange, SourceOrigin } from './policy-source.ts';

export type Wanted = {
  readonly next: Entries;
  /** Of what is not in `next`, as another has the name or there is no room. */
  readonly refused: ReadonlyMap<PolicyPut, readonly Diagnostic[]>;
};

export function wantedBy(change: SourceChange, entries: Entries, policyMax: number): Wanted {
  const next = new Map(entries);
  for (const policy of change.remove) {
    if (next.get(keyOf(policy))?.origin === change.origin) next.delete(keyOf(policy));
  }
  const refused = new Map<PolicyPut, readonly Diagnostic[]>();
  for (const put of change.put) {
    const before = next.get(keyOf(put));
    if (before !== undefined && before.origin !== change.origin) refused.set(put, [taken(put, before)]);
    else if (before === undefined && next.size >= policyMax) {
      refused.set(put, [diagnostic('RF2504', undefined, { limit: policyMax })]);
    } else next.set(keyOf(put), entryOfPut(put, change.origin, before));
  }
  return { next, refused };
}

/** Those of `origin` that their source does not have are gone; the others are as it has them. */
export function asSynced(entries: Entries, origin: SourceOrigin, keys: ReadonlySet<string>): Entries {
  const there = [...entries].filter(([key, entry]) => entry.origin !== origin || keys.has(key));
  return new Map(there.map(([key, entry]) => [key, entry.origin === origin ? { ...entry, stale: false } : entry]));
}

export function asStale(entries: Entries, origin: SourceOrigin): Entries {
  return new Map(
    [...entries].map(([key, entry]) => [key, entry.origin === origin ? { ...entry, stale: true } : entry]),
  );
}

export type Told = {
  readonly put: PolicyPut;
  /** What there is of it now. */
  readonly entry: PolicyEntry | undefined;
  readonly hooks: readonly HookStatus[];
  /** Why nothing has changed; undefined when the entry says what became of it. */
  readonly reasons: readonly Diagnostic[] | undefined;
  /** Of the change as a whole; those of this policy are looked for, and those of none. */
  readonly warnings: readonly Diagnostic[];
};

export function outcomeOf({ put, entry, hooks, reasons, warnings }: Told): PolicyOutcome {
  const { name, namespace, revision } = put;
  const common = { key: keyOf(put), name, namespace, revision, hooks };
  const refusal = reasons ?? entry?.refusedVersion?.diagnostics ?? entry?.refusal;
  if (refusal !== undefined || entry === undefined) {
    const formerEnforces = entry !== undefined && isWanted(entry);
    return { ...common, kind: 'refused', diagnostics: refusal ?? [], formerEnforces };
  }
  const own = warnings.filter(
    ({ severity, span }) => severity === 'warning' && (span === undefined || span.file === entry.source),
  );
  const kind = !entry.enabled ? 'disabled' : isOfThisNode(entry) ? 'loaded' : 'skipped';
  return { ...common, kind, diagnostics: own, formerEnforces: false };
}

/** The same text is the same policy, and is not loaded anew; one that was refused is tried again. */
function entryOfPut(put: PolicyPut, origin: SourceOrigin, before: PolicyEntry | undefined): PolicyEntry {
  const { text, source, revision } = put;
  if (before?.text === text && before.source === source && before.refusal === undefined) {
    return { ...before, revision, stale: false, refusedVersion: undefined };
  }
  const state = { origin, enabled: before?.enabled ?? true, mode: before?.mode, revision };
  const { policies, diagnostics } = parsePolicies(text, source);
  const [policy] = policies;
  const isOne = policies.length === 1 && policy !== undefined && keyOf(policy) === keyOf(put);
  if (isOne && !hasErrors(diagnostics)) return entryOf(policy, text, state);
  const other = diagnostic('RF2506', policy?.span, { source, name: titleOf(put) });
  const refusal = hasErrors(diagnostics) ? diagnostics : [other];
  return withdrawn(unreadableEntry(put, text, { ...state, refusal }), before, refusal);
}

function taken(put: PolicyPut, { source, origin }: PolicyEntry): Diagnostic {
  const instead =
    origin === 'file'
      ? 'take it out of that file on the node, or give this policy another name'
      : '`ringfence policy delete` on the node makes room for this one; or give it another name';
  return diagnostic('RF2501', undefined, { name: titleOf(put), source, instead });
}
