/** Reading what the user named on the command line. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError } from '#diagnostics';
import type { PolicyFile } from '#policy';
import { codeOf } from '#std';

/** A directory stands for the `.yaml` and `.yml` files in it, in the order of their names. */
export function readPolicyFiles(paths: readonly string[]): readonly PolicyFile[] {
  return paths.flatMap(expand).map((file) => ({ file, text: readText(file) }));
}

function expand(path: string): readonly string[] {
  try {
    if (path === '-' || !statSync(path).isDirectory()) return [path];
    const names = readdirSync(path).filter((name) => /\.ya?ml$/.test(name));
    return names.toSorted().map((name) => join(path, name));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): EnvironmentError {
  const reason = codeOf(cause);
  return new EnvironmentError('RF3102', { path, reason }, { cause });
}
