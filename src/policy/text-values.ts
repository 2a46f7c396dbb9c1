/** Values of texts: paths as the kernel can give them, strings as they are, both as bytes. */
import type { Findings } from './findings.ts';
import { itemsOf, type Located, type LocatedScalar } from './located.ts';
import { type ArgumentOperator, type ArgumentType, isStringType, type Spanned, type StringValue } from './model.ts';
import { type Impossible, withoutRepeats } from './possible-values.ts';
import { shorten } from './schema-errors.ts';

type Part = 'whole' | 'start' | 'end';

const bytesMax: Readonly<Record<Part, number>> = { whole: 4096, start: 256, end: 127 };
const binaryBytesMax: Readonly<Record<Part, number>> = { whole: 255, start: 255, end: 127 };

/** Which part of a text the operator looks at. */
function partOf(operator: string): Part {
  if (operator.endsWith('Prefix')) return 'start';
  return operator.endsWith('Postfix') ? 'end' : 'whole';
}

export function textValue(
  item: LocatedScalar,
  operator: ArgumentOperator,
  type: ArgumentType,
  findings: Findings,
): StringValue | Impossible | undefined {
  const part = partOf(operator);
  const isPath = !isStringType(type);
  const text = type === 'char_buf' || part === 'start' ? item.written : item.written.replace(/\0+$/, '');
  const bytes = new TextEncoder().encode(text);
  const mayBeEmpty = !isPath && part === 'whole';
  if (bytes.length === 0 && !mayBeEmpty) return findings.report('RF1312', item.span);
  if (type !== 'char_buf' && text.includes('\0')) return findings.report('RF1310', item.span);
  if (bytes.length > bytesMax[part]) {
    return findings.report('RF1309', item.span, { bytes: bytes.length, operator, limit: bytesMax[part] });
  }
  if (isPath) {
    if (part !== 'end' && !mayBePath(text)) return relativePath(item);
    const impossible = impossiblePart(text, part);
    if (impossible !== undefined) {
      return findings.report('RF1313', item.span, { value: shorten(text), part: impossible });
    }
  }
  return { kind: 'string', text, bytes, span: item.span };
}

/** Absolute, or of a file that no mount shows, which the kernel names `pipe:[1]`, `socket:[1]`, `anon_inode:[x]`. */
export function mayBePath(text: string): boolean {
  return text.startsWith('/') || /^[a-z_]+:/.test(text);
}

function relativePath({ written, span }: LocatedScalar): Impossible {
  return {
    kind: 'impossible',
    written,
    reason: 'it is not an absolute path',
    advice: 'start it with "/"; to match the end of a path use Postfix',
    span,
  };
}

/** What the kernel never writes into a path: it walks one, and names what it has reached. */
function impossiblePart(text: string, part: Part): string | undefined {
  if (text.includes('//')) return 'an empty part ("//")';
  if (text.includes('/./')) return '"." as a part';
  if (text.includes('/../')) return '".." as a part';
  if (part === 'start') return undefined;
  if (/\/\.$/.test(text)) return '"." as a part';
  if (/\/\.\.$/.test(text)) return '".." as a part';
  if (text.length > 1 && text.endsWith('/')) return '"/" at the end';
  return undefined;
}

/** `values:` of matchBinaries. */
export function binaryValues(filter: Located, operator: string, findings: Findings): readonly Spanned<string>[] {
  const written = itemsOf(filter, 'values').filter((item) => item.kind === 'scalar');
  const parsed = written.flatMap((item) => binaryValue(item, partOf(operator), findings) ?? []);
  return withoutRepeats(parsed, (each) => each.value, findings);
}

function binaryValue(item: LocatedScalar, part: Part, findings: Findings): Spanned<string> | undefined {
  const text = item.written;
  const bytes = new TextEncoder().encode(text).length;
  if (bytes === 0) return findings.report('RF1312', item.span);
  if (text.includes('\0')) return findings.report('RF1310', item.span);
  if (bytes > binaryBytesMax[part]) {
    return findings.report('RF1309', item.span, { bytes, operator: 'matchBinaries', limit: binaryBytesMax[part] });
  }
  if (part !== 'end' && !text.startsWith('/')) {
    return findings.report('RF1315', item.span, { value: shorten(text) });
  }
  const impossible = impossiblePart(text, part);
  if (impossible !== undefined) {
    return findings.report('RF1313', item.span, { value: shorten(text), part: impossible });
  }
  return { value: text, span: item.span };
}
