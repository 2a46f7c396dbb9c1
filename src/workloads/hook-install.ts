/** Puts the hook where runtimes look for it, and takes it away. */
import { chmodSync, copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EnvironmentError } from '#diagnostics';
import { codeOf } from '#std';
import { removeHookFiles } from './hook-files.ts';

export type HookPlace = {
  /** Where the file system of the node is mounted here; what follows are paths of the node. */
  readonly nodeRoot: string;
  /** Where the program goes. */
  readonly program: string;
  /** Where CRI-O and Podman have descriptions of hooks. */
  readonly hooksDirectory: string;
  /** Of the agent. */
  readonly runDirectory: string;
  /** Where agents run, if they run in pods: those do not wait for an agent. */
  readonly agentNamespace?: string | undefined;
};

export type HookDescription = {
  readonly version: '1.0.0';
  readonly hook: { readonly path: string; readonly args: readonly string[]; readonly timeout: number };
  readonly when: { readonly always: true };
  readonly stages: readonly ['createRuntime'];
};

const FILE = 'ringfence.json';
const NAME = 'ringfence-hook';
/** Above what the hook waits at most, which ends by itself. */
const TIMEOUT_SECONDS = 90;

export function hookDescription({ program, runDirectory, agentNamespace }: HookPlace): HookDescription {
  const namespaces = agentNamespace === undefined ? [] : [agentNamespace];
  return {
    version: '1.0.0',
    hook: { path: program, args: [NAME, 'createRuntime', runDirectory, ...namespaces], timeout: TIMEOUT_SECONDS },
    when: { always: true },
    stages: ['createRuntime'],
  };
}

/** `built` is the program as it was built. Throws RF3623 or RF3624; what was installed before is replaced. */
export function installHook(place: HookPlace, built: string): HookDescription {
  const file = join(place.nodeRoot, place.hooksDirectory, FILE);
  requireOurs(file);
  const description = hookDescription(place);
  const program = join(place.nodeRoot, place.program);
  written(program, () => {
    mkdirSync(dirname(program), { recursive: true });
    copyFileSync(built, `${program}.new`);
    chmodSync(`${program}.new`, 0o755);
    renameSync(`${program}.new`, program); // containers may be starting: they run the old one or the new one
  });
  written(file, () => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, `${JSON.stringify(description, null, 2)}\n`);
    renameSync(`${file}.new`, file);
  });
  return description;
}

/** Throws RF3623 or RF3624. The description goes first: a runtime that finds it wants the program. */
export function uninstallHook(place: HookPlace): void {
  const file = join(place.nodeRoot, place.hooksDirectory, FILE);
  requireOurs(file);
  const program = join(place.nodeRoot, place.program);
  written(file, () => rmSync(file, { force: true }));
  written(program, () => rmSync(program, { force: true }));
  const run = join(place.nodeRoot, place.runDirectory);
  written(run, () => removeHookFiles(run));
}

function requireOurs(file: string): void {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw refused(file, error);
  }
  if (!text.includes(`"${NAME}"`)) throw new EnvironmentError('RF3623', { path: file });
}

function written(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw refused(path, error);
  }
}

function refused(path: string, error: unknown): EnvironmentError {
  const reason = codeOf(error);
  return new EnvironmentError('RF3624', { path, reason }, { cause: error });
}
