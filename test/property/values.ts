/** Values of filters, as policies write them: small pools, so that matches and near misses are frequent. */
import type { ArgumentOperator, ArgumentType, IntegerShape } from '#policy';
import type { Parameter } from './place.ts';
import { seenShape } from './place.ts';
import type { Random } from './random.ts';

/** Texts that have much in common, of all lengths around the width of a load. */
export function makeNames(random: Random): readonly string[] {
  const part = () =>
    random.pick(['a', 'b']).repeat(random.pick([1, 1, 1, 2, 3, 6, 7, 8, 15])) + random.pick(['', '', 'b', 'ab', '.a']);
  const path = () => Array.from({ length: random.between(1, 3) }, () => `/${part()}`).join('');
  const names = Array.from({ length: 12 }, path);
  const extended = names.slice(0, 4).map((name) => `${name}${random.pick(['a', 'b', '/a', '/ab'])}`);
  return [...names, ...extended, longName(random.pick([120, 127, 128, 254, 255, 256, 257, 300]), random)];
}

export function longName(length: number, random: Random): string {
  return `/${'ab/'.repeat(length).slice(0, length - 2)}${random.pick(['a', 'b'])}`;
}

export type ValueScope = { readonly names: readonly string[]; readonly random: Random };

/** Distinct, and none that nothing could be. */
export function valuesFor(
  operator: ArgumentOperator,
  type: ArgumentType,
  parameter: Parameter,
  scope: ValueScope,
): readonly string[] {
  if (operator.endsWith('Priv')) return [];
  const make = makerFor(operator, type, parameter, scope);
  const wanted = countFor(parameter, scope.random);
  const values = new Set<string>();
  for (let tries = 0; values.size < wanted && tries < 4 * wanted; tries += 1) values.add(make());
  return [...values];
}

/** Sometimes so many that the compiler makes a set of them. */
function countFor({ kind }: Parameter, random: Random): number {
  if (random.chance(85)) return random.between(1, 4);
  return kind === 'integer' ? random.between(60, 140) : random.between(10, 40);
}

function makerFor(
  operator: ArgumentOperator,
  type: ArgumentType,
  parameter: Parameter,
  scope: ValueScope,
): () => string {
  switch (parameter.kind) {
    case 'integer': {
      const shape = seenShape(type, parameter.shape);
      return () =>
        integerValue(operator, type === 'capability' ? { bits: 8, signed: false } : shape, type, scope.random);
    }
    case 'path':
      return () => textValue(operator, 'path', scope);
    case 'string':
      return () => textValue(operator, type === 'auto' ? 'path' : parameter.type, scope);
    case 'socket':
      return () => socketValue(operator, scope.random);
    case 'credentials':
      throw new TypeError('credentials are not tested');
  }
}

function bounds({ bits, signed }: IntegerShape): readonly [bigint, bigint] {
  const width = BigInt(bits);
  return signed ? [-(1n << (width - 1n)), (1n << (width - 1n)) - 1n] : [0n, (1n << width) - 1n];
}

/** Near zero, near the ends, near powers of two. */
export function integerIn(shape: IntegerShape, random: Random): bigint {
  const [minimum, maximum] = bounds(shape);
  const small = BigInt(random.below(random.chance(70) ? 12 : 200));
  const power = 1n << BigInt(random.below(shape.bits));
  const value = random.pick([small, small, -small, minimum + small, maximum - small, power, power - 1n, -power]);
  return value < minimum || value > maximum ? minimum + (small > maximum - minimum ? 0n : small) : value;
}

const capabilityMax = 63n;

function integerValue(operator: ArgumentOperator, shape: IntegerShape, type: ArgumentType, random: Random): string {
  const one = () => {
    const value = integerIn(shape, random);
    return type === 'capability' ? value % (capabilityMax + 1n) : value;
  };
  const [minimum, maximum] = type === 'capability' ? [0n, capabilityMax] : bounds(shape);
  switch (operator) {
    case 'GT':
      return String(insteadOf(one(), maximum, 3n));
    case 'LT':
      return String(insteadOf(one(), minimum, 3n));
    case 'Mask':
      return maskValue(shape, type, random);
    case 'InRange':
    case 'NotInRange':
      return rangeOf(one(), one());
    case 'InMap':
    case 'NotInMap':
      return random.chance(80) ? String(one()) : rangeOf(one(), one());
    default: {
      const value = one();
      return value >= 0n && random.chance(20) ? `0x${value.toString(16)}` : String(value);
    }
  }
}

function insteadOf(value: bigint, impossible: bigint, other: bigint): bigint {
  return value === impossible ? other : value;
}

function rangeOf(a: bigint, b: bigint): string {
  return a <= b ? `${a}:${b}` : `${b}:${a}`;
}

function maskValue({ bits }: IntegerShape, type: ArgumentType, random: Random): string {
  const width = type === 'capability' ? 6 : bits;
  const bit = () => 1n << BigInt(random.below(width));
  const mask = random.chance(60) ? bit() : bit() | bit() | bit();
  return random.chance(50) ? `0x${mask.toString(16)}` : String(mask);
}

type TextKind = 'path' | 'string' | 'filename' | 'char_buf';

function textValue(operator: ArgumentOperator, kind: TextKind, { names, random }: ValueScope): string {
  const name = random.chance(5) ? longName(random.pick([250, 255, 256, 257]), random) : random.pick(names);
  const own = kind === 'path' ? name : looser(name, kind, random);
  if (operator.endsWith('Prefix')) return own.slice(0, Math.min(256, random.between(1, own.length)));
  if (operator.endsWith('Postfix')) return ending(own.slice(-Math.min(126, random.between(1, own.length))), kind);
  if (kind !== 'path' && random.chance(5)) return '';
  return random.chance(1) ? longName(4096, random) : own;
}

/** What is no path need not begin with a slash, and a buffer holds any bytes. */
function looser(name: string, kind: TextKind, random: Random): string {
  const text = random.chance(50) ? name.slice(1) : name;
  if (kind !== 'char_buf' || random.chance(50)) return text;
  const at = random.below(text.length + 1);
  return `${text.slice(0, at)}\0${text.slice(at)}`;
}

/** No path ends with a slash. */
function ending(text: string, kind: TextKind): string {
  return kind === 'path' && text.endsWith('/') ? `${text}a` : text;
}

const networks = [
  ...['10.1.2.3', '10.1.2.4', '10.1.2.0/24', '10.1.0.0/16', '10.0.0.0/8', '10.0.0.0/9', '0.0.0.0/0', '192.168.0.1'],
  ...['192.168.0.0/31', '127.0.0.1', '::ffff:10.1.2.3', '::ffff:10.1.2.0/120', '::1', '::/0', '2001:db8::/32'],
  ...['2001:db8::1', '2001:db8:0:1::/64', '2001:db8:0:1::/65', 'fe80::/10', 'fe80::1:2', '8000::/1'],
];
const ports = [0, 1, 22, 80, 443, 1023, 1024, 5632, 8080, 20_480, 65_535];
const families = ['AF_INET', 'AF_INET6', 'AF_UNIX', 'AF_NETLINK', '2', '10', '2:10'];
const protocols = ['IPPROTO_TCP', 'udp', 'IPPROTO_ICMP', '1', '6', '17', '2:17', '255:262'];
const states = ['TCP_ESTABLISHED', 'TCP_LISTEN', 'TCP_CLOSE', '1', '7', '2:6', '10:13'];

function socketValue(operator: ArgumentOperator, random: Random): string {
  if (operator.endsWith('Addr')) {
    return random.chance(70) ? random.pick(networks) : `10.1.${random.below(3)}.${random.below(24)}`;
  }
  if (operator.endsWith('Port')) {
    const port = random.chance(70) ? random.pick(ports) : random.below(60);
    return random.chance(80) ? String(port) : `${port}:${Math.min(65_535, port + random.pick([0, 1, 10, 1000]))}`;
  }
  if (operator === 'Family') return random.pick(families);
  return random.pick(operator === 'Protocol' ? protocols : states);
}
