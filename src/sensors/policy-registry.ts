/**
 * Which policies there should be, and which of them are loaded: one change at a time, each as a whole or not at all.
 * A change has its room on the disk before it is in the kernel, and its name there after: what was acknowledged is kept.
 */
import { bound } from '#abi';
import { type Diagnostic, diagnostic, EnvironmentError, hasErrors } from '#diagnostics';
import { type Policy, type PolicyFile, type PolicyMode, parsePolicies } from '#policy';
import { entryOf, isWanted, keyOf, type PolicyEntry, type PolicyStatus, storedForm, titleOf } from './policy-entry.ts';
import { type Attempt, type Entries, type LoaderOptions, PolicyLoader } from './policy-loader.ts';
import type { PolicyName } from './policy-sensor.ts';
import { type Started, startingEntries } from './policy-start.ts';
import type { PolicyKeeper, StagedChange, StoreChange } from './policy-store.ts';
import { textsOf } from './policy-text.ts';

export type RegistryOptions = LoaderOptions & {
  readonly store: PolicyKeeper;
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

export type Change = {
  readonly kind: 'done' | 'refused';
  /** What was changed, as it is now. */
  readonly policies: readonly PolicyStatus[];
  readonly diagnostics: readonly Diagnostic[];
};

/** Changes that wait for others. */
const PENDING_MAX = 64;

export class PolicyRegistry {
  readonly #store: PolicyKeeper;
  readonly #policyMax: number;
  readonly #loader: PolicyLoader;
  #entries: Entries = new Map();
  #last: Promise<unknown> = Promise.resolve();
  #pending = 0;

  constructor(options: RegistryOptions) {
    this.#store = options.store;
    this.#policyMax = options.policyMax ?? bound.policyMax;
    this.#loader = new PolicyLoader(options);
  }

  /** Loads the files, which must be free of errors, and with them what the store has, of which each may be refused. */
  start(files: readonly PolicyFile[]): Promise<Started> {
    return this.#inTurn(async () => {
      const { policies, problems } = await this.#store.read();
      const start = startingEntries(files, {
        stored: policies,
        diagnosticsOf: (some) => this.#loader.diagnosticsOf(some),
        policyMax: this.#policyMax,
      });
      if (start.kind === 'refused') return { policies: [], reports: [], diagnostics: start.diagnostics, problems };
      const { entries, installed } = this.#loader.loadWhatGoes(start.entries);
      this.#entries = entries;
      const diagnostics = [...start.diagnostics, ...installed.diagnostics];
      return { ...installed, diagnostics, problems: [...problems, ...start.problems] };
    });
  }

  /** One file, which may hold several policies: all of them, or none. */
  add({ text, source, replace = false, mode }: AddedText): Promise<Change> {
    return this.#inTurn(async () => {
      const { policies, diagnostics } = parsePolicies(text, source);
      const found = [...diagnostics, ...policies.flatMap((policy) => this.#obstacle(policy, replace))];
      const texts = textsOf(text, policies);
      const added = policies.map((policy, index) => {
        const before = this.#entries.get(keyOf(policy));
        const state = { enabled: before?.enabled ?? true, mode: mode ?? before?.mode };
        return entryOf(policy, texts[index] ?? text, 'control', state);
      });
      const next = new Map([...this.#entries, ...added.map((entry) => [keyOf(entry), entry] as const)]);
      if (next.size > this.#policyMax) found.push(diagnostic('RF2504', undefined, { limit: this.#policyMax }));
      if (hasErrors(found)) return refusedBy(found);
      return this.#change(next, { changed: added, warnings: found });
    });
  }

  remove(policy: PolicyName): Promise<Change> {
    return this.#withEntry(policy, (entry) => {
      const { source, origin } = entry;
      if (origin === 'file') return refusedBy([diagnostic('RF2502', undefined, { name: titleOf(policy), source })]);
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
      const staged = await this.#store.stage(storeChange({ changed: [next] }));
      if (isWanted(entry)) await undone(staged, () => this.#loader.setMode(before, after));
      await staged.commit().catch((error: unknown) => {
        if (isWanted(entry)) this.#loader.setMode(after, before);
        throw error;
      });
      this.#entries = new Map(this.#entries).set(keyOf(next), next);
      return this.#done([next], []);
    });
  }

  list(): readonly PolicyStatus[] {
    return this.#loader.statusOf([...this.#entries.values()]);
  }

  /** As they were given, with their comments. */
  texts(): readonly (PolicyName & { readonly source: string; readonly text: string })[] {
    return [...this.#entries.values()].map(({ name, namespace, source, text }) => ({ name, namespace, source, text }));
  }

  // ---- one change at a time ----

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#pending >= PENDING_MAX) {
      const reason = `${PENDING_MAX} changes of policies wait already`;
      return Promise.reject(new EnvironmentError('RF3508', { reason }));
    }
    this.#pending += 1;
    const result = this.#last.then(work).finally(() => {
      this.#pending -= 1;
    });
    this.#last = result.catch(() => undefined);
    return result;
  }

  #withEntry(policy: PolicyName, change: (entry: PolicyEntry) => Promise<Change> | Change): Promise<Change> {
    return this.#inTurn(async () => {
      const entry = this.#entries.get(keyOf(policy));
      return entry === undefined ? refusedBy([this.#unknown(policy)]) : await change(entry);
    });
  }

  #changeOne(entry: PolicyEntry): Promise<Change> {
    return this.#change(new Map(this.#entries).set(keyOf(entry), entry), { changed: [entry] });
  }

  /** Disk, kernel, disk: what the kernel refuses was never kept, and what can not be kept was never loaded. */
  async #change(next: Entries, about: About): Promise<Change> {
    const { changed = [], warnings = [] } = about;
    const before = this.#entries;
    const staged = await this.#store.stage(storeChange(about));
    const attempt = await undone(staged, () => this.#load(next));
    const told = [...warnings, ...attempt.diagnostics.filter((each) => isAbout(each, changed))];
    if (attempt.kind === 'refused') {
      await staged.discard();
      return refusedBy(told);
    }
    await staged.commit().catch((error: unknown) => {
      this.#entries = this.#loader.loadWhatGoes(before).entries;
      throw error;
    });
    return this.#done(changed, told);
  }

  #load(next: Entries): Attempt {
    const attempt = this.#loader.load(next, this.#entries);
    this.#entries = attempt.entries;
    return attempt;
  }

  // ---- what is said ----

  #obstacle(policy: Policy, replace: boolean): readonly Diagnostic[] {
    const before = this.#entries.get(keyOf(policy));
    if (before === undefined || (replace && before.origin === 'control')) return [];
    const instead =
      before.origin === 'file'
        ? 'change that file and start the agent again, or give the policy another name'
        : '`ringfence policy add --replace` puts this one in its place; or give it another name';
    return [diagnostic('RF2501', policy.span, { name: titleOf(policy), source: before.source, instead })];
  }

  #unknown(policy: PolicyName): Diagnostic {
    const namesakes = [...this.#entries.values()].filter(({ name }) => name === policy.name).map(titleOf);
    const similar = namesakes.length > 0 ? `it has ${namesakes.join(', ')}` : '`ringfence policy list` shows them all';
    return diagnostic('RF2503', undefined, { name: titleOf(policy), similar });
  }

  #done(changed: readonly PolicyEntry[], diagnostics: readonly Diagnostic[]): Change {
    return { kind: 'done', policies: this.#loader.statusOf(changed), diagnostics };
  }
}

type About = {
  readonly changed?: readonly PolicyEntry[];
  readonly removed?: readonly PolicyEntry[];
  readonly warnings?: readonly Diagnostic[];
};

function refusedBy(diagnostics: readonly Diagnostic[]): Change {
  return { kind: 'refused', policies: [], diagnostics };
}

/** Lets go of what is staged when the kernel can not be asked at all. */
async function undone<Result>(staged: StagedChange, work: () => Result): Promise<Result> {
  try {
    return work();
  } catch (error) {
    await staged.discard();
    throw error;
  }
}

/** Each change compiles all policies: the warnings of the others were told when they came. */
function isAbout({ severity, span }: Diagnostic, changed: readonly PolicyEntry[]): boolean {
  return severity === 'error' || changed.some(({ source }) => span?.file === source);
}

function storeChange({ changed = [], removed = [] }: About): StoreChange {
  const forms = changed.map((entry) => ({ entry, stored: storedForm(entry) }));
  const unkept = forms.filter(({ stored }) => stored === undefined).map(({ entry }) => entry);
  return { put: forms.flatMap(({ stored }) => stored ?? []), remove: [...removed, ...unkept] };
}
