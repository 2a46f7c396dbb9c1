/** Hooks that no kernel has: what they pass, and what else is the same for all policies on them. */
import {
  type ArgumentOperator,
  type ArgumentType,
  addressOperators,
  type IntegerShape,
  integerTypes,
  isIntegerType,
  isPathType,
  isSocketType,
  isStringType,
  type PathType,
  portOperators,
  type SocketType,
  type StringType,
} from '#policy';
import { operatorsOf } from '../../src/policy/operators.ts';
import type { Deck, Random } from './random.ts';

export type Parameter =
  /** `shape`: what the kernel passes. */
  | { readonly kind: 'integer'; readonly shape: IntegerShape }
  | { readonly kind: 'path'; readonly type: PathType }
  | { readonly kind: 'string'; readonly type: StringType }
  | { readonly kind: 'socket'; readonly type: SocketType }
  | { readonly kind: 'credentials' };

export type HookKind = 'lsm' | 'kprobe' | 'tracepoint';

export type Place = {
  readonly hook: HookKind;
  readonly parameters: readonly Parameter[];
  /** Whether what the program returns can stop the call. */
  readonly denies: boolean;
  /** Entry and return are two programs. */
  readonly split: boolean;
};

/** A filter that a policy is to have, on which of the parameters. */
export type Wish = { readonly type: ArgumentType; readonly operator: ArgumentOperator };
export type PlacedWish = Wish & { readonly parameter: number };

/** Every operator on every type. */
export const wishes: readonly Wish[] = [
  ...Object.keys(integerTypes).filter(isIntegerType),
  ...(['file', 'path', 'dentry', 'fd', 'linux_binprm', 'string', 'filename', 'char_buf'] as const),
  ...(['sock', 'skb', 'sockaddr'] as const),
  'auto' as const,
].flatMap((type) => operatorsOf(type).map((operator) => ({ type, operator })));

const parametersMax = 7;
const textsMax = 4; // RF_PATH_SLOTS
const socketsMax = 2; // RF_SOCKET_SLOTS
const integersMax = 3;

export type Furnished = { readonly place: Place; readonly placed: readonly PlacedWish[] };

/** A hook whose parameters serve the next wishes of the deck; those that find no room go back. */
export function furnish(deck: Deck<Wish>, count: number, random: Random): Furnished {
  const drawn = Array.from({ length: count }, () => deck.draw());
  const hook = hookFor(drawn, random);
  const parameters: Parameter[] = [{ kind: 'integer', shape: shapeOf(hook, random) }];
  const placed: PlacedWish[] = [];
  for (const wish of drawn) {
    const parameter = suits(wish, hook) ? parameterFor(wish, parameters, hook, random) : undefined;
    if (parameter === undefined) deck.putBack(wish);
    else placed.push({ ...wish, parameter });
  }
  if (random.chance(20)) parameters.push({ kind: 'credentials' });
  return {
    place: { hook, parameters, denies: !random.chance(10), split: hook === 'kprobe' && random.chance(30) },
    placed,
  };
}

/** A hook all of whose policies ask for the same part of one text. */
export function crowd(random: Random): Furnished {
  const parameter = random.pick<Parameter>([
    { kind: 'path', type: 'file' },
    { kind: 'string', type: 'string' },
    { kind: 'string', type: 'char_buf' },
  ]);
  const operators = random.pick([['Equal', 'Prefix'] as const, ['Postfix'] as const]);
  const type = parameter.kind === 'path' || parameter.kind === 'string' ? parameter.type : 'string';
  const number = { kind: 'integer', shape: { bits: 64, signed: false } } as const;
  return {
    place: { hook: random.pick(['lsm', 'kprobe']), parameters: [number, parameter], denies: true, split: false },
    placed: operators.map((operator) => ({ type, operator, parameter: 1 })),
  };
}

/** Only what BTF describes can be `auto`, only raw tracepoints pass numbers of system calls as such. */
function suits({ type }: Wish, hook: HookKind): boolean {
  if (type === 'syscall64') return hook === 'tracepoint';
  return type !== 'auto' || hook !== 'kprobe';
}

function hookFor(drawn: readonly Wish[], random: Random): HookKind {
  if (drawn.some(({ type }) => type === 'syscall64')) return 'tracepoint';
  if (drawn.some(({ type }) => type === 'auto')) return random.pick(['lsm', 'lsm', 'tracepoint']);
  return random.pick(['kprobe', 'kprobe', 'lsm']);
}

const shapes: readonly IntegerShape[] = [
  ...([8, 16, 32, 64] as const).flatMap((bits) => [true, false].map((signed) => ({ bits, signed }))),
];

/** Of what a kprobe finds in its registers nothing is known. */
function shapeOf(hook: HookKind, random: Random): IntegerShape {
  return hook === 'kprobe' || random.chance(50) ? { bits: 64, signed: false } : random.pick(shapes);
}

function parameterFor(wish: Wish, parameters: Parameter[], hook: HookKind, random: Random): number | undefined {
  const wanted = parameterLike(wish, hook, random);
  const same = parameters.flatMap((each, index) => (isSame(each, wanted) ? [index] : []));
  const room = parameters.length < parametersMax && same.length < roomFor(wanted, parameters);
  if (same.length > 0 && !(room && wanted.kind === 'integer' && random.chance(40))) return random.pick(same);
  return room ? parameters.push(wanted) - 1 : undefined;
}

/** An integer serves all types of integers, anything else only its own. */
function isSame(one: Parameter, other: Parameter): boolean {
  if (one.kind === 'integer' || one.kind === 'credentials') return one.kind === other.kind;
  return one.kind === other.kind && one.type === other.type;
}

function roomFor(wanted: Parameter, parameters: readonly Parameter[]): number {
  if (wanted.kind === 'integer') return integersMax;
  const isText = ({ kind }: Parameter) => kind === 'path' || kind === 'string';
  const others = parameters.filter((each) => (isText(wanted) ? isText(each) : each.kind === wanted.kind)).length;
  return others < (isText(wanted) ? textsMax : socketsMax) ? 1 : 0;
}

function parameterLike({ type, operator }: Wish, hook: HookKind, random: Random): Parameter {
  if (isPathType(type)) return { kind: 'path', type };
  if (isStringType(type)) return { kind: 'string', type };
  if (isSocketType(type)) return { kind: 'socket', type };
  if (type !== 'auto' || isIntegerOnly(operator)) return { kind: 'integer', shape: shapeOf(hook, random) };
  if (isSocketOperator(operator))
    return { kind: 'socket', type: operator === 'State' ? 'sock' : random.pick(['sock', 'skb']) };
  if (operator.endsWith('Equal') && random.chance(50)) return { kind: 'integer', shape: shapeOf(hook, random) };
  return random.chance(70)
    ? { kind: 'path', type: random.pick(['file', 'path', 'dentry']) }
    : { kind: 'string', type: 'string' };
}

function isIntegerOnly(operator: ArgumentOperator): boolean {
  return ['GT', 'LT', 'InRange', 'NotInRange', 'Mask', 'InMap', 'NotInMap'].includes(operator);
}

function isSocketOperator(operator: ArgumentOperator): boolean {
  return [...addressOperators, ...portOperators, 'Protocol', 'Family', 'State'].some((each) => each === operator);
}

/** As the compiler sees a number: what is declared, of what is passed. */
export function seenShape(declared: ArgumentType, passed: IntegerShape): IntegerShape {
  if (!isIntegerType(declared)) return passed;
  const { bits, signed } = integerTypes[declared];
  if (bits <= passed.bits) return { bits, signed };
  return { bits: passed.bits, signed: signed && passed.signed };
}
