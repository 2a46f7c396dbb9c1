/** Addresses of kernel symbols, found in /proc/kallsyms (10 MB of text) without keeping it. */
import { closeSync, openSync, readSync } from 'node:fs';
import { constants } from 'node:os';
import { refused } from './errno.ts';

export const KALLSYMS = '/proc/kallsyms';

const CHUNK_BYTES = 256 * 1024;
const NAME_START = 19; // `ffffffff81000000 T _stext`: 16 digits, space, type, space; a module's name may follow after a tab
const NEWLINE = 10;
const TAB = 9;

/**
 * A name that is not there, or whose address kptr_restrict hides (it reads as zero), has no entry in the answer.
 * Where a name occurs twice the first counts, which for a name of the kernel's own is never a module's.
 */
export function readKernelSymbols(names: Iterable<string>, path = KALLSYMS): Map<string, bigint> {
  const wanted = new Map([...names].map((name) => [name, Buffer.from(` ${name}`, 'latin1')]));
  const found = new Map<string, bigint>();
  const fd = open(path);
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let kept = 0; // the beginning of a line whose end has not been read yet
    while (wanted.size > 0) {
      const length = kept + readSync(fd, chunk, kept, chunk.length - kept, null);
      if (length === kept) break;
      const end = searchLines(chunk, length, wanted, found);
      // A line longer than the chunk is none of kallsyms (a name has at most 512 bytes): it is dropped.
      kept = end === 0 && length === chunk.length ? 0 : chunk.copy(chunk, 0, end, length);
    }
  } finally {
    closeSync(fd);
  }
  return found;
}

function open(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    const errno = cause instanceof Error && 'errno' in cause ? -Number(cause.errno) : constants.errno.EIO;
    throw refused(`open(${path})`, errno);
  }
}

/** Looks at the whole lines of the chunk; returns where the first line that is not whole begins. */
function searchLines(chunk: Buffer, length: number, wanted: Map<string, Buffer>, found: Map<string, bigint>): number {
  const lines = chunk.subarray(0, chunk.subarray(0, length).lastIndexOf(NEWLINE) + 1);
  for (const [name, needle] of wanted) {
    const start = lineOf(needle, lines);
    if (start === undefined) continue;
    wanted.delete(name);
    const address = BigInt(`0x${lines.toString('latin1', start, start + 16)}`);
    if (address !== 0n) found.set(name, address);
  }
  return lines.length;
}

/** Where the first line with the name begins. A search by bytes costs a twentieth of looking at each line. */
function lineOf(needle: Buffer, lines: Buffer): number | undefined {
  for (let at = lines.indexOf(needle); at >= 0; at = lines.indexOf(needle, at + 1)) {
    const start = at + 1 - NAME_START;
    const after = lines[at + needle.length];
    const isWhole = after === NEWLINE || after === TAB;
    if (isWhole && (start === 0 || lines[start - 1] === NEWLINE)) return start;
  }
  return undefined;
}
