/** The way out that needs no agent: a kernel argument, or a file of root. */
import { lstatSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { reasonOf } from './journal.ts';

const ARGUMENT = 'ringfence=';

/** What `ringfence=` says on the kernel's command line; of several, the last. Undefined when it is not there. */
export function kernelArgument(commandLine: string): string | undefined {
  const words = commandLine.trim().split(/\s+/);
  return words.findLast((word) => word.startsWith(ARGUMENT))?.slice(ARGUMENT.length);
}

/** `reason` says why a file that is there does not count. */
export type FileVerdict = 'none' | 'counts' | { readonly reason: string };

/** Only root may take enforcement down: the file, and the directory that others could put one into, must be its own. */
export function judgeFile(path: string, owner = 0): FileVerdict {
  const file = look(path);
  if (file === undefined) return 'none';
  if ('reason' in file) return file;
  const directory = look(dirname(path));
  if (!file.isFile()) return { reason: 'it is no regular file' };
  if (file.uid !== owner) return { reason: `it belongs to user ${file.uid}` };
  if (writableByOthers(file)) return { reason: 'others can write it' };
  if (directory === undefined || 'reason' in directory) return { reason: 'its directory can not be looked at' };
  if (directory.uid !== owner || writableByOthers(directory)) return { reason: 'others can write its directory' };
  return 'counts';
}

function look(path: string): Stats | { readonly reason: string } | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    return reasonOf(error) === 'ENOTDIR' ? undefined : { reason: reasonOf(error) };
  }
}

function writableByOthers({ mode }: Stats): boolean {
  return (mode & 0o022) !== 0;
}
