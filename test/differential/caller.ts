/** The program that makes the calls: test/attacks/caller.c. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { Lines } from '../kernel/harness/index.ts';

const ANSWER_TIMEOUT_MS = 60_000;

/** Inode numbers of the namespaces that calls can be made in; what is watched are `Uts` and `userUts`. */
export type SecondNamespaces = Readonly<
  Record<'Uts' | 'userUts' | 'Ipc' | 'Mnt' | 'Net' | 'Time' | 'Cgroup' | 'Pid' | 'User', number>
>;

export type Greeting = SecondNamespaces & {
  readonly pid: number;
  /** A process in the second namespaces. */
  readonly keeper: number;
};

export type Answer = {
  readonly returned: boolean;
  readonly result: number;
  /** A bit for each that was heard, as a decimal number of 64 bits. */
  readonly signals: string;
  readonly status: number;
  /** The signal that ended the process; 0 when it ended by itself. */
  readonly endedBy: number;
};

export class Caller {
  readonly greeting: Greeting;
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #output: Lines;
  #answered = 1;

  private constructor(process: ChildProcessByStdio<Writable, Readable, null>, output: Lines, greeting: Greeting) {
    this.#process = process;
    this.#output = output;
    this.greeting = greeting;
  }

  static async start(program: string): Promise<Caller> {
    const child = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.on('error', () => undefined); // its end shows in its output
    const output = new Lines(child.stdout);
    const greeting = await output.until(() => output.seen[0], ANSWER_TIMEOUT_MS);
    if (greeting === undefined) throw new Error(`${program} does not begin`);
    return new Caller(child, output, JSON.parse(greeting) as Greeting);
  }

  /** Makes all calls, one after the other. */
  async run(lines: readonly string[]): Promise<readonly Answer[]> {
    this.#process.stdin.write(lines.map((line) => `${line}\n`).join(''));
    const first = this.#answered;
    this.#answered += lines.length;
    await this.#output.until(() => this.#output.seen[this.#answered - 1], ANSWER_TIMEOUT_MS);
    const answers = this.#output.seen.slice(first, this.#answered).map((line) => JSON.parse(line) as Answer);
    if (answers.length !== lines.length) throw new Error(`the caller made ${answers.length} of ${lines.length} calls`);
    return answers;
  }

  async stop(): Promise<void> {
    const exit = once(this.#process, 'close');
    this.#process.stdin.end();
    await exit;
  }
}
