/** The journal of the start guard: one small file, which is either the one of before or the new one, whole. */
import { closeSync, constants, fstatSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { replaceFile, syncDirectory } from '#files';
import type { FoundJournal, Journal } from './decide.ts';

const NAME = 'start-guard.json';
const VERSION = 1;
const BYTES_MAX = 4096;
const PHASES = ['watching', 'enforcing', 'survived'] as const;

export function journalPath(stateDirectory: string): string {
  return join(stateDirectory, NAME);
}

/** `reason` says why it is unreadable. */
export function readJournal(stateDirectory: string): FoundJournal & { readonly reason?: string } {
  try {
    const journal = parseJournal(readOwn(journalPath(stateDirectory)));
    return journal === undefined ? { kind: 'unreadable', reason: 'it is damaged' } : { kind: 'found', journal };
  } catch (error) {
    if (reasonOf(error) === 'ENOENT') return { kind: 'none' };
    return { kind: 'unreadable', reason: reasonOf(error) };
  }
}

function readOwn(path: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.uid !== process.geteuid?.()) throw new Error('it is no file of ours');
    return stat.size > BYTES_MAX ? '' : readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

export function reasonOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code);
  return error instanceof Error ? error.message : String(error);
}

/** Undefined when it is not what `writeJournal` writes. */
export function parseJournal(text: string): Journal | undefined {
  const read = parseObject(text);
  const { version, boot, phase, since_ms: sinceMs, stopped, held_for: heldFor } = read;
  const known = PHASES.find((each) => each === phase);
  if (version !== VERSION || known === undefined || typeof boot !== 'string' || boot === '') return undefined;
  if (typeof sinceMs !== 'number' || !Number.isFinite(sinceMs) || sinceMs < 0) return undefined;
  if (typeof stopped !== 'boolean' || (heldFor !== null && typeof heldFor !== 'string')) return undefined;
  return { bootId: boot, phase: known, sinceMs, stopped, heldFor: heldFor ?? undefined };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === 'object' && read !== null ? { ...read } : {};
  } catch {
    return {};
  }
}

/** On the disk when it returns; throws what the file system says. */
export function writeJournal(stateDirectory: string, journal: Journal): void {
  const { bootId, phase, sinceMs, stopped, heldFor } = journal;
  const content = { version: VERSION, boot: bootId, phase, since_ms: sinceMs, stopped, held_for: heldFor ?? null };
  mkdirSync(stateDirectory, { recursive: true, mode: 0o700 });
  replaceFile(journalPath(stateDirectory), `${JSON.stringify(content)}\n`);
}

/** The next start knows of no boot before. */
export function removeJournal(stateDirectory: string): void {
  const path = journalPath(stateDirectory);
  rmSync(path, { force: true });
  try {
    syncDirectory(dirname(path));
  } catch (error) {
    if (reasonOf(error) !== 'ENOENT') throw error;
  }
}
