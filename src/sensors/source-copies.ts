/** Copies of what sources elsewhere say, for a start without them: the disk may be in the way, the change is not. */
import { type Diagnostic, diagnostic, EnvironmentError } from '#diagnostics';
import { type Entries, keyOf, type PolicyEntry, storedForm } from './policy-entry.ts';
import type { PolicyKeeper, PolicyName, StoreChange } from './policy-store.ts';

export class SourceCopies {
  readonly #store: PolicyKeeper;
  /** Something is missing on the disk, or is there still: all of it is looked at next time. */
  #isWhole = true;

  constructor(store: PolicyKeeper) {
    this.#store = store;
  }

  /** After a change from `before` to `now`. What the disk refuses is told, and tried again with the next change. */
  async keep(before: Entries, now: Entries): Promise<readonly Diagnostic[]> {
    try {
      const change = this.#isWhole ? difference(before, now) : await this.#everything(now);
      if (change.put.length + change.remove.length === 0) return [];
      this.#isWhole = false;
      await (await this.#store.stage(change)).commit();
      this.#isWhole = true;
      return [];
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      const reason = error.cause instanceof Error ? error.cause.message : error.message;
      return [diagnostic('RF2507', undefined, { reason })];
    }
  }

  async #everything(now: Entries): Promise<StoreChange> {
    const { policies } = await this.#store.read();
    const kept = policies.filter(({ origin }) => origin === 'kubernetes');
    return storeChange(
      copiesIn(now),
      kept.filter((policy) => !now.has(keyOf(policy))),
    );
  }
}

function difference(before: Entries, now: Entries): StoreChange {
  const changed = copiesIn(now).filter((entry) => !isSameCopy(before.get(keyOf(entry)), entry));
  return storeChange(
    changed,
    copiesIn(before).filter((entry) => !now.has(keyOf(entry))),
  );
}

function copiesIn(entries: Entries): readonly PolicyEntry[] {
  return [...entries.values()].filter(({ origin }) => origin === 'kubernetes');
}

/** A revision alone is not worth a write: the source says it again. */
function isSameCopy(before: PolicyEntry | undefined, { text, source, enabled, mode, refusal }: PolicyEntry): boolean {
  return (
    before?.text === text &&
    before.source === source &&
    before.enabled === enabled &&
    before.mode === mode &&
    (before.refusal === undefined) === (refusal === undefined)
  );
}

/** What has no form to be kept in is removed. */
export function storeChange(changed: readonly PolicyEntry[], removed: readonly PolicyName[]): StoreChange {
  const forms = changed.map((entry) => ({ entry, stored: storedForm(entry) }));
  const unkept = forms.filter(({ stored }) => stored === undefined).map(({ entry }) => entry);
  return { put: forms.flatMap(({ stored }) => stored ?? []), remove: [...removed, ...unkept] };
}
