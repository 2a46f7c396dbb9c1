/** A process that makes the system calls that a test asks for, one by one: test/attacks/trigger.c. */
import { constants } from 'node:os';
import { attackPrograms } from '../../attacks/build.ts';
import { Puppet } from './puppet.ts';

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
  readonly #puppet: Puppet;
  #pid = 0;

  private constructor(program: string) {
    this.#puppet = new Puppet(program);
  }

  static async start(program: string = attackPrograms.trigger): Promise<Trigger> {
    const trigger = new Trigger(program);
    trigger.#pid = await trigger.#puppet.number('pid');
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
    this.#puppet.tell('fork');
    this.#pid = await this.#puppet.number('pid');
  }

  /** The same; the child begins in this cgroup. */
  async forkInto(cgroup: string): Promise<void> {
    this.#puppet.tell(`into ${cgroup}`);
    this.#pid = await this.#puppet.number('pid');
  }

  /** Goes on as the same program from another file. */
  async exec(path: string): Promise<void> {
    this.#puppet.tell(`exec ${path}`);
    this.#pid = await this.#puppet.number('pid');
  }

  async stop(): Promise<void> {
    await this.#puppet.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #answerTo(line: string): Promise<Answer> {
    this.#puppet.tell(line);
    const answer = await this.#puppet.answer();
    return answer === undefined ? { kind: 'ended', ...(await this.#puppet.ended()) } : parseAnswer(answer);
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
