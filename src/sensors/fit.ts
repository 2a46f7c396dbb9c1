/** Which of the new policies compile beside those that are there; the others are left out, each by itself. */
import { type Diagnostic, hasErrors } from '#diagnostics';
import type { Policy } from '#policy';
import { type Entries, isWanted, keyOf, type PolicyEntry, wantedOf, withdrawn } from './policy-entry.ts';
import type { Prepared } from './prepare.ts';
import { refusedAmong } from './refusal.ts';
import type { Steps } from './steps.ts';

export type Fit = {
  /** Without what does not go: the version before it, or marked as refused. */
  readonly entries: Entries;
  /** Undefined when not even those that were there before go. */
  readonly prepared: Prepared | undefined;
  /** Of what was left out too. */
  readonly diagnostics: readonly Diagnostic[];
};

type Prepare = (policies: readonly Policy[]) => Prepared;

type LeftOut = { readonly entry: PolicyEntry; readonly diagnostics: readonly Diagnostic[] };

/**
 * Takes one compilation when all go, and one more for each time that the compiler names culprits. It looks for them by
 * trial only where it names none, such as for what is refused by `--strict`.
 */
export function* fit(next: Entries, before: Entries, prepare: Prepare): Steps<Fit> {
  let entries = next;
  const refusals: Diagnostic[] = [];
  for (;;) {
    const prepared = prepare(wantedOf(entries));
    if (!hasErrors(prepared.diagnostics)) {
      return { entries, prepared, diagnostics: [...refusals, ...prepared.diagnostics] };
    }
    const fresh = [...entries.values()].filter((entry) => isWanted(entry) && !wasWanted(entry, before));
    const rest = without(entries, before, fresh.map(refusedWith(errorsOf(prepared))));
    let out = named(fresh, prepared);
    if (out.length === 0) {
      const alone = prepare(wantedOf(rest));
      if (hasErrors(alone.diagnostics)) return { entries: rest, prepared: undefined, diagnostics: alone.diagnostics };
      out = yield* tried(wantedOf(rest), fresh, prepare);
    }
    refusals.push(...out.flatMap(({ diagnostics }) => diagnostics));
    entries = without(entries, before, out);
    yield;
  }
}

function wasWanted({ policy, ...named }: PolicyEntry, before: Entries): boolean {
  const former = before.get(keyOf(named));
  return former !== undefined && former.policy === policy && isWanted(former);
}

function named(fresh: readonly PolicyEntry[], { owners, result, diagnostics }: Prepared): readonly LeftOut[] {
  const slots = new Set(result.refused);
  const policies = new Set(owners.filter(({ slot }) => slots.has(slot)).map(({ policy }) => policy));
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  return fresh
    .filter(({ policy }) => policy !== undefined && policies.has(policy))
    .map((entry) => ({ entry, diagnostics: errors.filter(({ span }) => span?.file === entry.source) }));
}

/** Those that come first are kept. */
function* tried(kept: readonly Policy[], fresh: readonly PolicyEntry[], prepare: Prepare): Steps<readonly LeftOut[]> {
  const refused = yield* refusedAmong(fresh, (some) => {
    const errors = errorsOf(prepare([...kept, ...some.flatMap(({ policy }) => policy ?? [])]));
    return errors.length === 0 ? undefined : errors;
  });
  return refused.map(({ member, reason }) => ({ entry: member, diagnostics: reason }));
}

function without(entries: Entries, before: Entries, out: readonly LeftOut[]): Entries {
  const remaining = new Map(entries);
  for (const { entry, diagnostics } of out) {
    const key = keyOf(entry);
    remaining.set(key, withdrawn(entry, before.get(key), diagnostics));
  }
  return remaining;
}

function refusedWith(diagnostics: readonly Diagnostic[]) {
  return (entry: PolicyEntry): LeftOut => ({ entry, diagnostics });
}

function errorsOf({ diagnostics }: Prepared): readonly Diagnostic[] {
  return diagnostics.filter(({ severity }) => severity === 'error');
}
