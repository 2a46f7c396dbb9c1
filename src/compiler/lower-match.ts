/** A filter on an argument becomes a test of a fact. */
import type { Architecture } from '#bpf';
import { type Diagnostic, diagnostic, type Span } from '#diagnostics';
import type { ArgumentMatch, ArgumentOperator, ArgumentValue, IntegerShape } from '#policy';
import type {
  BytesValue,
  Fact,
  FileIdentity,
  IntegerTest,
  Range,
  SocketField,
  SocketTest,
  Test,
  TextOperator,
  TextTest,
} from './plan.ts';
import { boundsOf, disjoint } from './ranges.ts';
import type { ResolvedArgument } from './resolved.ts';
import { syscallNumber } from './syscalls.ts';

/** Device and inode of the files that have a name now; see the annotation `ringfence.io/file-identity`. */
export type Identities = ReadonlyMap<string, FileIdentity>;

/** The bits of lists that have one already, by the key of the list; see FollowList. */
export type FollowBits = FollowAllocator;

export type FollowAllocator = {
  /** The bit of a list, which may be new; undefined when there is none left. */
  readonly bitOf: (list: FollowRequest) => number | undefined;
};

export type FollowRequest = { readonly key: string } & (
  | { readonly kind: 'binaries'; readonly paths: readonly Uint8Array[] }
  | { readonly kind: 'pids'; readonly pids: readonly number[]; readonly inNamespace: boolean }
);

export type MatchScope = {
  readonly arguments: readonly (ResolvedArgument | undefined)[];
  readonly facts: readonly (Fact | undefined)[];
  readonly result: ResolvedArgument | undefined;
  readonly resultFact: Fact | undefined;
  readonly identities: Identities;
  readonly arch: Architecture;
  readonly diagnostics: Diagnostic[];
};

const RESULT = -1;

/** Undefined when a diagnostic says why not. */
export function lowerMatch(match: ArgumentMatch, scope: MatchScope): Test | undefined {
  const isResult = match.argument === RESULT;
  const argument = isResult ? scope.result : scope.arguments[match.argument];
  const fact = isResult ? scope.resultFact : scope.facts[match.argument];
  if (argument === undefined || fact === undefined) return undefined;
  switch (argument.value.kind) {
    case 'integer':
      return integerTest(match, fact, argument, scope);
    case 'text':
      return textTest(match, fact, argument.value.isPath, scope);
    case 'socket':
      return socketTest(match, fact, scope);
    case 'credentials':
      return unfit(match, match.values[0], 'credentials', scope);
  }
}

const NEGATED: readonly ArgumentOperator[] = [
  'NotEqual',
  'NotPrefix',
  'NotPostfix',
  'NotInRange',
  'NotInMap',
  'NotSAddr',
  'NotDAddr',
  'NotSPort',
  'NotDPort',
  'NotSportPriv',
  'NotDPortPriv',
];

function integerTest(
  match: ArgumentMatch,
  fact: Fact,
  { value }: ResolvedArgument,
  scope: MatchScope,
): IntegerTest | undefined {
  if (value.kind !== 'integer') return undefined;
  const shape: IntegerShape = { bits: value.bits, signed: value.signed };
  const negated = NEGATED.includes(match.operator.value);
  const base = { kind: 'integer', fact, shape, negated, span: match.span } as const;
  if (match.operator.value === 'Mask') {
    const masks = match.values.flatMap((each) => maskOf(match, each, shape, scope) ?? []);
    return { ...base, how: { kind: 'mask', masks } };
  }
  const ranges = match.values.flatMap((each) => rangeOf(match, each, shape, scope) ?? []);
  return { ...base, how: { kind: 'ranges', ranges: disjoint(ranges, boundsOf(shape)) } };
}

/** A bit that is not passed is never set; of a signed number it would stand for the sign. */
function maskOf(
  match: ArgumentMatch,
  value: ArgumentValue,
  shape: IntegerShape,
  scope: MatchScope,
): { readonly value: bigint; readonly span: Span } | undefined {
  if (value.kind !== 'integer') return unfit(match, value, 'a number', scope);
  const minimum = shape.signed ? boundsOf(shape).minimum : 0n;
  const maximum = 2n ** BigInt(shape.bits) - 1n;
  if (value.value >= minimum && value.value <= maximum) {
    return { value: BigInt.asUintN(shape.bits, value.value), span: value.span };
  }
  const sign = shape.signed ? 'signed' : 'unsigned';
  const parameters = { value: value.value, bits: shape.bits, sign, minimum, maximum };
  scope.diagnostics.push(diagnostic('RF2108', value.span, parameters));
  return undefined;
}

function rangeOf(
  match: ArgumentMatch,
  value: ArgumentValue,
  shape: IntegerShape,
  scope: MatchScope,
): Range | undefined {
  const range = spanned(match, value, shape, scope);
  if (range === undefined) return undefined;
  const bounds = boundsOf(shape);
  const outside = range.minimum > bounds.maximum || range.maximum < bounds.minimum;
  if (!outside || match.operator.value === 'GT' || match.operator.value === 'LT') return range;
  scope.diagnostics.push(
    diagnostic('RF2108', value.span, {
      value: value.kind === 'integer' ? value.value : `${range.minimum}:${range.maximum}`,
      bits: shape.bits,
      sign: shape.signed ? 'signed' : 'unsigned',
      ...bounds,
    }),
  );
  return undefined;
}

function spanned(
  match: ArgumentMatch,
  value: ArgumentValue,
  shape: IntegerShape,
  scope: MatchScope,
): Range | undefined {
  const { minimum, maximum } = boundsOf(shape);
  const { span } = value;
  switch (value.kind) {
    case 'integer':
      if (match.operator.value === 'GT') return { minimum: value.value + 1n, maximum, span };
      if (match.operator.value === 'LT') return { minimum, maximum: value.value - 1n, span };
      return { minimum: value.value, maximum: value.value, span };
    case 'range':
      return { minimum: value.minimum, maximum: value.maximum, span };
    case 'syscall': {
      const number = syscallNumber(value, scope.arch);
      if (number !== undefined) return { minimum: number, maximum: number, span };
      scope.diagnostics.push(diagnostic('RF2109', span, { name: value.name, width: value.width }));
      return undefined;
    }
    default:
      return unfit(match, value, 'a number', scope);
  }
}

const TEXT_OPERATORS: Readonly<Partial<Record<ArgumentOperator, TextOperator>>> = {
  Equal: 'equal',
  NotEqual: 'equal',
  Prefix: 'prefix',
  NotPrefix: 'prefix',
  Postfix: 'postfix',
  NotPostfix: 'postfix',
};

function textTest(match: ArgumentMatch, fact: Fact, isPath: boolean, scope: MatchScope): TextTest | undefined {
  const operator = TEXT_OPERATORS[match.operator.value];
  const passes = isPath ? 'a path' : 'a string';
  if (operator === undefined) return unfit(match, match.values[0], passes, scope);
  const values: BytesValue[] = [];
  const identities: FileIdentity[] = [];
  for (const each of match.values) {
    if (each.kind !== 'string') {
      unfit(match, each, passes, scope);
      continue;
    }
    values.push({ bytes: each.bytes, span: each.span });
    const identity = isPath && operator === 'equal' ? scope.identities.get(each.text) : undefined;
    if (identity !== undefined) identities.push(identity);
  }
  return {
    kind: 'text',
    fact,
    operator,
    negated: NEGATED.includes(match.operator.value),
    emptyNever: isPath,
    values,
    inSet: undefined,
    identities,
    identityInSet: undefined,
    span: match.span,
  };
}

const SOCKET_FIELDS: Readonly<Partial<Record<ArgumentOperator, SocketField>>> = {
  SPort: 'sourcePort',
  NotSPort: 'sourcePort',
  SPortPriv: 'sourcePort',
  NotSportPriv: 'sourcePort',
  DPort: 'destinationPort',
  NotDPort: 'destinationPort',
  DPortPriv: 'destinationPort',
  NotDPortPriv: 'destinationPort',
  Protocol: 'protocol',
  Family: 'family',
  State: 'state',
};

const SIDES: Readonly<Partial<Record<ArgumentOperator, 'source' | 'destination'>>> = {
  SAddr: 'source',
  NotSAddr: 'source',
  DAddr: 'destination',
  NotDAddr: 'destination',
};

const SIXTEEN_BITS = { minimum: 0n, maximum: 0xffffn } as const;

function socketTest(match: ArgumentMatch, fact: Fact, scope: MatchScope): SocketTest | undefined {
  const operator = match.operator.value;
  const base = { kind: 'socket', fact, negated: NEGATED.includes(operator), span: match.span } as const;
  const side = SIDES[operator];
  if (side !== undefined) {
    const networks = match.values.flatMap((each) =>
      each.kind === 'address' ? [each] : (unfit(match, each, 'a socket', scope) ?? []),
    );
    return { ...base, how: { kind: 'address', side, networks, inSet: undefined } };
  }
  const field = SOCKET_FIELDS[operator];
  if (field === undefined) return unfit(match, match.values[0], 'a socket', scope);
  const ranges = match.values.flatMap((each) =>
    each.kind === 'range'
      ? [{ minimum: each.minimum, maximum: each.maximum, span: each.span }]
      : (unfit(match, each, 'a socket', scope) ?? []),
  );
  return { ...base, how: { kind: 'number', field, ranges: disjoint(ranges, SIXTEEN_BITS) } };
}

/** With type auto only the kernel's types say what a value must be. */
function unfit(match: ArgumentMatch, value: ArgumentValue | undefined, passes: string, scope: MatchScope): undefined {
  const span = value?.span ?? match.operator.span;
  const written = value === undefined ? match.operator.value : textOf(value);
  scope.diagnostics.push(diagnostic('RF2007', span, { value: written, passes }));
}

function textOf(value: ArgumentValue): string {
  switch (value.kind) {
    case 'string':
      return value.text;
    case 'integer':
      return String(value.value);
    case 'range':
      return `${value.minimum}:${value.maximum}`;
    case 'address':
      return value.bytes.join('.');
    case 'syscall':
      return value.name;
  }
}
