/** Test support: policies as texts, a loaded set without a kernel, and a store without a disk. */
import type { HookReport } from '#compiler';
import { type Code, type Diagnostic, diagnostic, EnvironmentError } from '#diagnostics';
import type { Policy, PolicyMode } from '#policy';
import type { ProgramCost } from './loaded-image.ts';
import { keyOf } from './policy-entry.ts';
import type { LoadedPolicies } from './policy-loader.ts';
import type { Installed, InstallOptions, PolicyCounts, PolicyName } from './policy-sensor.ts';
import type { PolicyKeeper, StagedChange, StoreChange, StoredPolicy } from './policy-store.ts';
import type { Prepared } from './prepare.ts';

export function policyText(name: string, { hook = 'file_open', mode = 'enforce' } = {}): string {
  return `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: ${name}
  annotations: { ringfence.io/file-identity: inode }
spec:
  options: [{ name: policy-mode, value: ${mode} }]
  lsmhooks:
  - hook: ${hook}
    args: [{ index: 0, type: file }]
    selectors:
    - matchArgs: [{ index: 0, operator: Equal, values: ["/srv/${name}"] }]
      matchActions: [{ action: Override, argError: -13 }]
`;
}

const NO_COUNTS: PolicyCounts = {
  ...{ matches: 0n, posted: 0n, killed: 0n, denied: 0n },
  ...{ monitored: 0n, unreadable: 0n, signalled: 0n, returnLost: 0n, spared: 0n },
};

/** Does as PolicySensor does, in memory. */
export class FakeLoaded implements LoadedPolicies {
  /** What the kernel would enforce now, and how. */
  readonly modes = new Map<string, PolicyMode>();
  /** Policies of these names have spent their kill budget. */
  readonly demoted = new Set<string>();
  /** Policies of these names, or with hooks of these names, do not compile. */
  readonly wrong = new Set<string>();
  /** The kernel does not take policies of these names, or with hooks of these names. */
  readonly refused = new Set<string>();
  installs = 0;
  prepares = 0;
  #installed: readonly Policy[] = [];
  /** What the next install throws. */
  broken: Error | undefined;

  prepare(policies: readonly Policy[]): Prepared {
    this.prepares += 1;
    const diagnostics = policies.flatMap((policy) => [
      ...this.#said(policy, this.wrong, 'RF2001'),
      ...policy.hooks.filter(({ name }) => name.value === 'path_truncate').map((hook) => warning(hook.name.span)),
    ]);
    const reports = policies.flatMap(reportsOf);
    const owners = policies.map((policy, slot) => ({ policy, slot }));
    const refused = owners.filter(({ policy }) => isNamed(policy, this.wrong)).map(({ slot }) => slot);
    const result = { image: undefined, programs: [], reports, follow: [], scopes: [], refused, diagnostics };
    return { owners, result, diagnostics, recompile: () => result };
  }

  async installInPieces(prepared: Prepared, options: InstallOptions = {}): Promise<Installed> {
    return this.install(prepared, options);
  }

  install({ owners, diagnostics }: Prepared, { whole = false }: InstallOptions = {}): Installed {
    const { broken } = this;
    this.broken = undefined;
    if (broken !== undefined) throw broken;
    const wanted = owners.map(({ policy }) => policy);
    const refusals = wanted.flatMap((policy) => this.#said(policy, this.refused, 'RF2201'));
    if (whole && refusals.length > 0) {
      return { policies: this.#installed, reports: [], diagnostics: [...diagnostics, ...refusals] };
    }
    this.installs += 1;
    const before = new Map(this.#installed.map((policy) => [keyOf(policy), policy]));
    this.#installed = wanted.flatMap((policy) => {
      const former = before.get(keyOf(policy));
      return isNamed(policy, this.refused) ? (former !== undefined && former !== policy ? former : []) : policy;
    });
    this.modes.clear();
    for (const policy of this.#installed) this.modes.set(keyOf(policy), policy.mode);
    const reports = this.#installed.flatMap(reportsOf);
    return { policies: this.#installed, reports, diagnostics: [...diagnostics, ...refusals] };
  }

  setMode(policy: PolicyName, mode: PolicyMode): void {
    if (!this.modes.has(keyOf(policy))) throw new Error(`${policy.name} is not loaded`);
    this.modes.set(keyOf(policy), mode);
  }

  counts() {
    const denied = 7n;
    return this.#installed.map(({ name, namespace }) => {
      const counts = { ...NO_COUNTS, denied };
      return { name, namespace, counts, demoted: this.demoted.has(name) };
    });
  }

  memory() {
    return this.#installed.map(({ name, namespace }) => ({ name, namespace, bytes: 4096 }));
  }

  /** By section, as the kernel would count. */
  readonly skipped = new Map<string, bigint>();

  skippedBySection() {
    return this.skipped;
  }

  /** By section, as the kernel would count. */
  readonly costs = new Map<string, ProgramCost>();

  costBySection() {
    return this.costs;
  }

  #said(policy: Policy, names: ReadonlySet<string>, code: Code): readonly Diagnostic[] {
    if (!isNamed(policy, names)) return [];
    return [diagnostic(code, policy.span, { release: '6.12', hook: 'x', similar: '', reason: 'so the test says' })];
  }
}

function isNamed({ name, hooks }: Policy, names: ReadonlySet<string>): boolean {
  return names.has(name) || hooks.some((hook) => names.has(hook.name.value));
}

function warning(span: Diagnostic['span']): Diagnostic {
  return diagnostic('RF2401', span, { hook: 'path_truncate', instead: 'others can' });
}

function reportsOf({ name, hooks }: Policy): readonly HookReport[] {
  return hooks.map((hook, entry) => ({
    ...{ policy: name, hook, entry, points: [{ kind: 'lsm' as const, hook: hook.name.value }], why: '' },
    ...{ effect: 'blocks' as const, decidesOn: 'kernel objects' as const, racy: false, mayBeSkipped: false },
    ...{ cost: 'low' as const, costs: '', blind: [] },
  }));
}

/** Keeps policies in memory, and can be full. */
export class FakeStore implements PolicyKeeper {
  readonly kept = new Map<string, StoredPolicy>();
  staged = 0;
  /** Where it fails next. */
  fails: 'stage' | 'commit' | undefined;

  async read() {
    return { policies: [...this.kept.values()], problems: [] };
  }

  async stage({ put, remove }: StoreChange): Promise<StagedChange> {
    this.#failAt('stage');
    this.staged += 1;
    return {
      commit: async () => {
        this.#failAt('commit');
        this.staged -= 1;
        for (const policy of remove) this.kept.delete(keyOf(policy));
        for (const policy of put) this.kept.set(keyOf(policy), policy);
      },
      discard: async () => {
        this.staged -= 1;
      },
    };
  }

  #failAt(place: 'stage' | 'commit'): void {
    if (this.fails !== place) return;
    this.fails = undefined;
    throw new EnvironmentError('RF3512', { path: '/state', reason: 'ENOSPC' });
  }
}
