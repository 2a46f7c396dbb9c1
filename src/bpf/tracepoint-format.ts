/** Reads the `format` file of a tracepoint: what its records hold, and where. */
import type { TracepointField, TracepointFormat } from './target.ts';

const FIELD = /^\tfield:([^;\n]+);\toffset:(\d{1,9});\tsize:(\d{1,9});\tsigned:([01]);$/;

/** `char comm[16]`, `const char * filename`, `__data_loc char[] name`: type, name, and the length of an array. */
const DECLARATION = /^(.*\S)\s+([A-Za-z_]\w*)(\[[^[\]]*\])?$/;

/** Undefined where a field cannot be read: to leave it out would give all that follow the wrong number. */
export function parseTracepointFormat(text: string): TracepointFormat | undefined {
  const fields: TracepointField[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('print fmt:')) break;
    if (!line.startsWith('\tfield')) continue;
    const field = parseField(line);
    if (field === undefined) return undefined;
    fields.push(field);
  }
  return { fields };
}

function parseField(line: string): TracepointField | undefined {
  const [, declaration = '', offset, size, signed] = FIELD.exec(line) ?? [];
  const [, type, name, length = ''] = DECLARATION.exec(declaration) ?? [];
  if (type === undefined || name === undefined) return undefined;
  return { name, type: `${type}${length}`, offset: Number(offset), size: Number(size), signed: signed === '1' };
}
