/** The attack that does not stop: test/attacks/siege.c, and what it has counted at any moment. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { attackPrograms } from '../../attacks/build.ts';

// struct lanes of test/attacks/siege.c
const LANE_BYTES = 64;
const counters = ['attempts', 'successes', 'survivors', 'unexpected'] as const;

const TIMEOUT_MS = 60_000;
const LOOK_MS = 10;

export type SiegeCounts = Readonly<Record<(typeof counters)[number], number>>;

export type SiegeOptions = {
  /** A copy of the program; unless said, the one that was built. */
  readonly program?: string;
  /** Threads; of `kill`, processes. */
  readonly threads: number;
  readonly path: string;
  /** Of each thread after each eight attempts; unless said, none. */
  readonly pauseMicroseconds?: number;
} & ({ readonly way: 'open' | 'kill' } | { readonly way: 'calls'; readonly first: number });

export class Siege {
  readonly #process: ChildProcessByStdio<Writable, null, null>;
  readonly #exit: Promise<unknown[]>;
  readonly #directory: string;
  readonly #threads: number;
  #ended: readonly SiegeCounts[] | undefined;

  private constructor(options: SiegeOptions) {
    const { program = attackPrograms.siege, way, threads, path, pauseMicroseconds = 0 } = options;
    this.#threads = threads;
    this.#directory = mkdtempSync(join(tmpdir(), 'siege-'));
    writeFileSync(this.#file, '');
    const numbers = options.way === 'calls' ? [options.first] : [];
    const args = [way, this.#file, threads, path, pauseMicroseconds, ...numbers].map(String);
    this.#process = spawn(program, args, { stdio: ['pipe', 'ignore', 'inherit'] });
    this.#exit = once(this.#process, 'exit');
  }

  /** Begun: each thread has made an attempt. */
  static async start(options: SiegeOptions): Promise<Siege> {
    const siege = new Siege(options);
    await siege.until(() => siege.byThread.every(({ attempts }) => attempts > 0));
    return siege;
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** As of now, or of its end. */
  get counts(): SiegeCounts {
    const lanes = this.byThread;
    const sum = (name: (typeof counters)[number]) => lanes.reduce((total, lane) => total + lane[name], 0);
    return {
      ...{ attempts: sum('attempts'), successes: sum('successes') },
      ...{ survivors: sum('survivors'), unexpected: sum('unexpected') },
    };
  }

  get byThread(): readonly SiegeCounts[] {
    if (this.#ended !== undefined) return this.#ended;
    const bytes = readFileSync(this.#file);
    return Array.from({ length: this.#threads }, (_, thread) => {
      const at = (thread + 1) * LANE_BYTES;
      const [attempts = 0, successes = 0, survivors = 0, unexpected = 0] = counters.map((_name, index) =>
        at + LANE_BYTES <= bytes.length ? Number(bytes.readBigUInt64LE(at + 8 * index)) : 0,
      );
      return { attempts, successes, survivors, unexpected };
    });
  }

  /** Until `attempts` more have ended. */
  goOn(attempts: number): Promise<void> {
    const wanted = this.counts.attempts + attempts;
    return this.until((counts) => counts.attempts >= wanted);
  }

  /** Throws when that does not come. */
  async until(isWanted: (counts: SiegeCounts) => boolean): Promise<void> {
    const deadline = performance.now() + TIMEOUT_MS;
    while (!isWanted(this.counts)) {
      if (performance.now() > deadline) throw new Error(`the siege gets nowhere: ${JSON.stringify(this.byThread)}`);
      await sleep(LOOK_MS);
    }
  }

  /** What it counted in all, by thread. */
  async stop(): Promise<readonly SiegeCounts[]> {
    this.#process.stdin.end();
    const [status] = await this.#exit;
    if (status !== 0) throw new Error(`the siege ended with ${status}`);
    this.#ended = this.byThread;
    rmSync(this.#directory, { recursive: true });
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null) await this.stop();
  }

  get #file(): string {
    return join(this.#directory, 'counters');
  }
}
