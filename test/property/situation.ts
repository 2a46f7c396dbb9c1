/** Random calls of a hook, aimed at what its policies ask for. */
import {
  type ArgumentMatch,
  type ArgumentValue,
  type FileIdentity,
  type Hook,
  type IntegerShape,
  type Namespaces,
  namespaceKinds,
  type Observation,
  type ObservedArgument,
  type ObservedProcess,
  type ObservedSocket,
  type ObservedText,
  type Policy,
  type Selector,
  type Subject,
  type SyscallValue,
} from '#policy';
import { hookOf } from './parts.ts';
import { type Parameter, type Place, seenShape } from './place.ts';
import { inodePool, pidPool } from './policies.ts';
import type { Random } from './random.ts';
import { integerIn, longName } from './values.ts';
import { makeWorkload } from './workloads.ts';

/** What one run sees, whichever policies look at it. */
export type Situation = {
  /** By index of the parameter. */
  readonly raw: readonly ObservedArgument[];
  readonly result: bigint;
  readonly process: ObservedProcess;
  readonly workload: Observation['workload'];
  /** The number of the system call, as rf_syscall_current() gives it. */
  readonly call: bigint;
};

/** PROC_USER_INIT_INO and its neighbours, include/linux/proc_ns.h. */
export const hostNamespaces: Namespaces = {
  Uts: 4_026_531_838,
  Ipc: 4_026_531_839,
  Mnt: 4_026_531_841,
  Pid: 4_026_531_836,
  PidForChildren: 4_026_531_836,
  Net: 4_026_531_840,
  Time: 4_026_531_834,
  TimeForChildren: 4_026_531_834,
  Cgroup: 4_026_531_835,
  User: 4_026_531_837,
};

export type SituationScope = {
  readonly place: Place;
  readonly policies: readonly Policy[];
  readonly names: readonly string[];
  /** The files that have names; another name may be one of them too. */
  readonly identities: readonly FileIdentity[];
  readonly numberOf: (call: SyscallValue) => bigint | undefined;
  readonly random: Random;
};

const encoder = new TextEncoder();

export function makeSituation(scope: SituationScope): Situation {
  const { place, random } = scope;
  const aim = random.chance(75) ? aimAt(scope) : undefined;
  const raw = place.parameters.map((parameter, index) => {
    const wanted = aim === undefined || random.chance(8) ? [] : matchesOn(aim, index, parameter);
    const hints = wanted.length > 0 ? wanted : hintsOn(index, parameter, scope);
    return rawValue(parameter, hints, wanted.length > 0, scope);
  });
  const returned = aim?.selector.returnArguments[0];
  const shape = { bits: 64, signed: true } as const;
  return {
    raw,
    result:
      returned === undefined ? integerIn(shape, random) : aimedInteger({ match: returned, declared: shape }, scope),
    process: makeProcess(aim?.selector ?? anySelector(scope), scope),
    workload: makeWorkload(random),
    call: BigInt(random.below(3)),
  };
}

type Aim = { readonly hook: Hook; readonly selector: Selector };

function aimAt(scope: SituationScope): Aim {
  const hook = hookOf(scope.random.pick(scope.policies));
  return { hook, selector: scope.random.pick(hook.selectors) };
}

function anySelector(scope: SituationScope): Selector {
  return aimAt(scope).selector;
}

type Hint = { readonly match: ArgumentMatch; readonly declared: IntegerShape };

function matchesOn({ hook, selector }: Aim, index: number, parameter: Parameter): readonly Hint[] {
  return selector.arguments.flatMap((match) => {
    const argument = hook.arguments[match.argument];
    if (argument?.index.value !== index) return [];
    const passed = parameter.kind === 'integer' ? parameter.shape : ({ bits: 64, signed: false } as const);
    return [{ match, declared: seenShape(argument.type.value, passed) }];
  });
}

/** One filter of any policy on the parameter: what is near it is worth a look. */
function hintsOn(index: number, parameter: Parameter, scope: SituationScope): readonly Hint[] {
  const all = scope.policies.flatMap((policy) => {
    const hook = hookOf(policy);
    return hook.selectors.flatMap((selector) => matchesOn({ hook, selector }, index, parameter));
  });
  return all.length === 0 ? [] : [scope.random.pick(all)];
}

function rawValue(
  parameter: Parameter,
  hints: readonly Hint[],
  aimed: boolean,
  scope: SituationScope,
): ObservedArgument {
  const { random } = scope;
  switch (parameter.kind) {
    case 'integer': {
      const hint = hints.length === 0 ? undefined : random.pick(hints);
      return {
        kind: 'integer',
        value: hint === undefined ? integerIn(parameter.shape, random) : aimedInteger(hint, scope),
      };
    }
    case 'path':
    case 'string':
      return rawText(parameter, hints, aimed, scope);
    case 'socket':
      return random.chance(8) ? { kind: 'unreadable' } : rawSocket(parameter.type, hints, scope);
    case 'credentials':
      return { kind: 'credentials' };
  }
}

/** The value itself, or one beside it, with garbage where the type does not look. */
function aimedInteger({ match, declared }: Hint, { random, numberOf }: SituationScope): bigint {
  const base = towards(match, random.pick(match.values), declared, numberOf, random);
  const value = random.chance(80) ? base : base + random.pick([-1n, 1n]);
  if (declared.bits === 64) return BigInt.asUintN(64, value);
  const above = random.pick([0n, -1n, random.bits64()]) << BigInt(declared.bits);
  return BigInt.asUintN(64, above | BigInt.asUintN(declared.bits, value));
}

function towards(
  { operator }: ArgumentMatch,
  value: ArgumentValue,
  shape: IntegerShape,
  numberOf: SituationScope['numberOf'],
  random: Random,
): bigint {
  switch (value.kind) {
    case 'integer':
      if (operator.value === 'GT') return value.value + random.pick([0n, 1n, 2n]);
      if (operator.value === 'LT') return value.value - random.pick([0n, 1n, 2n]);
      if (operator.value !== 'Mask') return random.chance(70) ? value.value : integerIn(shape, random);
      return random.chance(60) ? value.value & random.bits64() : ~value.value & random.bits64();
    case 'range': {
      const ends = [
        value.minimum,
        value.maximum,
        value.minimum - 1n,
        value.maximum + 1n,
        (value.minimum + value.maximum) >> 1n,
      ];
      return random.chance(85) ? random.pick(ends) : integerIn(shape, random);
    }
    case 'syscall':
      return numberOf(value) ?? 0n;
    default:
      throw new TypeError(`${value.kind} is no value of a number`);
  }
}

const keptBytes = 4096; // RF_PATH_MAX

type TextParameter = Extract<Parameter, { kind: 'path' | 'string' }>;

function rawText(
  parameter: TextParameter,
  hints: readonly Hint[],
  aimed: boolean,
  scope: SituationScope,
): ObservedText {
  const { random, identities } = scope;
  const { kind } = parameter;
  const identity = kind === 'path' ? randomIdentity(identities, random) : undefined;
  if (random.chance(8)) return { kind, bytes: 'unreadable', truncated: false, identity };
  const near =
    parameter.type === 'char_buf' ? withTail(textNear(hints, aimed, scope), random) : textNear(hints, aimed, scope);
  // only a buffer goes on behind a NUL
  const whole = parameter.type === 'char_buf' ? near : near.filter((byte) => byte !== 0);
  if (whole.length <= keptBytes && !random.chance(4)) return { kind, bytes: whole, truncated: false, identity };
  const filler = encoder.encode(longName(keptBytes, random));
  const bytes =
    kind === 'path' ? joined(filler, whole).subarray(-keptBytes) : joined(whole, filler).subarray(0, keptBytes);
  return { kind, bytes, truncated: true, identity };
}

/** A buffer is not over where a string would be. */
function withTail(bytes: Uint8Array, random: Random): Uint8Array {
  return random.chance(15) ? joined(bytes, Uint8Array.of(0), encoder.encode(random.pick(['', 'a', 'b/a']))) : bytes;
}

function randomIdentity(identities: readonly FileIdentity[], random: Random): FileIdentity | undefined {
  if (random.chance(20)) return undefined;
  const file = random.pick(identities);
  return random.pick([{ ...file, device: 7n }, { ...file, inode: 999n }, { ...file, inode: 999n }, file]);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** All of the filters at once where that can be: what one wants at the beginning and another at the end. */
function textNear(hints: readonly Hint[], aimed: boolean, { random, names }: SituationScope): Uint8Array {
  const filler = encoder.encode(random.chance(4) ? '' : random.pick(names));
  let start: Uint8Array = filler;
  let end: Uint8Array = new Uint8Array();
  for (const { match } of hints) {
    const value = random.pick(match.values);
    if (value.kind !== 'string' || (match.operator.value.startsWith('Not') && random.chance(60))) continue;
    if (match.operator.value.endsWith('Postfix')) end = value.bytes;
    else if (match.operator.value.endsWith('Prefix'))
      start = joined(value.bytes, random.chance(60) ? filler : new Uint8Array());
    else return random.chance(aimed ? 75 : 50) ? value.bytes : spoiled(value.bytes, random);
  }
  const text = joined(start, end);
  return random.chance(aimed ? 85 : 60) ? text : spoiled(text, random);
}

/** One byte more, less or other, at either end or within. */
function spoiled(bytes: Uint8Array, random: Random): Uint8Array {
  const byte = Uint8Array.of(random.pick([97, 98, 47, 0]));
  const at = random.below(bytes.length + 1);
  switch (random.below(6)) {
    case 0:
      return joined(bytes, byte);
    case 1:
      return bytes.subarray(0, Math.max(0, bytes.length - 1));
    case 2:
      return joined(byte, bytes);
    case 3:
      return bytes.subarray(1);
    case 4:
      return joined(bytes.subarray(0, at), byte, bytes.subarray(at + 1));
    default:
      return joined(bytes, byte, byte);
  }
}

const nothing: ObservedSocket = {
  kind: 'socket',
  family: undefined,
  protocol: undefined,
  state: undefined,
  source: { address: undefined, port: undefined },
  destination: { address: undefined, port: undefined },
};

function rawSocket(type: string, hints: readonly Hint[], scope: SituationScope): ObservedSocket {
  const { random } = scope;
  if (random.chance(2)) return nothing;
  const wanted = (operators: readonly string[]) =>
    hints.flatMap(({ match }) => (operators.some((each) => match.operator.value.includes(each)) ? match.values : []));
  const family = random.chance(6) ? 1 : numberNear(wanted(['Family']), [2, 10], 0xffff, random);
  const base = { ...nothing, family };
  if (family === 1)
    return { ...base, state: type === 'sock' ? 7 : undefined, protocol: type === 'sock' ? 0 : undefined };
  const port = (operator: string) =>
    numberNear(wanted([`${operator}Port`, `${operator}port`]), [22, 443, 40_000], 0xffff, random);
  const end = (side: string) => ({
    address: addressNear(wanted([`${side}Addr`]), random),
    port: random.chance(5) ? undefined : port(side),
  });
  const source = end('S');
  if (type === 'sockaddr') return { ...base, source };
  const protocol = numberNear(wanted(['Protocol']), [6, 17], 0xffff, random);
  const state = type === 'sock' ? numberNear(wanted(['State']), [1, 10], 13, random) : undefined;
  const destination = end('D');
  // addresses and ports come in pairs
  if (source.address === undefined || destination.address === undefined) {
    source.address = undefined;
    destination.address = undefined;
  }
  if (source.port === undefined || destination.port === undefined) {
    source.port = undefined;
    destination.port = undefined;
  }
  return { ...base, protocol, state, source, destination };
}

function numberNear(values: readonly ArgumentValue[], others: readonly number[], most: number, random: Random): number {
  const value = values.length > 0 && random.chance(85) ? random.pick(values) : undefined;
  if (value?.kind !== 'range') return random.pick(others);
  const near = Number(random.pick([value.minimum, value.maximum, value.minimum - 1n, value.maximum + 1n]));
  return Math.max(0, Math.min(most, near));
}

/** In or beside one of the networks. */
function addressNear(values: readonly ArgumentValue[], random: Random): Uint8Array | undefined {
  if (random.chance(4)) return undefined;
  const value = values.length > 0 && random.chance(85) ? random.pick(values) : undefined;
  if (value?.kind !== 'address') return randomBytes(random.pick([4, 16]), random);
  const bytes = value.bytes.map((byte, index) => {
    const kept = Math.min(8, Math.max(0, value.prefixLength - index * 8));
    return byte | (random.below(256) & (0xff >> kept));
  });
  if (!random.chance(25)) return bytes;
  const bit = Math.max(0, value.prefixLength - 1 - random.pick([0, 0, 1, 8]));
  return bytes.map((byte, index) => (index === bit >> 3 ? byte ^ (0x80 >> (bit & 7)) : byte));
}

/** Never one that is mapped: such ones are IPv4 before a program sees them. */
function randomBytes(length: number, random: Random): Uint8Array {
  return Uint8Array.from({ length }, () => random.pick([10, 1, 2, 0, 32, 254]));
}

function makeProcess(selector: Selector, scope: SituationScope): ObservedProcess {
  const { random, names } = scope;
  const listed = selector.binaries?.values.map(({ value }) => value) ?? [];
  const name = () => {
    const value = listed.length > 0 && random.chance(60) ? random.pick(listed) : random.pick(names);
    const bytes = encoder.encode(random.chance(15) ? `${value}a` : random.chance(10) ? `/b${value}` : value);
    return bytes;
  };
  const binary = random.chance(6) ? 'unreadable' : random.chance(3) ? new Uint8Array() : name();
  const subject = random.chance(5) ? 'unreadable' : makeSubject(selector, scope);
  const pids = selector.pids.flatMap(({ values }) => values);
  const pid = () => (pids.length > 0 && random.chance(50) ? random.pick(pids) : random.pick(pidPool));
  const ancestors = Array.from({ length: random.below(3) }, name);
  return {
    binary,
    isElsewhere: random.chance(8),
    descent: {
      binaries: binary === 'unreadable' ? ancestors : [binary, ...ancestors],
      pids: Array.from({ length: random.between(1, 3) }, pid),
      namespacePids: Array.from({ length: random.between(1, 3) }, pid),
    },
    subject,
  };
}

function makeSubject(selector: Selector, { random }: SituationScope): Subject {
  const pids = selector.pids.flatMap(({ values }) => values);
  const pid = () => (pids.length > 0 && random.chance(60) ? random.pick(pids) : random.pick(pidPool));
  const entries = namespaceKinds.map((kind) => {
    const wanted = selector.namespaces.filter(({ namespace }) => namespace === kind).flatMap(({ values }) => values);
    const value =
      wanted.length > 0 && random.chance(60) ? random.pick(wanted) : random.pick([...inodePool, 'host' as const]);
    return [kind, value === 'host' ? hostNamespaces[kind] : value] as const;
  });
  const masks = selector.capabilities.map(({ mask }) => mask);
  const capabilities = () =>
    masks.length > 0 && random.chance(60) ? random.bits64() & random.pick(masks) : random.bits64() & random.bits64();
  return {
    pid: pid(),
    namespacePid: pid(),
    namespaces: { ...hostNamespaces, ...Object.fromEntries(entries) },
    capabilities: { Effective: capabilities(), Inheritable: capabilities(), Permitted: capabilities() },
  };
}
