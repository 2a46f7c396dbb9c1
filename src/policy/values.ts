/** The values of a filter: paths as bytes, integers within their type, no two equal. */
import type { Span } from '#diagnostics';
import type { Findings } from './findings.ts';
import { itemsOf, type Located, type LocatedScalar } from './located.ts';
import {
  type ArgumentOperator,
  type ArgumentType,
  type ArgumentValue,
  type IntegerType,
  integerTypes,
  isIntegerType,
  type Spanned,
} from './model.ts';
import { shorten } from './schema-errors.ts';

const valueBytesMax: Readonly<Record<ArgumentOperator, number>> = { Equal: 4096, Prefix: 256, Postfix: 127 };
const binaryBytesMax = 255;

/** `values:` of a matchArgs entry on an argument of `type`. */
export function argumentValues(
  filter: Located,
  operator: ArgumentOperator,
  type: ArgumentType,
  findings: Findings,
): readonly ArgumentValue[] {
  const written = itemsOf(filter, 'values').filter((item) => item.kind === 'scalar');
  const parsed = written.flatMap((item) => argumentValue(item, operator, type, findings) ?? []);
  const first = parsed[0];
  const unlike = parsed.find((value) => value.kind !== first?.kind);
  if (unlike !== undefined) findings.report('RF1316', unlike.span, { value: keyOf(unlike) });
  return withoutRepeats(parsed, keyOf, findings);
}

function keyOf(value: ArgumentValue): string {
  return value.kind === 'string' ? value.text : String(value.value);
}

function argumentValue(
  item: LocatedScalar,
  operator: ArgumentOperator,
  type: ArgumentType,
  findings: Findings,
): ArgumentValue | undefined {
  if (isIntegerType(type)) return integerValue(item, type, findings);
  if (type === 'auto' && operator === 'Equal' && !mayBePath(item.written)) {
    if (integerSyntax.test(item.written)) return integerValue(item, undefined, findings);
    if (item.written !== '') return findings.report('RF1314', item.span, { value: shorten(item.written) });
  }
  return pathValue(item, operator, findings);
}

/** Decimal, base 16 with 0x, base 8 with 0, as the peer reads them; no number of 64 bits is longer. */
const integerSyntax = /^[-+]?(0[xX][0-9a-fA-F]{1,32}|0[0-7]{0,32}|[1-9][0-9]{0,31})$/;

function integerValue(
  item: LocatedScalar,
  type: IntegerType | undefined,
  findings: Findings,
): ArgumentValue | undefined {
  if (!integerSyntax.test(item.written)) {
    return findings.report('RF1306', item.span, { value: `"${shorten(item.written)}"` });
  }
  const value = parseInteger(item.written);
  const { minimum, maximum } = rangeOf(type);
  if (value < minimum || value > maximum) {
    const name = type ?? 'auto';
    return findings.report('RF1307', item.span, { value: item.written, type: name, minimum, maximum });
  }
  return { kind: 'integer', value, span: item.span };
}

function parseInteger(text: string): bigint {
  const digits = text.replace(/^[-+]/, '');
  const isOctal = /^0[0-7]/.test(digits);
  const magnitude = BigInt(isOctal ? `0o${digits.slice(1)}` : digits);
  return text.startsWith('-') ? -magnitude : magnitude;
}

/** For `auto` the range of every integer type together: the compiler narrows it once BTF has said the type. */
function rangeOf(type: IntegerType | undefined): { readonly minimum: bigint; readonly maximum: bigint } {
  if (type === undefined) return { minimum: -(2n ** 63n), maximum: 2n ** 64n - 1n };
  const { bits, signed } = integerTypes[type];
  const width = BigInt(bits);
  if (signed) return { minimum: -(2n ** (width - 1n)), maximum: 2n ** (width - 1n) - 1n };
  return { minimum: 0n, maximum: 2n ** width - 1n };
}

function pathValue(item: LocatedScalar, operator: ArgumentOperator, findings: Findings): ArgumentValue | undefined {
  const text = item.written;
  const bytes = new TextEncoder().encode(text);
  if (!checkText(item, bytes.length, { operator, limit: valueBytesMax[operator] }, findings)) return undefined;
  if (operator !== 'Postfix' && !mayBePath(text)) {
    return findings.report('RF1308', item.span, { value: shorten(text), operator: 'Postfix' });
  }
  const part = impossiblePart(text, operator);
  if (part !== undefined) return findings.report('RF1313', item.span, { value: shorten(text), part });
  return { kind: 'string', text, bytes, span: item.span };
}

/** Absolute, or of a file that no mount shows, which the kernel names `pipe:[1]`, `socket:[1]`, `anon_inode:[x]`. */
function mayBePath(text: string): boolean {
  return text.startsWith('/') || /^[a-z_]+:/.test(text);
}

/** What the kernel never writes into a path: it walks one, and names what it has reached. */
function impossiblePart(text: string, operator: ArgumentOperator): string | undefined {
  if (text.includes('//')) return 'an empty part ("//")';
  if (text.includes('/./')) return '"." as a part';
  if (text.includes('/../')) return '".." as a part';
  if (operator === 'Prefix') return undefined;
  if (/\/\.$/.test(text)) return '"." as a part';
  if (/\/\.\.$/.test(text)) return '".." as a part';
  if (text.length > 1 && text.endsWith('/')) return '"/" at the end';
  return undefined;
}

/** `values:` of matchBinaries. */
export function binaryValues(filter: Located, findings: Findings): readonly Spanned<string>[] {
  const written = itemsOf(filter, 'values').filter((item) => item.kind === 'scalar');
  const parsed = written.flatMap((item) => binaryValue(item, findings) ?? []);
  return withoutRepeats(parsed, (each) => each.value, findings);
}

function binaryValue(item: LocatedScalar, findings: Findings): Spanned<string> | undefined {
  const text = item.written;
  const bytes = new TextEncoder().encode(text).length;
  if (!checkText(item, bytes, { operator: 'matchBinaries', limit: binaryBytesMax }, findings)) return undefined;
  if (!text.startsWith('/')) {
    return findings.report('RF1315', item.span, { value: shorten(text) });
  }
  const part = impossiblePart(text, 'Equal');
  if (part !== undefined) return findings.report('RF1313', item.span, { value: shorten(text), part });
  return { value: text, span: item.span };
}

type Limit = { readonly operator: string; readonly limit: number };

function checkText(item: LocatedScalar, bytes: number, { operator, limit }: Limit, findings: Findings): boolean {
  if (bytes === 0) findings.report('RF1312', item.span);
  else if (item.written.includes('\0')) findings.report('RF1310', item.span);
  else if (bytes > limit) findings.report('RF1309', item.span, { bytes, operator, limit });
  else return true;
  return false;
}

function withoutRepeats<Value extends { readonly span: Span }>(
  values: readonly Value[],
  key: (value: Value) => string,
  findings: Findings,
): readonly Value[] {
  const first = new Map<string, Value>();
  for (const value of values) {
    const earlier = first.get(key(value));
    if (earlier === undefined) first.set(key(value), value);
    else findings.report('RF1311', value.span, { value: shorten(key(value)), line: earlier.span.line });
  }
  return [...first.values()];
}
