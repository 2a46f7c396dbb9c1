/**
 * Lets Node keep what it makes of the sources (types stripped, code compiled) for the next start: a short command then
 * takes a third of the time. Who can write there decides what runs, as root too; so the place must be ours alone, and
 * where it is not there is no cache. Node's own choice is a directory in /tmp. NODE_DISABLE_COMPILE_CACHE=1 switches
 * it off.
 */
import { lstatSync, mkdirSync } from 'node:fs';
import { constants, enableCompileCache } from 'node:module';
import { dirname } from 'node:path';

const PRIVATE = 0o700;
const WRITABLE_BY_OTHERS = 0o022;
const FOR_OTHERS = 0o077;

/** Makes the directory when it is missing. Returns whether what is loaded from now on is kept there. */
export function keepCompiled(directory: string): boolean {
  try {
    if (!isOurs(dirname(directory), WRITABLE_BY_OTHERS)) return false;
    mkdirSync(directory, { recursive: true, mode: PRIVATE });
    if (!isOurs(directory, FOR_OTHERS)) return false;
  } catch {
    return false; // nothing can be written there
  }
  return enableCompileCache(directory).status === constants.compileCacheStatus.ENABLED;
}

/** A directory itself, not a link to one. */
function isOurs(path: string, forbidden: number): boolean {
  const found = lstatSync(path);
  return found.isDirectory() && found.uid === process.geteuid?.() && (found.mode & forbidden) === 0;
}
