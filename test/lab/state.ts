/** The state directory: things that are costly to make, each made once, under a key of all that went into it. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { LabUnavailable } from './unavailable.ts';

/** How many keys of one kind and name stay. */
const KEPT = 2;

export function stateDirectory(): string {
  const { RINGFENCE_STATE, XDG_CACHE_HOME } = process.env;
  return RINGFENCE_STATE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'ringfence');
}

export type Recipe = {
  /** Folder of the state directory. */
  readonly kind: string;
  readonly name: string;
  /** Everything the content depends on. */
  readonly inputs: unknown;
  /** Fills the empty directory it is given. */
  readonly build: (directory: string) => Promise<void>;
};

/** Returns the directory with what `recipe` makes, making it first when it is not there. */
export async function once(recipe: Recipe): Promise<string> {
  const parent = join(stateDirectory(), recipe.kind);
  const key = createHash('sha256').update(JSON.stringify(recipe.inputs)).digest('hex').slice(0, 16);
  const directory = join(parent, `${recipe.name}@${key}`);
  if (existsSync(directory)) return directory;
  using _lock = await lock(`${recipe.kind}-${recipe.name}`);
  if (existsSync(directory)) return directory;
  const aside = join(parent, `${recipe.name}.partial`);
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true });
  await recipe.build(aside);
  await rename(aside, directory);
  await removeOlder(parent, recipe.name);
  return directory;
}

/** Two working trees may use this directory in turn: the one before the newest stays too. */
async function removeOlder(parent: string, name: string): Promise<void> {
  const paths = (await readdir(parent))
    .filter((entry) => entry.startsWith(`${name}@`))
    .map((entry) => join(parent, entry));
  const newestFirst = paths.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const path of newestFirst.slice(KEPT)) await rm(path, { recursive: true, force: true });
}

/** Waits for the machine-wide lock `name`; flock(1) drops it even when this process is killed. */
export async function lock(name: string): Promise<Disposable> {
  const path = join(stateDirectory(), 'locks', name);
  await mkdir(dirname(path), { recursive: true });
  const holder = spawn('flock', ['--exclusive', path, '-c', 'echo locked; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    holder.once('error', (cause) => reject(new LabUnavailable('flock (package util-linux) is missing', { cause })));
    holder.once('exit', () => reject(new Error(`the lock ${path} could not be taken`)));
    holder.stdout.once('data', () => resolve());
  });
  return { [Symbol.dispose]: () => holder.stdin.end() };
}
