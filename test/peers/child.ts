/** A server of somebody else's: ends with this process, and what it said last is kept for the one who asks why. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const KEPT_CHARACTERS = 8_000;
const STOP_MS_MAX = 10_000;

/** USER_HZ, which is 100 on every machine that runs this. */
const TICKS_PER_SECOND = 100;

export type Usage = { readonly cpuSeconds: number; readonly rssMiB: number };

export class Child {
  readonly #process: ChildProcess;
  readonly ended: Promise<void>;
  #said = '';

  constructor(program: string, argv: readonly string[]) {
    this.#process = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.ended = new Promise((resolve, reject) => {
      this.#process.once('error', reject);
      this.#process.once('exit', () => resolve());
    });
    this.ended.catch(() => undefined); // whoever waits hears of it
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#said = (this.#said + text).slice(-KEPT_CHARACTERS);
      });
    }
  }

  get said(): string {
    return this.#said;
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** What it has taken until now. */
  usage(): Usage {
    const { pid } = this.#process;
    const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
    const [user = 0, system = 0] = fields.split(' ').slice(11, 13).map(Number);
    const [, rss = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return { cpuSeconds: (user + system) / TICKS_PER_SECOND, rssMiB: Number(rss) / 1024 };
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#process.kill(signal);
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), STOP_MS_MAX);
    await this.ended;
    clearTimeout(timer);
  }
}

/** Nobody else has them now; who takes them later is seen when the server that wanted them ends. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  const ports = servers.map(
    (server) =>
      new Promise<number>((resolve, reject) => {
        server.once('error', reject);
        server.once('listening', () => {
          const address = server.address();
          if (address !== null && typeof address === 'object') resolve(address.port);
        });
      }),
  );
  const found = await Promise.all(ports);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return found;
}
