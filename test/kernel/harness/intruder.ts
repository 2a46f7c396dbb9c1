/** Runs the attack program and tells what it got: by its own report, and by the memory that it shares with a watcher. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { attackPrograms } from '../../attacks/build.ts';
import { Lines } from './lines.ts';
import { fileSystems, type Scene } from './scene.ts';

const LANE_BYTES = 4096; // test/attacks/intruder.h
const ATTACK_TIMEOUT_MS = 300_000;

export type Attack = {
  readonly way: string;
  readonly path: string;
  /** The copy of the attack program that runs; the scene's intruder unless said. */
  readonly program?: string;
  /** Child processes, one after the other. */
  readonly rounds?: number;
  /** Of each child. */
  readonly threads?: number;
  /** Attempts of each thread. */
  readonly tries?: number;
  /** A second process renames meanwhile. */
  readonly flip?: { readonly kind: 'symlink' | 'exchange' | 'directory' | 'noise'; readonly decoy: string };
  /** The socket of a process that hands out the open file. */
  readonly broker?: string;
  /** A second process looks at the shared memory all the time. */
  readonly watched?: boolean;
};

/** One line of the attack program's output. */
export type Report = {
  readonly way: string;
  readonly attempts: number;
  /** Lanes of children that held a byte in the end; `secrets`: a byte of a secret. */
  readonly obtained: number;
  readonly secrets: number;
  readonly killed: number;
  readonly broken: number;
  readonly flips: number;
  readonly errors: Readonly<Record<string, number>>;
};

export type Outcome = {
  readonly report: Report;
  /** The first bytes that were obtained, of a secret if any. */
  readonly evidence: Buffer;
  /** How often the watcher saw a byte of a secret; undefined when none watched. */
  readonly sightings: number | undefined;
  /** Of the supervisor, whose children made the attempts. */
  readonly pid: number;
  /** The clock of events, before the first attempt. */
  readonly startedMs: number;
};

export type DirectOutcome = Pick<Outcome, 'evidence' | 'pid'> & {
  readonly status: number | null;
  readonly signal: string | null;
};

type Pipes = ChildProcessByStdio<Writable, Readable, Readable>;

export async function attack(scene: Scene, options: Attack): Promise<Outcome> {
  const startedMs = Date.now();
  const leak = makeLeak(options.threads ?? 1);
  const watcher = options.watched ? startWatcher(leak.path) : undefined;
  const child = launch(options.program ?? scene.intruder, argumentsOf(scene, options, leak.path));
  const output = new Lines(child.stdout);
  const errors = new Lines(child.stderr);
  const [status, signal] = await exited(child);
  const sightings = await watcher?.stop();
  const evidence = leak.take();
  const [line] = output.seen;
  if (line === undefined) {
    throw new Error(`${options.way}: no report (exit ${status ?? signal}): ${errors.seen.join('\n')}`);
  }
  return { report: parseReport(line, errors), evidence, sightings, pid: child.pid ?? 0, startedMs };
}

/** An attempt that could not be made is a broken test, whatever it obtained. */
function parseReport(line: string, errors: Lines): Report {
  const report = JSON.parse(line) as Report;
  if (report.broken > 0) throw new Error(`${report.way}: ${report.broken} broken: ${errors.seen.join('\n')}`);
  return report;
}

export type Held = {
  /** Attempts through the descriptor that is held. */
  attempt(way: string): Promise<Outcome>;
  release(): Promise<void>;
};

/** A process that opens the file now, and reads it when it is told, in `rounds` children each time. */
export async function holdFile(scene: Scene, path: string, rounds: number): Promise<Held> {
  const leak = makeLeak(1);
  const child = launch(scene.intruder, argumentsOf(scene, { way: 'held', path, rounds }, leak.path));
  const output = new Lines(child.stdout);
  const errors = new Lines(child.stderr);
  const exit = exited(child);
  const expect = async (what: string, look: () => string | undefined): Promise<string> => {
    const line = await output.until(look, ATTACK_TIMEOUT_MS);
    if (line === undefined) throw new Error(`${what}: no answer: ${errors.seen.join('\n')}`);
    return line;
  };
  await expect('held', () => output.seen[0]);
  return {
    attempt: async (way) => {
      const next = output.seen.length;
      const startedMs = Date.now();
      child.stdin.write(`${way}\n`);
      const report = parseReport(await expect(way, () => output.seen[next]), errors);
      return { report, evidence: leak.clear(), sightings: undefined, pid: child.pid ?? 0, startedMs };
    },
    release: async () => {
      child.stdin.end();
      await exit;
      leak.take();
    },
  };
}

/** One attempt without a supervisor, so that the very process that tries is the child of this one. */
export async function attackDirectly(scene: Scene, options: Attack): Promise<DirectOutcome> {
  const leak = makeLeak(1);
  const child = launch(options.program ?? scene.intruder, [...argumentsOf(scene, options, leak.path), '--direct']);
  const [status, signal] = await exited(child);
  return { evidence: leak.take(), pid: child.pid ?? 0, status, signal };
}

export type Broker = { stop(): Promise<void> };

/** A process that may open the file, and hands it to whoever connects to its socket. */
export async function startBroker(program: string, path: string, socket: string): Promise<Broker> {
  const child = launch(program, ['broker', path, '--broker', socket]);
  const exit = exited(child);
  const lines = new Lines(child.stdout);
  const errors = new Lines(child.stderr);
  const serving = await lines.until(() => lines.seen.find((line) => line === 'serving'), ATTACK_TIMEOUT_MS);
  if (serving === undefined) throw new Error(`the broker does not serve: ${errors.seen.join('\n')}`);
  return {
    stop: async () => {
      child.kill('SIGKILL');
      await exit;
    },
  };
}

function argumentsOf(scene: Scene, options: Attack, leak: string): readonly string[] {
  const { way, path, rounds, threads, tries, flip, broker } = options;
  const count = (flag: string, value: number | undefined) => (value === undefined ? [] : [flag, `${value}`]);
  return [
    ...[way, path, '--leak', leak, '--scratch', scene.scratch],
    ...[...count('--rounds', rounds), ...count('--threads', threads), ...count('--tries', tries)],
    ...(flip === undefined ? [] : ['--flip', flip.kind, '--decoy', flip.decoy]),
    ...(broker === undefined ? [] : ['--broker', broker]),
  ];
}

function launch(program: string, args: readonly string[]): Pipes {
  return spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: ATTACK_TIMEOUT_MS });
}

async function exited(child: Pipes): Promise<[number | null, string | null]> {
  const [status, signal] = await once(child, 'close');
  return [status, signal];
}

/** The memory that intruder, watcher and this process share; `take` also removes it. */
type Leak = { readonly path: string; clear(): Buffer; take(): Buffer };

function makeLeak(threads: number): Leak {
  const directory = mkdtempSync(join(fileSystems.tmpfs, 'leak-'));
  const path = join(directory, 'leak');
  writeFileSync(path, '');
  const bytes = (threads + 1) * LANE_BYTES;
  truncateSync(path, bytes);
  return {
    path,
    clear: () => {
      const obtained = obtainedBytes(readFileSync(path));
      writeFileSync(path, Buffer.alloc(bytes), { flag: 'r+' });
      return obtained;
    },
    take: () => {
      const lanes = readFileSync(path);
      rmSync(directory, { recursive: true });
      return obtainedBytes(lanes);
    },
  };
}

/** The evidence lane; without a supervisor, that has been left empty, the lane of the attempt. */
function obtainedBytes(lanes: Buffer): Buffer {
  for (let start = 0; start < lanes.length; start += LANE_BYTES) {
    const lane = lanes.subarray(start, start + LANE_BYTES);
    const end = lane.findLastIndex((byte) => byte !== 0) + 1;
    if (end > 0) return lane.subarray(0, end);
  }
  return Buffer.alloc(0);
}

function startWatcher(leak: string): { stop(): Promise<number> } {
  const child = launch(attackPrograms.watcher, [leak]);
  const output = new Lines(child.stdout);
  const exit = exited(child);
  return {
    stop: async () => {
      child.stdin.end();
      await exit;
      const line = output.seen.find((each) => each.startsWith('{'));
      if (line === undefined) throw new Error('the watcher told nothing');
      const { looks, sightings } = JSON.parse(line) as { looks: number; sightings: number };
      if (looks === 0) throw new Error('the watcher never looked');
      return sightings;
    },
  };
}
