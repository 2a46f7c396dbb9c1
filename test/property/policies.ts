/** Random policies on one hook, as text: JSON, which is YAML too. */
import {
  type ArgumentType,
  type BinaryMatch,
  capabilitySetNames,
  type IntegerType,
  integerOperators,
  integerTypes,
  isIntegerType,
  MEMORY_FILE,
  type NamespaceKind,
  namespaceKinds,
} from '#policy';
import { known } from '#std';
import type { HookKind, Place, PlacedWish } from './place.ts';
import type { Deck, Random } from './random.ts';
import { type ValueScope, valuesFor } from './values.ts';
import { workloadSelectors } from './workloads.ts';

type BinaryOperator = BinaryMatch['operator']['value'];

/** A filter on the process that a selector is to have. */
export type ProcessWish =
  | { readonly kind: 'binaries'; readonly operator: BinaryOperator; readonly follow: boolean }
  | {
      readonly kind: 'pids';
      readonly operator: 'In' | 'NotIn';
      readonly inNamespace: boolean;
      readonly follow: boolean;
    }
  | { readonly kind: 'namespaces'; readonly operator: 'In' | 'NotIn'; readonly namespace: NamespaceKind }
  | { readonly kind: 'capabilities'; readonly operator: 'In' | 'NotIn'; readonly inNamespace: boolean };

const membership = ['In', 'NotIn'] as const;
const either = [false, true] as const;

export const processWishes: readonly ProcessWish[] = [
  ...(['In', 'NotIn', 'Prefix', 'NotPrefix', 'Postfix', 'NotPostfix'] as const).map(
    (operator): ProcessWish => ({ kind: 'binaries', operator, follow: false }),
  ),
  ...membership.map((operator): ProcessWish => ({ kind: 'binaries', operator, follow: true })),
  ...membership.flatMap((operator) =>
    either.flatMap((inNamespace) =>
      either.map((follow): ProcessWish => ({ kind: 'pids', operator, inNamespace, follow })),
    ),
  ),
  ...membership.flatMap((operator) =>
    namespaceKinds.map((namespace): ProcessWish => ({ kind: 'namespaces', operator, namespace })),
  ),
  ...membership.flatMap((operator) =>
    either.map((inNamespace): ProcessWish => ({ kind: 'capabilities', operator, inNamespace })),
  ),
];

export type PolicyScope = ValueScope & {
  readonly place: Place;
  readonly processDeck: Deck<ProcessWish>;
  /** Many policies that ask the same of one value; see src/compiler/emit-group.ts. */
  readonly isCrowd: boolean;
  readonly random: Random;
};

/** One policy whose filters are the wishes, spread over its selectors. */
export function policyText(name: string, wishes: readonly PlacedWish[], scope: PolicyScope): string {
  const { place, random } = scope;
  const args = argumentsFor(wishes, scope);
  const namespaced = random.chance(10);
  const returnType = place.hook === 'kprobe' && (place.split || random.chance(50)) ? returnTypeOf(random) : undefined;
  const groups: PlacedWish[][] = Array.from({ length: scope.isCrowd ? 1 : random.between(1, 3) }, () => []);
  for (const wish of wishes) random.pick(groups).push(wish);
  // one without filters matches everything, so that what follows is never asked
  const filled = groups.filter((group) => group.length > 0 || random.chance(15));
  const selectors = (filled.length > 0 ? filled : [[]]).map((group) => ({
    ...selectorOf(group, args, returnType, scope),
    ...(random.chance(20) ? { matchWorkloads: [workloadSelectors(namespaced, random)] } : {}),
  }));
  const hook = {
    ...hookNames[place.hook],
    args: args.map(({ type, parameter }) => argumentOf(type, parameter)),
    ...(returnType === undefined ? {} : { return: true, returnArg: { index: 0, type: returnType } }),
    selectors,
  };
  const otherHook = hookNames[place.hook];
  const isListed = JSON.stringify(selectors).includes(listReference);
  const annotations = random.chance(50) ? { annotations: { 'ringfence.io/file-identity': 'inode' } } : {};
  return `${JSON.stringify({
    apiVersion: 'cilium.io/v1alpha1',
    kind: namespaced ? 'TracingPolicyNamespaced' : 'TracingPolicy',
    metadata: { name, ...(namespaced ? { namespace: random.pick(['shop', 'bank']) } : {}), ...annotations },
    // the hook at hand is the last one of its policy
    spec: {
      ...(isListed ? { lists: [callList] } : {}),
      ...(random.chance(35) ? workloadSelectors(namespaced, random) : {}),
      [sections[place.hook]]: random.chance(25) ? [otherHook, hook] : [hook],
    },
  })}\n`;
}

const listReference = 'list:calls';
const callList = {
  name: 'calls',
  type: 'syscalls',
  values: ['sys_read', 'sys_openat', 'sys_close', '__ia32_sys_read'],
};

const sections = { lsm: 'lsmhooks', kprobe: 'kprobes', tracepoint: 'tracepoints' } as const satisfies Record<
  HookKind,
  string
>;
const hookNames = {
  lsm: { hook: 'place' },
  kprobe: { call: 'place', syscall: false },
  tracepoint: { subsystem: 'place', event: 'place', raw: true },
} as const satisfies Record<HookKind, object>;

type WrittenArgument = { readonly type: ArgumentType; readonly parameter: number };

/** Each parameter that is asked for under each of its types, and some more, in any order. */
function argumentsFor(wishes: readonly PlacedWish[], { place, random }: PolicyScope): readonly WrittenArgument[] {
  const byKey = new Map(wishes.map(({ type, parameter }) => [`${parameter} ${type}`, { type, parameter }]));
  const more = place.parameters.flatMap(({ kind }, parameter): readonly WrittenArgument[] => {
    if (kind === 'credentials') return [{ type: 'cred', parameter }];
    return random.chance(10) ? [{ type: 'nop', parameter }] : [];
  });
  return random.shuffled([...byKey.values(), ...more]).slice(0, 8);
}

/** The first parameter is a number, and as good a length as any. */
function argumentOf(type: ArgumentType, parameter: number): object {
  return { index: parameter, type, ...(type === 'char_buf' ? { sizeArgIndex: 1 } : {}) };
}

const returnTypes = Object.keys(integerTypes).filter((type) => type !== 'syscall64' && type !== 'capability');

function returnTypeOf(random: Random): IntegerType {
  const type = random.pick(returnTypes);
  return isIntegerType(type) ? type : 'int';
}

function selectorOf(
  wishes: readonly PlacedWish[],
  args: readonly WrittenArgument[],
  returnType: IntegerType | undefined,
  scope: PolicyScope,
): object {
  const { random, processDeck } = scope;
  const filters = wishes.flatMap((wish) => {
    const position = args.findIndex(({ type, parameter }) => type === wish.type && parameter === wish.parameter);
    return position === -1 ? [] : [filterOf(wish, position, scope)];
  });
  const process = Array.from({ length: random.pick([0, 0, 0, 1, 1, 2]) }, () => processDeck.draw());
  const actions = actionsOf(scope);
  return {
    ...(filters.length > 0 ? { matchArgs: filters } : {}),
    ...processFilters(process, scope),
    ...(actions.length > 0 ? { matchActions: actions } : {}),
    ...(returnType === undefined ? {} : returnFilters(returnType, actions, scope)),
  };
}

function filterOf(wish: PlacedWish, position: number, scope: PolicyScope): object {
  const parameter = known(scope.place.parameters[wish.parameter], 'parameter');
  const isMembership = wish.operator === 'InMap' || wish.operator === 'NotInMap';
  const isWide = parameter.kind === 'integer' && parameter.shape.bits === 64;
  if (wish.type === 'syscall64' && isMembership && isWide && scope.random.chance(40)) {
    return { args: [position], operator: wish.operator, values: [listReference] };
  }
  const values = valuesFor(wish.operator, wish.type, parameter, scope);
  return { args: [position], operator: wish.operator, ...(values.length > 0 ? { values } : {}) };
}

type WrittenAction = { readonly action: string };

function actionsOf({ random, place }: PolicyScope): readonly WrittenAction[] {
  const override = { action: 'Override', argError: -random.pick([1, 2, 13, 4095]) };
  const signal = { action: 'Signal', argSig: random.pick([1, 10, 64]) };
  const enforcing = place.hook === 'tracepoint' ? [{ action: 'Sigkill' }] : [{ action: 'Sigkill' }, override];
  const kinds = [random.pick([{ action: 'Post' }, { action: 'NoPost' }]), random.pick(enforcing), signal];
  return random.shuffled(kinds).slice(0, random.pick([0, 1, 1, 1, 2, 3]));
}

function returnFilters(type: IntegerType, actions: readonly WrittenAction[], scope: PolicyScope): object {
  const { random } = scope;
  const parameter = { kind: 'integer', shape: { bits: 64, signed: false } } as const;
  const operator = random.pick(integerOperators);
  const filter = { index: 0, operator, values: valuesFor(operator, type, parameter, scope) };
  // what is not told of at entry can not be acted on when it returns
  const isSilent = actions.some(({ action }) => action === 'NoPost');
  const late = random.pick([
    { action: 'Post' },
    { action: 'NoPost' },
    ...(isSilent ? [] : [{ action: 'Sigkill' }, { action: 'Signal', argSig: 12 }]),
  ]);
  return {
    ...(random.chance(60) ? { matchReturnArgs: [filter] } : {}),
    ...(random.chance(40) ? { matchReturnActions: [late] } : {}),
  };
}

function processFilters(wishes: readonly ProcessWish[], scope: PolicyScope): object {
  const filters: Record<string, object[]> = {};
  for (const wish of wishes) {
    const [field, filter] = processFilter(wish, scope);
    const had = filters[field] ?? [];
    if (field === 'matchBinaries' && had.length > 0) continue;
    filters[field] = [...had, filter];
  }
  return filters;
}

export const pidPool = [1, 2, 3, 7, 100, 101, 4_194_303, 4_194_304] as const;
export const inodePool = [1, 2, 3, 4_026_531_836, 4_026_531_837, 4_294_967_295] as const;
const capabilityPool = ['CAP_CHOWN', 'CAP_KILL', 'CAP_NET_ADMIN', 'CAP_SYS_ADMIN', 'CAP_MAC_ADMIN', 'CAP_BPF'] as const;

function some<Value>(pool: readonly Value[], most: number, random: Random): readonly Value[] {
  return random.shuffled(pool).slice(0, random.between(1, most));
}

function processFilter(wish: ProcessWish, scope: PolicyScope): readonly [string, object] {
  const { random } = scope;
  const { operator } = wish;
  switch (wish.kind) {
    case 'binaries':
      return ['matchBinaries', { operator, values: binaryValues(wish.operator, scope), followChildren: wish.follow }];
    case 'pids': {
      const values = random.chance(90) ? some(pidPool, 3, random) : Array.from({ length: 30 }, (_, index) => 3 * index);
      return ['matchPIDs', { operator, values, isNamespacePID: wish.inNamespace, followForks: wish.follow }];
    }
    case 'namespaces': {
      const values = some([...inodePool.map(String), 'host_ns'], 3, random);
      return ['matchNamespaces', { namespace: wish.namespace, operator, values }];
    }
    case 'capabilities': {
      const values = some(capabilityPool, 3, random);
      const type = random.pick(capabilitySetNames);
      return ['matchCapabilities', { operator, values, type, isNamespaceCapability: wish.inNamespace }];
    }
  }
}

const binaryBytesMax = 255;
const binaryPath = { kind: 'path', type: 'file' } as const;

function binaryValues(operator: BinaryOperator, scope: ValueScope): readonly string[] {
  const isMember = operator === 'In' || operator === 'NotIn';
  for (;;) {
    const values = valuesFor(isMember ? 'Equal' : operator, 'file', binaryPath, scope);
    const short = values.filter((value) => value.length <= binaryBytesMax);
    if (short.length > 0) return scope.random.chance(10) ? [...short, `${MEMORY_FILE}program`] : short;
  }
}
