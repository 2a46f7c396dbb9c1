/** What the hook finds when no agent answers: the rules that this one leaves; and what it leaves for the next one. */
import { readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const HOOK_SOCKET = 'hook.sock';
const RULES = 'hook.rules';
const MISSED = 'hook.missed';

/** Of the file that the hook reads; what would not fit becomes "every namespace". */
const RULES_BYTES_MAX = 60 * 1024;

export type MissedContainers = { readonly count: number; readonly ids: readonly string[] };

export type HookRules = {
  /** How long a hook waits for an agent. */
  readonly deadlineMs: number;
  /** Namespaces whose containers do not start without one. */
  readonly failClosed: ReadonlySet<string>;
};

export function writeRules(directory: string, { deadlineMs, failClosed }: HookRules): void {
  const lines = [...failClosed].toSorted().map((namespace) => `fail-closed ${namespace}\n`);
  const text = lines.join('');
  const rules = Buffer.byteLength(text) > RULES_BYTES_MAX ? 'fail-closed *\n' : text;
  const aside = join(directory, `${RULES}.new`);
  writeFileSync(aside, `deadline-ms ${deadlineMs}\n${rules}`, { mode: 0o600 });
  renameSync(aside, join(directory, RULES));
}

/** Says that an agent lives: without it hooks wait for nobody. Not where the rules are gone: the hook was uninstalled. */
export function touchRules(directory: string, now: Date): void {
  try {
    utimesSync(join(directory, RULES), now, now);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}

/** Containers that started while no agent answered, told once. The file is full at some 64 KiB. */
export function takeMissed(directory: string): MissedContainers {
  const aside = join(directory, `${MISSED}.read`);
  try {
    renameSync(join(directory, MISSED), aside);
  } catch {
    return { count: 0, ids: [] };
  }
  const ids = readFileSync(aside, 'latin1')
    .split('\n')
    .filter((line) => line !== '');
  rmSync(aside);
  return { count: ids.length, ids };
}

/** For the end of it all: no hook waits for an agent, or refuses anything, any more. */
export function removeHookFiles(directory: string): void {
  for (const name of [HOOK_SOCKET, RULES, MISSED]) rmSync(join(directory, name), { force: true });
}
