/** Values of integers: single ones, ranges, and those that have a name. */
import { capabilities } from './capability-names.ts';
import type { Findings } from './findings.ts';
import type { LocatedScalar } from './located.ts';
import { type ArgumentOperator, type IntegerType, type IntegerValue, integerTypes, type RangeValue } from './model.ts';
import { numberOfName, type Vocabulary } from './named-numbers.ts';
import { nearest } from './nearest.ts';
import type { Impossible } from './possible-values.ts';
import { shorten } from './schema-errors.ts';

type Bounds = { readonly name: string; readonly minimum: bigint; readonly maximum: bigint };

/** Decimal, base 16 with 0x, base 8 with 0, as the peer reads them; no number of 64 bits is longer. */
const anyBase = /^[-+]?(0[xX][0-9a-fA-F]{1,32}|0[0-7]{0,32}|[1-9][0-9]{0,31})$/;
/** Where the peer reads decimal numbers alone, a leading zero would change what it means. */
const decimal = /^[-+]?(0|[1-9][0-9]{0,31})$/;

export function isInteger(text: string): boolean {
  return anyBase.test(text);
}

/** `type` is undefined where it is `auto`. */
export function integerValue(
  item: LocatedScalar,
  type: IntegerType | undefined,
  operator: ArgumentOperator,
  findings: Findings,
): IntegerValue | Impossible | undefined {
  const bounds = operator === 'Mask' ? maskBounds(type) : boundsOf(type);
  const value = numberIn(item, item.written, { type, bounds, findings });
  if (value === undefined) return undefined;
  const { written, span } = item;
  const impossible = impossibleReason(value, operator, bounds);
  if (impossible !== undefined) return { kind: 'impossible', written, span, ...impossible };
  return { kind: 'integer', value: operator === 'Mask' ? asWritten(value, type) : value, span };
}

type Reading = {
  readonly type: IntegerType | undefined;
  readonly bounds: Bounds;
  readonly findings: Findings;
  /** Only where nothing but decimal numbers are read. */
  readonly operator?: ArgumentOperator | undefined;
};

function numberIn(
  item: LocatedScalar,
  text: string,
  { type, bounds, findings, operator }: Reading,
): bigint | undefined {
  const named = type === 'capability' ? numberOfName(capabilities, text) : undefined;
  if (named !== undefined) return BigInt(named);
  if (!anyBase.test(text)) {
    if (type === 'capability') return reportUnknownName(item, text, capabilities, findings);
    return findings.report('RF1306', item.span, { value: `"${shorten(text)}"` });
  }
  if (operator !== undefined && !decimal.test(text)) {
    return findings.report('RF1321', item.span, { operator, value: shorten(text) });
  }
  return withinBounds(item, text, bounds, findings);
}

function withinBounds(item: LocatedScalar, text: string, bounds: Bounds, findings: Findings): bigint | undefined {
  const value = parseInteger(text);
  const { name, minimum, maximum } = bounds;
  if (value >= minimum && value <= maximum) return value;
  return findings.report('RF1307', item.span, { value: text, type: name, minimum, maximum });
}

function parseInteger(text: string): bigint {
  const digits = text.replace(/^[-+]/, '');
  const isOctal = /^0[0-7]/.test(digits);
  const magnitude = BigInt(isOctal ? `0o${digits.slice(1)}` : digits);
  return text.startsWith('-') ? -magnitude : magnitude;
}

/** For `auto` the range of every integer type together: the compiler narrows it once BTF has said the type. */
export function boundsOf(type: IntegerType | undefined): Bounds {
  if (type === undefined) return { name: 'auto', minimum: -(2n ** 63n), maximum: 2n ** 64n - 1n };
  if (type === 'capability') {
    return { name: type, minimum: BigInt(capabilities.minimum), maximum: BigInt(capabilities.maximum) };
  }
  const { bits, signed } = integerTypes[type];
  const width = BigInt(bits);
  if (signed) return { name: type, minimum: -(2n ** (width - 1n)), maximum: 2n ** (width - 1n) - 1n };
  return { name: type, minimum: 0n, maximum: 2n ** width - 1n };
}

/** A mask names bits, so the highest bit of a signed type can be written without a sign too. */
function maskBounds(type: IntegerType | undefined): Bounds {
  const bounds = boundsOf(type);
  if (type === undefined || !integerTypes[type].signed) return bounds;
  return { ...bounds, maximum: 2n ** BigInt(integerTypes[type].bits) - 1n };
}

/** The number of the type that has these bits. */
function asWritten(mask: bigint, type: IntegerType | undefined): bigint {
  if (type === undefined || !integerTypes[type].signed) return mask;
  return BigInt.asIntN(integerTypes[type].bits, mask);
}

function impossibleReason(
  value: bigint,
  operator: ArgumentOperator,
  { name, minimum, maximum }: Bounds,
): Pick<Impossible, 'reason' | 'advice'> | undefined {
  if (operator === 'Mask' && value === 0n) {
    return { reason: 'no bit is set in it', advice: 'name the bits of which one must be set' };
  }
  if (operator === 'GT' && value === maximum) {
    return { reason: `nothing of the type ${name} is greater`, advice: 'write a smaller number' };
  }
  if (operator === 'LT' && value === minimum) {
    return { reason: `nothing of the type ${name} is less`, advice: 'write a greater number' };
  }
  return undefined;
}

/** `min:max`; for an `operator` that tests membership a single number too, and decimal numbers alone. */
export function rangeValue(
  item: LocatedScalar,
  type: IntegerType | undefined,
  findings: Findings,
  operator?: ArgumentOperator,
): RangeValue | undefined {
  const reading = { type, bounds: boundsOf(type), findings, operator };
  const [first = '', second, ...others] = item.written.split(':');
  if (others.length > 0 || (second === undefined && operator === undefined)) {
    return findings.report('RF1319', item.span, { value: shorten(item.written) });
  }
  const minimum = numberIn(item, first, reading);
  if (minimum === undefined) return undefined;
  const maximum = second === undefined ? minimum : numberIn(item, second, reading);
  return maximum === undefined ? undefined : ordered(item, { minimum, maximum }, findings);
}

/** A number, a range of numbers or a name, such as a port, `AF_INET` or `tcp`. */
export function namedRange(item: LocatedScalar, words: Vocabulary, findings: Findings): RangeValue | undefined {
  const named = numberOfName(words, item.written);
  if (named !== undefined) return { kind: 'range', minimum: BigInt(named), maximum: BigInt(named), span: item.span };
  const [first = '', second, ...others] = item.written.split(':');
  if (others.length > 0 || !decimal.test(first) || !decimal.test(second ?? first)) {
    return reportUnknownName(item, item.written, words, findings);
  }
  const bounds = { name: words.what, minimum: BigInt(words.minimum), maximum: BigInt(words.maximum) };
  const minimum = withinBounds(item, first, bounds, findings);
  const maximum = second === undefined ? minimum : withinBounds(item, second, bounds, findings);
  if (minimum === undefined || maximum === undefined) return undefined;
  return ordered(item, { minimum, maximum }, findings);
}

function ordered(
  item: LocatedScalar,
  { minimum, maximum }: { readonly minimum: bigint; readonly maximum: bigint },
  findings: Findings,
): RangeValue | undefined {
  if (minimum > maximum) return findings.report('RF1320', item.span, { value: shorten(item.written) });
  return { kind: 'range', minimum, maximum, span: item.span };
}

export function reportUnknownName(
  item: LocatedScalar,
  text: string,
  { what, forms, prefix, names }: Vocabulary,
  findings: Findings,
): undefined {
  findings.report('RF1325', item.span, () => {
    const spelled = Object.keys(names).map((name) => `${prefix}${name}`);
    const near = nearest(text, spelled);
    const advice = near === undefined ? `write ${forms}` : `did you mean ${near}?`;
    return { value: `"${shorten(text)}"`, what, advice };
  });
}
