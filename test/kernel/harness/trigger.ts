/** A process that makes the system calls that a test asks for, one by one: test/attacks/trigger.c. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { attackPrograms } from '../../attacks/build.ts';
import { Lines } from './lines.ts';

const ANSWER_TIMEOUT_MS = 60_000;

/** A string is followed by a NUL; bytes are what a pointer leads to; `buffer` is room for that many. */
export type CallArgument = number | bigint | string | Uint8Array | { readonly buffer: number };

export type Answer =
  /** `error`: its name, where the result is one. `bytes`: what the buffer holds. */
  | {
      readonly kind: 'returned';
      readonly result: number;
      readonly error: string | undefined;
      readonly bytes: Buffer | undefined;
    }
  | { readonly kind: 'ended'; readonly signal: string | undefined; readonly status: number | undefined };

export class Trigger {
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

  static async start(program: string = attackPrograms.trigger): Promise<Trigger> {
    const trigger = new Trigger(program);
    await trigger.#begun();
    return trigger;
  }

  /** Of who makes the calls: after `fork` that is the child. */
  get pid(): number {
    return this.#pid;
  }

  /** Makes a call by name, `compat:NUMBER` or `number:NUMBER`. */
  async call(name: string, ...args: readonly CallArgument[]): Promise<Answer> {
    return this.#answerTo([name, ...args.map(encoded)].join(' '));
  }

  /** The same from a thread of its own. */
  async callInThread(name: string, ...args: readonly CallArgument[]): Promise<Answer> {
    return this.#answerTo(['thread', name, ...args.map(encoded)].join(' '));
  }

  /** A child goes on; when it ends, so does this process, in the same way. */
  async fork(): Promise<void> {
    this.#process.stdin.write('fork\n');
    await this.#begun();
  }

  /** The same; the child begins in this cgroup. */
  async forkInto(cgroup: string): Promise<void> {
    this.#process.stdin.write(`into ${cgroup}\n`);
    await this.#begun();
  }

  /** Goes on as the same program from another file. */
  async exec(path: string): Promise<void> {
    this.#process.stdin.write(`exec ${path}\n`);
    await this.#begun();
  }

  async stop(): Promise<void> {
    this.#process.stdin.end();
    await this.#exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #begun(): Promise<void> {
    const line = await this.#next();
    const { pid } = JSON.parse(line ?? '{}') as { readonly pid?: number };
    if (pid === undefined) throw new Error(`the trigger did not begin: ${line ?? 'it ended'}`);
    this.#pid = pid;
  }

  async #answerTo(line: string): Promise<Answer> {
    this.#process.stdin.write(`${line}\n`);
    const answer = await this.#next();
    if (answer !== undefined) return parseAnswer(answer);
    await this.#exit;
    const { signalCode, exitCode } = this.#process;
    return { kind: 'ended', signal: signalCode ?? undefined, status: exitCode ?? undefined };
  }

  async #next(): Promise<string | undefined> {
    const line = await this.#output.until(() => this.#output.seen[this.#answers], ANSWER_TIMEOUT_MS);
    this.#answers += 1;
    return line;
  }
}

function encoded(argument: CallArgument): string {
  switch (typeof argument) {
    case 'number':
    case 'bigint':
      return `i${argument}`;
    case 'string':
      return `x${Buffer.from(argument, 'utf8').toString('hex')}`;
    default:
      return argument instanceof Uint8Array ? `x${Buffer.from(argument).toString('hex')}` : `o${argument.buffer}`;
  }
}

function parseAnswer(line: string): Answer {
  const { result, bytes } = JSON.parse(line) as { readonly result: number; readonly bytes?: string };
  return {
    kind: 'returned',
    result,
    error: result < 0 && result > -4096 ? nameOf(-result) : undefined,
    bytes: bytes === undefined ? undefined : Buffer.from(bytes, 'hex'),
  };
}

function nameOf(errno: number): string {
  return Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? `errno ${errno}`;
}

/** struct sockaddr_in or sockaddr_in6 of an address and a port. */
export function socketAddress(address: string, port: number): Uint8Array {
  const ipv6 = address.includes(':');
  const bytes = Buffer.alloc(ipv6 ? 28 : 16);
  bytes.writeUInt16LE(ipv6 ? AF_INET6 : AF_INET, 0);
  bytes.writeUInt16BE(port, 2);
  if (ipv6) bytes.set(ipv6Bytes(address), 8);
  else bytes.set(address.split('.').map(Number), 4);
  return bytes;
}

const AF_INET = 2;
const AF_INET6 = 10;

/** `::1` and the like: what stands before and after the gap, in groups; the last may be an IPv4 address. */
function ipv6Bytes(address: string): Uint8Array {
  const groups = (part: string) =>
    part.split(':').flatMap((group) => {
      if (group === '') return [];
      if (group.includes('.')) return group.split('.').map(Number);
      const number = Number.parseInt(group, 16);
      return [number >> 8, number & 0xff];
    });
  const [before = '', after = ''] = address.split('::');
  const [head, tail] = [groups(before), groups(after)];
  return Uint8Array.from([...head, ...new Array<number>(16 - head.length - tail.length).fill(0), ...tail]);
}
