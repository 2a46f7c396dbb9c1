/** A process of two threads that change what they are, when they are told to: test/attacks/shifter.c. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { attackPrograms } from '../../attacks/build.ts';
import { Lines } from './lines.ts';

const ANSWER_TIMEOUT_MS = 60_000;

export type Actor = 'leader' | 'thread';
export type Deed = 'open' | 'worker' | 'poller' | 'setresuid' | 'setns' | 'unshare' | 'exec' | 'exit';

export class Shifter {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #output: Lines;
  readonly #exit: Promise<unknown>;
  #answers = 0;
  #pid = 0;

  private constructor(program: string) {
    this.#process = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#process.stdin.on('error', () => undefined); // it may be killed at any time
    this.#output = new Lines(this.#process.stdout);
    this.#exit = once(this.#process, 'close');
  }

  static async start(program: string = attackPrograms.shifter): Promise<Shifter> {
    const shifter = new Shifter(program);
    shifter.#pid = await shifter.#next('pid');
    return shifter;
  }

  get pid(): number {
    return this.#pid;
  }

  /** 0, or the negative number of an error. */
  async does(who: Actor, deed: Deed, ...words: readonly (string | number)[]): Promise<number> {
    this.#process.stdin.write(`${[who, deed, ...words].join(' ')}\n`);
    return this.#next('result');
  }

  /** Goes on as the same program from another file; `who` is the leader then. */
  async execs(who: Actor, path: string): Promise<void> {
    this.#process.stdin.write(`${who} exec ${path}\n`);
    this.#pid = await this.#next('pid');
  }

  async stop(): Promise<void> {
    this.#process.stdin.end();
    await this.#exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #next(what: 'pid' | 'result'): Promise<number> {
    const line = await this.#output.until(() => this.#output.seen[this.#answers], ANSWER_TIMEOUT_MS);
    this.#answers += 1;
    const number = (JSON.parse(line ?? '{}') as { readonly [key: string]: number | undefined })[what];
    if (number === undefined) throw new Error(`the shifter did not answer: ${line ?? 'it ended'}`);
    return number;
  }
}
