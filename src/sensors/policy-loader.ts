/** The registry's hand in the kernel: a set of policies is loaded as a whole, or as far as it goes. */
import { type HookReport, strictly } from '#compiler';
import { type Diagnostic, hasErrors } from '#diagnostics';
import type { Policy, PolicyMode } from '#policy';
import { isWanted, keyOf, type PolicyEntry, type PolicyStatus, statusOf } from './policy-entry.ts';
import type { Counted, Installed, PolicyName } from './policy-sensor.ts';
import type { Prepared } from './prepare.ts';

/** What the registry needs of the loaded set; PolicySensor has these. */
export type LoadedPolicies = {
  prepare(policies: readonly Policy[]): Prepared;
  install(prepared: Prepared): Installed;
  /** Without loading anything anew. */
  setMode(policy: PolicyName, mode: PolicyMode): void;
  counts(): readonly Counted[];
  memory(): readonly (PolicyName & { readonly bytes: number })[];
};

/** By identity, in the order in which they were given. */
export type Entries = ReadonlyMap<string, PolicyEntry>;

export type Attempt = { readonly kind: 'loaded' | 'refused'; readonly diagnostics: readonly Diagnostic[] };

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
  #reports: readonly HookReport[] = [];
  /** What was looked at last: at a start the same is then loaded, and need not be compiled again. */
  #looked: { readonly policies: readonly Policy[]; readonly prepared: Prepared } | undefined;

  constructor({ loaded, strict }: LoaderOptions) {
    this.#loaded = loaded;
    this.#strict = strict;
  }

  /** What is wrong with them, loaded together; warnings too. */
  diagnosticsOf(policies: readonly Policy[]): readonly Diagnostic[] {
    const prepared = this.#loaded.prepare(policies);
    this.#looked = { policies, prepared };
    return this.#severely(prepared);
  }

  /** All that are wanted, and nothing else. When one is refused, what is loaded is what was before. */
  load(next: Entries, before: Entries): Attempt & { readonly entries: Entries } {
    const wanted = wantedOf(next);
    if (this.#isLoaded(wanted)) return { kind: 'loaded', diagnostics: [], entries: next };
    const prepared = this.#loaded.prepare(wanted);
    const found = this.#severely(prepared);
    if (hasErrors(found)) return { kind: 'refused', diagnostics: found, entries: before };
    const installed = this.#keep(this.#loaded.install(prepared));
    const diagnostics = this.#severely(installed);
    if (this.#isLoaded(wanted)) return { kind: 'loaded', diagnostics, entries: next };
    return { kind: 'refused', diagnostics, entries: this.loadWhatGoes(before).entries };
  }

  /** What is left out is marked as refused. */
  loadWhatGoes(entries: Entries): { readonly entries: Entries; readonly installed: Installed } {
    const wanted = wantedOf(entries);
    const unchanged = { policies: this.#installed ?? [], reports: this.#reports, diagnostics: [] };
    if (this.#isLoaded(wanted)) return { entries, installed: unchanged };
    const prepared = this.#takeLooked(wanted) ?? this.#loaded.prepare(wanted);
    const { diagnostics } = prepared;
    const installed = this.#keep(
      hasErrors(diagnostics) ? { ...unchanged, diagnostics } : this.#loaded.install(prepared),
    );
    const errors = installed.diagnostics.filter(({ severity }) => severity === 'error');
    const settled = [...entries].map(([key, entry]) => [key, this.#settled(entry, errors)] as const);
    return { entries: new Map(settled), installed };
  }

  /** Of a policy that is loaded: `next` is the same but for its mode. */
  setMode(before: Policy, next: Policy): void {
    this.#loaded.setMode(next, next.mode);
    this.#installed = this.#installed?.map((each) => (each === before ? next : each));
  }

  statusOf(entries: readonly PolicyEntry[]): readonly PolicyStatus[] {
    const counted = new Map(this.#loaded.counts().map((each) => [keyOf(each), each]));
    const memory = new Map(this.#loaded.memory().map((each) => [keyOf(each), each.bytes]));
    const reports = new Map(this.#reports.map((report) => [report.hook, report]));
    return entries.map((entry) => {
      const key = keyOf(entry);
      const own = (entry.policy?.hooks ?? []).flatMap((hook) => reports.get(hook) ?? []);
      const found = counted.get(key);
      const measured = { counts: found?.counts, demoted: found?.demoted === true, memoryBytes: memory.get(key) };
      return statusOf(entry, { reports: own, ...measured });
    });
  }

  #takeLooked(wanted: readonly Policy[]): Prepared | undefined {
    const looked = this.#looked;
    this.#looked = undefined;
    if (looked?.policies.length !== wanted.length) return undefined;
    return wanted.every((each, index) => each === looked.policies[index]) ? looked.prepared : undefined;
  }

  #isLoaded(wanted: readonly Policy[]): boolean {
    if (this.#installed === undefined) return false;
    const installed = new Set(this.#installed);
    return wanted.length === installed.size && wanted.every((each) => installed.has(each));
  }

  #settled(entry: PolicyEntry, errors: readonly Diagnostic[]): PolicyEntry {
    const { policy, source } = entry;
    if (!isWanted(entry) || policy === undefined || this.#installed?.includes(policy) === true) return entry;
    return { ...entry, refusal: errors.filter(({ span }) => span === undefined || span.file === source) };
  }

  #keep(installed: Installed): Installed {
    this.#installed = installed.policies;
    this.#reports = installed.reports.length > 0 ? installed.reports : this.#reports;
    return installed;
  }

  #severely({ diagnostics }: Prepared | Installed): readonly Diagnostic[] {
    return this.#strict ? strictly(diagnostics) : diagnostics;
  }
}

function wantedOf(entries: Entries): readonly Policy[] {
  return [...entries.values()].filter(isWanted).flatMap(({ policy }) => policy ?? []);
}
