/** A program that does what it is told on its standard input, line by line, and answers each line with one of its own. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { Lines } from './lines.ts';

const ANSWER_TIMEOUT_MS = 60_000;

export class Puppet {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #output: Lines;
  readonly #exit: Promise<unknown>;
  #answers = 0;

  constructor(program: string) {
    this.#process = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#process.stdin.on('error', () => undefined); // it may be killed at any time
    this.#output = new Lines(this.#process.stdout);
    this.#exit = once(this.#process, 'close');
  }

  tell(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  /** Undefined when none comes: it has ended, or hangs. */
  async answer(): Promise<string | undefined> {
    const line = await this.#output.until(() => this.#output.seen[this.#answers], ANSWER_TIMEOUT_MS);
    this.#answers += 1;
    return line;
  }

  /** The number of that name in the next answer. */
  async number(name: string): Promise<number> {
    const line = await this.answer();
    const number = (JSON.parse(line ?? '{}') as { readonly [key: string]: number | undefined })[name];
    if (number === undefined) throw new Error(`no ${name} was answered: ${line ?? 'it ended'}`);
    return number;
  }

  /** How it ended, once it has. */
  async ended(): Promise<{ readonly signal: string | undefined; readonly status: number | undefined }> {
    await this.#exit;
    const { signalCode, exitCode } = this.#process;
    return { signal: signalCode ?? undefined, status: exitCode ?? undefined };
  }

  async stop(): Promise<void> {
    this.#process.stdin.end();
    await this.#exit;
  }
}
