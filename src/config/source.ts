/** Reading what a configuration is made of: small files that not everybody may write. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { type Diagnostic, diagnostic, EnvironmentError } from '#diagnostics';
import { codeOf } from '#std';

export const BYTES_MAX = 65_536;

export type Source = { readonly text: string; readonly diagnostics: readonly Diagnostic[] };

/** Undefined when there is no such file; throws RF5008 when it can not be read. */
export function readSource(path: string): Source | undefined {
  try {
    return readOpen(path);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw unreadable(path, codeOf(cause), cause);
  }
}

export function unreadable(path: string, reason: string, cause?: unknown): EnvironmentError {
  return new EnvironmentError('RF5008', { path, reason }, { cause });
}

/** Does not wait for the writer of a pipe. */
function readOpen(path: string): Source {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw Object.assign(new Error(`${path} is no regular file`), { code: 'it is no regular file' });
    const bytes = Buffer.alloc(BYTES_MAX + 1);
    const length = readSync(file, bytes, 0, bytes.length, 0);
    if (length > BYTES_MAX)
      return { text: '', diagnostics: [diagnostic('RF5010', undefined, { path, limit: BYTES_MAX })] };
    const open = (stat.mode & constants.S_IWOTH) !== 0;
    return {
      text: bytes.toString('utf8', 0, length),
      diagnostics: open ? [diagnostic('RF5009', undefined, { path })] : [],
    };
  } finally {
    closeSync(file);
  }
}
