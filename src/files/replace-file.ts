/** A small file that is either the one of before or the new one, whole, whenever the machine dies. */
import { closeSync, constants, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * For its owner only, and on the disk when it returns. Throws what the file system says; the file of before is there
 * then. What a crash, or somebody else, left under the name of the unfinished file is not written to.
 */
export function replaceFile(path: string, text: string): void {
  const unfinished = `${path}.new`;
  rmSync(unfinished, { force: true });
  writeFileSync(unfinished, text, { mode: 0o600, flag: 'wx', flush: true });
  renameSync(unfinished, path);
  syncDirectory(dirname(path));
}

/** Names in it that have changed are on the disk when it returns. */
export function syncDirectory(path: string): void {
  const directory = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
