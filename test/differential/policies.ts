/** Random policies on real hooks: those of the property test, in terms of this machine and of the calls to come. */
import { hasErrors, renderDiagnostic } from '#diagnostics';
import { type ArgumentType, type namespaceKinds, operatorsOf, type Policy, parsePolicies } from '#policy';
import { assert, known } from '#std';
import type { PlacedWish } from '../property/place.ts';
import { inodePool, type ProcessWish, pidPool, policyText, processWishes } from '../property/policies.ts';
import { Deck, type Random } from '../property/random.ts';
import { type RealHook, realHooks } from './hooks.ts';

export type RandomPolicy = { readonly policy: Policy; readonly hook: RealHook; readonly text: string };

/** What the pools of the generator stand for here. */
export type Pools = {
  /** Paths, and other texts that calls pass. */
  readonly names: readonly string[];
  readonly binaries: readonly string[];
  readonly pids: readonly number[];
  /** By kind: those of process 1, and the second ones. */
  readonly namespaces: Readonly<Record<string, readonly number[]>>;
  /** UTS namespaces: no policy is to look at calls in others. */
  readonly watched: readonly [number, number];
};

/** Every operator on every parameter that a policy can read. */
function wishesOf(hook: RealHook): readonly PlacedWish[] {
  return hook.parameters.flatMap(({ parameter, types, see }, index) => {
    if (see === undefined || parameter.kind === 'credentials') return [];
    const all: readonly ArgumentType[] = parameter.kind === 'integer' ? (types ?? []) : [parameter.type];
    return all.flatMap((type) => operatorsOf(type).map((operator) => ({ type, operator, parameter: index })));
  });
}

export class PolicySource {
  /** Hooks in turn, and of each hook all that can be asked. */
  readonly #hooks: Deck<{ readonly hook: RealHook; readonly wishes: Deck<PlacedWish> }>;
  readonly #processDeck: Deck<ProcessWish>;
  readonly #random: Random;
  readonly #pools: Pools;
  #made = 0;

  constructor(pools: Pools, random: Random) {
    const hooks = realHooks.map((hook) => ({ hook, wishes: new Deck(wishesOf(hook), random) }));
    this.#hooks = new Deck(hooks, random);
    this.#processDeck = new Deck(processWishes, random);
    this.#random = random;
    this.#pools = pools;
  }

  next(mode: 'enforce' | 'monitor'): RandomPolicy {
    const random = this.#random;
    const { hook, wishes: deck } = this.#hooks.draw();
    const wishes = Array.from({ length: random.pick([1, 1, 2, 3]) }, () => deck.draw());
    this.#made += 1;
    const text = this.#realText(`random-${this.#made}`, hook, distinct(wishes), mode);
    const { policies, diagnostics } = parsePolicies(text, `random-${this.#made}.yaml`);
    assert(!hasErrors(diagnostics), `${text}\n${diagnostics.map(renderDiagnostic).join('\n')}`);
    return { policy: known(policies[0], 'policy'), hook, text };
  }

  #realText(name: string, hook: RealHook, wishes: readonly PlacedWish[], mode: 'enforce' | 'monitor'): string {
    const place = {
      hook: hook.kind,
      parameters: hook.parameters.map(({ parameter }) => parameter),
      denies: hook.denies,
      split: false,
    };
    const { names } = this.#pools;
    const scope = { place, names, random: this.#random, processDeck: this.#processDeck, isCrowd: false };
    const written = JSON.parse(policyText(name, wishes, scope)) as WrittenPolicy;
    const section = hook.kind === 'lsm' ? 'lsmhooks' : 'kprobes';
    const { args, selectors: writtenSelectors } = known(
      written.spec[section]?.at(-1),
      'the hook at hand, which is the last one',
    );
    const own = hook.kind === 'lsm' ? { hook: hook.name } : { call: hook.name, syscall: hook.syscall !== undefined };
    const selectors = writtenSelectors.map((selector) => this.#realSelector(selector, hook));
    return JSON.stringify({
      ...written,
      metadata: { name },
      spec: {
        options: [{ name: 'policy-mode', value: mode }],
        [section]: [{ ...own, args, selectors }],
      },
    });
  }

  #realSelector(selector: WrittenSelector, { denies }: RealHook): object {
    const { matchArgs, matchBinaries, matchPIDs, matchNamespaces = [], matchCapabilities, matchActions } = selector;
    const { watched } = this.#pools;
    const scope = { namespace: 'Uts', operator: 'In', values: watched.map(String) };
    return {
      ...(matchArgs === undefined ? {} : { matchArgs }),
      ...(matchBinaries === undefined ? {} : { matchBinaries: matchBinaries.map((each) => this.#realBinaries(each)) }),
      ...(matchPIDs === undefined ? {} : { matchPIDs: matchPIDs.map((each) => this.#realPids(each)) }),
      matchNamespaces: [scope, ...matchNamespaces.map((each) => this.#realNamespaces(each))],
      ...(matchCapabilities === undefined ? {} : { matchCapabilities }),
      ...(matchActions === undefined ? {} : { matchActions: denies ? matchActions : withoutOverride(matchActions) }),
    };
  }

  /** Most of them programs that call; the others are what files are called. */
  #realBinaries({ operator, values, followChildren }: WrittenBinaries): WrittenBinaries {
    const random = this.#random;
    const real = values.map((value) => {
      if (random.chance(25)) return value;
      const binary = random.pick(this.#pools.binaries);
      if (operator.endsWith('Prefix')) return binary.slice(0, random.between(1, binary.length));
      return operator.endsWith('Postfix') ? binary.slice(random.between(-binary.length, -1)) : binary;
    });
    const good = real.filter((value) => !(operator.endsWith('Postfix') && value.endsWith('/')));
    return { operator, values: distinct(good.length === 0 ? ['/caller'] : good), followChildren };
  }

  #realPids(match: WrittenPids): WrittenPids {
    const { pids } = this.#pools;
    const pool: readonly number[] = pidPool;
    return { ...match, values: distinct(match.values.map((value) => real(value, pool, pids, this.#random))) };
  }

  #realNamespaces(match: WrittenNamespaces): WrittenNamespaces {
    const inodes = known(this.#pools.namespaces[match.namespace], match.namespace);
    const pool = inodePool.map(String);
    const values = match.values.map((value) => {
      return value === 'host_ns' ? value : real(value, pool, inodes.map(String), this.#random);
    });
    return { ...match, values: distinct(values) };
  }
}

/** What stands for `value`: the same for the same, as far as there are as many. */
function real<Value>(value: Value, pool: readonly Value[], inStead: readonly Value[], random: Random): Value {
  return inStead[pool.indexOf(value)] ?? random.pick(inStead);
}

function distinct<Value>(values: readonly Value[]): readonly Value[] {
  const byText = new Map(values.map((value) => [JSON.stringify(value), value]));
  return [...byText.values()];
}

function withoutOverride(actions: readonly WrittenAction[]): readonly WrittenAction[] {
  const real = actions.map((each) => (each.action === 'Override' ? { action: 'Sigkill' } : each));
  return distinct(real);
}

/** As the generator writes policies, as far as they are changed here. */
type WrittenPolicy = { readonly spec: Readonly<Partial<Record<'lsmhooks' | 'kprobes', readonly WrittenHook[]>>> };
type WrittenHook = { readonly args: readonly object[]; readonly selectors: readonly WrittenSelector[] };
type WrittenSelector = {
  readonly matchArgs?: readonly object[];
  readonly matchBinaries?: readonly WrittenBinaries[];
  readonly matchPIDs?: readonly WrittenPids[];
  readonly matchNamespaces?: readonly WrittenNamespaces[];
  readonly matchCapabilities?: readonly object[];
  readonly matchActions?: readonly WrittenAction[];
};
type WrittenBinaries = {
  readonly operator: string;
  readonly values: readonly string[];
  readonly followChildren: boolean;
};
type WrittenPids = { readonly values: readonly number[] };
type WrittenNamespaces = { readonly namespace: (typeof namespaceKinds)[number]; readonly values: readonly string[] };
type WrittenAction = { readonly action: string };
