/**
 * Which policies there should be, and which of them are loaded: one change at a time, each as a whole or not at all.
 * A change has its room on the disk before it is in the kernel, and its name there after: what was acknowledged is kept.
 */
import { bound } from '#abi';
import { type Diagnostic, diagnostic, hasErrors } from '#diagnostics';
import {
  type NodeFacts,
  type ParseResult,
  type Policy,
  type PolicyFile,
  type PolicyMode,
  parsePolicies,
  parsePolicyFiles,
} from '#policy';
import { allPlaced, placed } from './placed.ts';
import { type Change, isAbout, obstacleTo, permanence, refusedBy, unknownPolicy } from './policy-change.ts';
import { type Entries, entryOf, isWanted, keyOf, type PolicyEntry, type PolicyStatus } from './policy-entry.ts';
import { type Attempt, type LoaderOptions, PolicyLoader } from './policy-loader.ts';
import type { Installed, PolicyName } from './policy-sensor.ts';
import type { PolicyOutcome, SourceChange, SourceOrigin } from './policy-source.ts';
import { type Started, startingEntries } from './policy-start.ts';
import type { PolicyKeeper, StagedChange } from './policy-store.ts';
import { textsOf } from './policy-text.ts';
import { asStale, asSynced, outcomeOf, wantedBy } from './source-change.ts';
import { SourceCopies, storeChange } from './source-copies.ts';
import { Turns } from './turns.ts';

export type RegistryOptions = LoaderOptions & {
  readonly store: PolicyKeeper;
  /** This node, as far as it is known at first; unless said, one without labels. */
  readonly node?: NodeFacts;
  /** Policies that are kept, loaded or not. */
  readonly policyMax?: number;
};

export type AddedText = {
  readonly text: string;
  /** The file that it is, for diagnostics. */
  readonly source: string;
  /** Takes the place of what has the same name. It is as that one was: enabled or not, in the mode that was asked for. */
  readonly replace?: boolean;
  readonly mode?: PolicyMode | undefined;
};

export class PolicyRegistry {
  readonly #store: PolicyKeeper;
  readonly #policyMax: number;
  readonly #loader: PolicyLoader;
  readonly #copies: SourceCopies;
  #entries: Entries = new Map();
  #node: NodeFacts;
  readonly #turns = new Turns();

  constructor(options: RegistryOptions) {
    this.#store = options.store;
    this.#node = options.node ?? { name: '', labels: {} };
    this.#policyMax = options.policyMax ?? bound.policyMax;
    this.#loader = new PolicyLoader(options);
    this.#copies = new SourceCopies(options.store);
  }

  /**
   * Loads the files, which must be free of errors, and with them what the store has, of which each may be refused.
   * `parsed` is what the files hold, for who has looked at them already.
   */
  start(files: readonly PolicyFile[], parsed: ParseResult = parsePolicyFiles(files)): Promise<Started> {
    return this.#turns.take(async () => {
      const { policies, problems } = await this.#store.read();
      const start = startingEntries(files, parsed, { stored: policies, policyMax: this.#policyMax });
      if (start.kind === 'refused') return { ...NOTHING, diagnostics: start.diagnostics, problems };
      const entries = allPlaced(start.entries, this.#node);
      const fromFiles = new Map([...entries].filter(([key]) => start.fromFiles.has(key)));
      const loaded = await this.#loader.loadWhatFits(entries, fromFiles);
      const diagnostics = [...start.diagnostics, ...loaded.diagnostics];
      if (loaded.kind === 'stuck') return { ...NOTHING, diagnostics, problems };
      this.#entries = loaded.entries;
      return { ...loaded.installed, diagnostics, problems: [...problems, ...start.problems] };
    });
  }

  /**
   * What a source says, in one change: one that is refused leaves the others alone, and the version before it as it is.
   * What is kept of them on the disk is a copy: without room for it the change is made all the same.
   */
  apply(change: SourceChange): Promise<readonly PolicyOutcome[]> {
    return this.#turns.take(async () => {
      const before = this.#entries;
      const { next, refused } = wantedBy(change, before, this.#policyMax);
      const loaded = await this.#loader.loadWhatFits(allPlaced(next, this.#node), before);
      this.#entries = loaded.kind === 'stuck' ? before : loaded.entries;
      const unkept = await this.#copies.keep(before, this.#entries);
      return change.put.map((put) => {
        const entry = refused.has(put) ? undefined : this.#entries.get(keyOf(put));
        const hooks = entry === undefined ? [] : this.#loader.hooksOf(entry);
        const reasons = refused.get(put) ?? (loaded.kind === 'stuck' ? loaded.diagnostics : undefined);
        return outcomeOf({ put, entry, hooks, reasons, warnings: [...loaded.diagnostics, ...unkept] });
      });
    });
  }

  /** The source has said all that it has, by keyOf: what it does not have any more is removed. */
  synced(origin: SourceOrigin, keys: ReadonlySet<string>): Promise<void> {
    return this.#turns.take(async () => {
      const before = this.#entries;
      const loaded = await this.#loader.loadWhatFits(asSynced(before, origin, keys), before);
      if (loaded.kind === 'loaded') this.#entries = loaded.entries;
      await this.#copies.keep(before, this.#entries);
    });
  }

  /** The source is away: what it said last goes on, and is stale until it has synced again. */
  lost(origin: SourceOrigin): Promise<void> {
    return this.#turns.take(async () => {
      this.#entries = asStale(this.#entries, origin);
    });
  }

  /** The node has other labels: what is loaded changes its mode at once, and what is for it now, or not any more, follows. */
  setNode(node: NodeFacts): Promise<void> {
    return this.#turns.take(async () => {
      this.#node = node;
      const next = allPlaced(this.#entries, node);
      const inMode = new Map(this.#entries);
      for (const [key, entry] of next) {
        const before = this.#entries.get(key);
        if (before?.policy === undefined || entry.policy === undefined) continue;
        if (before.policy === entry.policy || !isWanted(before) || !isWanted(entry)) continue;
        this.#loader.setMode(before.policy, entry.policy);
        inMode.set(key, entry);
      }
      this.#entries = inMode;
      const loaded = await this.#loader.loadWhatFits(next, inMode);
      if (loaded.kind === 'loaded') this.#entries = loaded.entries;
    });
  }

  /** One file, which may hold several policies: all of them, or none. */
  add({ text, source, replace = false, mode }: AddedText): Promise<Change> {
    return this.#turns.take(async () => {
      const { policies, diagnostics } = parsePolicies(text, source);
      const found = [...diagnostics, ...policies.flatMap((policy) => obstacleTo(policy, this.#entries, replace))];
      const texts = textsOf(text, policies);
      const added = policies.map((policy, index) => {
        const before = this.#entries.get(keyOf(policy));
        const state = { origin: 'control', enabled: before?.enabled ?? true, mode: mode ?? before?.mode } as const;
        return placed(entryOf(policy, texts[index] ?? text, state), this.#node);
      });
      const next = new Map([...this.#entries, ...added.map((entry) => [keyOf(entry), entry] as const)]);
      if (next.size > this.#policyMax) found.push(diagnostic('RF2504', undefined, { limit: this.#policyMax }));
      if (hasErrors(found)) return refusedBy(found);
      return this.#change(next, { changed: added, warnings: found });
    });
  }

  remove(policy: PolicyName): Promise<Change> {
    return this.#withEntry(policy, (entry) => {
      const kept = permanence(entry);
      if (kept !== undefined) return refusedBy([kept]);
      const next = new Map(this.#entries);
      next.delete(keyOf(entry));
      return this.#change(next, { removed: [entry] });
    });
  }

  /** One that was refused is tried again. */
  enable(policy: PolicyName): Promise<Change> {
    return this.#withEntry(policy, (entry) => {
      if (entry.policy === undefined) return refusedBy(entry.refusal ?? []);
      return this.#changeOne({ ...entry, enabled: true, refusal: undefined });
    });
  }

  /** Out of the kernel; it stays on the list. */
  disable(policy: PolicyName): Promise<Change> {
    return this.#withEntry(policy, (entry) => this.#changeOne({ ...entry, enabled: false }));
  }

  /** Takes effect at once, and loads nothing. */
  setMode(policy: PolicyName, mode: PolicyMode): Promise<Change> {
    return this.#withEntry(policy, async (entry) => {
      const before = entry.policy;
      if (before === undefined) return refusedBy(entry.refusal ?? []);
      const after: Policy = { ...before, mode };
      const next: PolicyEntry = { ...entry, mode, policy: after };
      const staged = await this.#store.stage(storeChange([next], []));
      if (isWanted(entry)) await undone(staged, () => this.#loader.setMode(before, after));
      await staged.commit().catch((error: unknown) => {
        if (isWanted(entry)) this.#loader.setMode(after, before);
        throw error;
      });
      this.#entries = new Map(this.#entries).set(keyOf(next), next);
      return this.#done([next], []);
    });
  }

  /** What was asked for before is done. */
  settled(): Promise<void> {
    return this.#turns.settled();
  }

  list(): readonly PolicyStatus[] {
    return this.#loader.statusOf([...this.#entries.values()]);
  }

  /** As they were given, with their comments. */
  texts(): readonly (PolicyName & { readonly source: string; readonly text: string })[] {
    return [...this.#entries.values()].map(({ name, namespace, source, text }) => ({ name, namespace, source, text }));
  }

  // ---- one change at a time ----

  #withEntry(policy: PolicyName, change: (entry: PolicyEntry) => Promise<Change> | Change): Promise<Change> {
    return this.#turns.take(async () => {
      const entry = this.#entries.get(keyOf(policy));
      return entry === undefined ? refusedBy([unknownPolicy(policy, this.#entries)]) : await change(entry);
    });
  }

  #changeOne(entry: PolicyEntry): Promise<Change> {
    return this.#change(new Map(this.#entries).set(keyOf(entry), entry), { changed: [entry] });
  }

  /** Disk, kernel, disk: what the kernel refuses was never kept, and what can not be kept was never loaded. */
  async #change(next: Entries, about: About): Promise<Change> {
    const { changed = [], removed = [], warnings = [] } = about;
    const before = this.#entries;
    const staged = await this.#store.stage(storeChange(changed, removed));
    const attempt = await undone(staged, () => this.#load(next));
    const told = [...warnings, ...attempt.diagnostics.filter((each) => isAbout(each, changed))];
    if (attempt.kind === 'refused') {
      await staged.discard();
      return refusedBy(told);
    }
    await staged.commit().catch(async (error: unknown) => {
      this.#entries = (await this.#loader.loadWhatGoes(before)).entries;
      throw error;
    });
    return this.#done(changed, told);
  }

  async #load(next: Entries): Promise<Attempt> {
    const attempt = await this.#loader.load(next, this.#entries);
    this.#entries = attempt.entries;
    return attempt;
  }

  #done(changed: readonly PolicyEntry[], diagnostics: readonly Diagnostic[]): Change {
    return { kind: 'done', policies: this.#loader.statusOf(changed), diagnostics };
  }
}

const NOTHING: Installed = { policies: [], reports: [], diagnostics: [] };

type About = {
  readonly changed?: readonly PolicyEntry[];
  readonly removed?: readonly PolicyEntry[];
  readonly warnings?: readonly Diagnostic[];
};

/** Lets go of what is staged when the kernel can not be asked at all. */
async function undone<Result>(staged: StagedChange, work: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    await staged.discard();
    throw error;
  }
}
