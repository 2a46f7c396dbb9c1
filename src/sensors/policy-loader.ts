/** The registry's hand in the kernel: a set of policies is loaded as a whole, or as far as it goes. */
import { type HookReport, strictly } from '#compiler';
import { type Diagnostic, hasErrors } from '#diagnostics';
import type { Policy, PolicyMode } from '#policy';
import { fit } from './fit.ts';
import type { ProgramCost } from './loaded-image.ts';
import {
  type Entries,
  type HookStatus,
  isWanted,
  keyOf,
  type PolicyEntry,
  type PolicyStatus,
  statusOf,
  wantedOf,
  withdrawn,
} from './policy-entry.ts';
import type { Counted, Installed, InstallOptions, PolicyName } from './policy-sensor.ts';
import type { Prepared } from './prepare.ts';
import { inPieces } from './steps.ts';

/** What the registry needs of the loaded set; PolicySensor has these. */
export type LoadedPolicies = {
  prepare(policies: readonly Policy[]): Prepared;
  installInPieces(prepared: Prepared, options?: InstallOptions): Promise<Installed>;
  /** Without loading anything anew. */
  setMode(policy: PolicyName, mode: PolicyMode): void;
  counts(): readonly Counted[];
  memory(): readonly (PolicyName & { readonly bytes: number })[];
  skippedBySection(): ReadonlyMap<string, bigint>;
  costBySection(): ReadonlyMap<string, ProgramCost>;
};

export type Attempt = { readonly kind: 'loaded' | 'refused'; readonly diagnostics: readonly Diagnostic[] };

/** `stuck`: not even what was there before goes any more, and nothing has changed. */
export type Loaded = {
  readonly kind: 'loaded' | 'stuck';
  readonly entries: Entries;
  /** Of all that was looked at, and of all that is loaded. */
  readonly diagnostics: readonly Diagnostic[];
  readonly installed: Installed;
};

export type LoaderOptions = {
  readonly loaded: LoadedPolicies;
  /** A policy that another thread can get around is refused. */
  readonly strict: boolean;
};

export class PolicyLoader {
  readonly #loaded: LoadedPolicies;
  readonly #strict: boolean;
  /** Undefined until something is: an earlier agent may have left others. */
  #installed: readonly Policy[] | undefined;
  #reports: ReadonlyMap<HookReport['hook'], HookReport> = new Map();

  /** Of what is loaded. */
  #warnings: readonly Diagnostic[] = [];

  constructor({ loaded, strict }: LoaderOptions) {
    this.#loaded = loaded;
    this.#strict = strict;
  }

  /** All that are wanted, and nothing else. When one is refused, what is loaded is what was before. */
  async load(next: Entries, before: Entries): Promise<Attempt & { readonly entries: Entries }> {
    const wanted = wantedOf(next);
    if (this.#isLoaded(wanted)) return { kind: 'loaded', diagnostics: [], entries: next };
    const prepared = this.#prepare(wanted);
    if (hasErrors(prepared.diagnostics)) return { kind: 'refused', diagnostics: prepared.diagnostics, entries: before };
    const installed = this.#keep(await this.#loaded.installInPieces(prepared, { whole: true }));
    const diagnostics = this.#severely(installed.diagnostics);
    const isWhole = this.#isLoaded(wanted);
    return { kind: isWhole ? 'loaded' : 'refused', diagnostics, entries: isWhole ? next : before };
  }

  /** What was there before, as far as it still goes; what is left out is marked as refused. */
  loadWhatGoes(entries: Entries): Promise<Loaded> {
    return this.loadWhatFits(entries, new Map());
  }

  /**
   * As much of what is new in `next` as goes. One that is refused leaves the policy that it should replace as it is, or
   * is marked as refused; `before` goes on in any case.
   */
  async loadWhatFits(next: Entries, before: Entries): Promise<Loaded> {
    if (this.#isLoaded(wantedOf(next))) return this.#unchanged('loaded', next, this.#warnings);
    const { entries, prepared, diagnostics } = await inPieces(fit(next, before, (policies) => this.#prepare(policies)));
    if (prepared === undefined) return this.#unchanged('stuck', entries, diagnostics);
    if (this.#isLoaded(wantedOf(entries))) return this.#unchanged('loaded', entries, diagnostics);
    const installed = this.#keep(await this.#loaded.installInPieces(prepared));
    const errors = installed.diagnostics.filter(({ severity }) => severity === 'error');
    const settled = [...entries].map(([key, entry]) => [key, this.#settled(entry, before.get(key), errors)] as const);
    const told = this.#severely(installed.diagnostics).filter((each) => !diagnostics.includes(each));
    return { kind: 'loaded', entries: new Map(settled), installed, diagnostics: [...diagnostics, ...told] };
  }

  /** Of a policy that is loaded: `next` is the same but for its mode. */
  setMode(before: Policy, next: Policy): void {
    this.#loaded.setMode(next, next.mode);
    this.#installed = this.#installed?.map((each) => (each === before ? next : each));
  }

  statusOf(entries: readonly PolicyEntry[]): readonly PolicyStatus[] {
    const counted = new Map(this.#loaded.counts().map((each) => [keyOf(each), each]));
    const memory = new Map(this.#loaded.memory().map((each) => [keyOf(each), each.bytes]));
    const skipped = this.#loaded.skippedBySection();
    const costs = this.#loaded.costBySection();
    return entries.map((entry) => {
      const key = keyOf(entry);
      const reports = this.#reportsOf(entry);
      const found = counted.get(key);
      const measured = { counts: found?.counts, demoted: found?.demoted === true, memoryBytes: memory.get(key) };
      return statusOf(entry, { reports, skipped, costs, ...measured });
    });
  }

  /** Of what is loaded by that name. */
  hooksOf(entry: PolicyEntry): readonly HookStatus[] {
    const nothing = { skipped: new Map(), costs: new Map(), counts: undefined, memoryBytes: undefined, demoted: false };
    return statusOf(entry, { reports: this.#reportsOf(entry), ...nothing }).hooks;
  }

  #reportsOf({ policy }: PolicyEntry): readonly HookReport[] {
    return (policy?.hooks ?? []).flatMap((hook) => this.#reports.get(hook) ?? []);
  }

  #prepare(policies: readonly Policy[]): Prepared {
    const prepared = this.#loaded.prepare(policies);
    return { ...prepared, diagnostics: this.#severely(prepared.diagnostics) };
  }

  #unchanged(kind: Loaded['kind'], entries: Entries, diagnostics: readonly Diagnostic[]): Loaded {
    const installed = { policies: this.#installed ?? [], reports: [...this.#reports.values()], diagnostics };
    return { kind, entries, installed, diagnostics };
  }

  #isLoaded(wanted: readonly Policy[]): boolean {
    if (this.#installed === undefined) return false;
    const installed = new Set(this.#installed);
    return wanted.length === installed.size && wanted.every((each) => installed.has(each));
  }

  #settled(entry: PolicyEntry, before: PolicyEntry | undefined, errors: readonly Diagnostic[]): PolicyEntry {
    const { policy, source } = entry;
    if (!isWanted(entry) || policy === undefined || this.#isInstalled(policy)) return entry;
    const own = errors.filter(({ span }) => span === undefined || span.file === source);
    const isFormer = before !== entry && before?.policy !== undefined && this.#isInstalled(before.policy);
    return withdrawn(entry, isFormer ? before : undefined, own.length > 0 ? own : errors);
  }

  #isInstalled(policy: Policy): boolean {
    return this.#installed?.includes(policy) === true;
  }

  #keep(installed: Installed): Installed {
    this.#installed = installed.policies;
    if (installed.reports.length > 0) {
      this.#reports = new Map(installed.reports.map((each) => [each.hook, each]));
      this.#warnings = installed.diagnostics.filter(({ severity }) => severity === 'warning');
    }
    return installed;
  }

  #severely(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
    return this.#strict ? strictly(diagnostics) : diagnostics;
  }
}
