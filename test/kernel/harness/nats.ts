/** A NATS server on the loopback, and a subscriber in a process of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { JsonEvent } from './event.ts';
import { Lines } from './lines.ts';
import { harnessScript } from './script.ts';

const READY_TIMEOUT_MS = 60_000;

export type Delivered = { readonly subject: string; readonly event: JsonEvent };

export type NatsServer = { readonly url: string; stop(): Promise<void> };

export type Subscriber = {
  /** Waits for the first message that answers `isWanted`; undefined when none comes in time. */
  first(isWanted: (message: Delivered) => boolean, timeoutMs: number): Promise<Delivered | undefined>;
  /** All messages so far. */
  readonly received: readonly Delivered[];
  stop(): Promise<void>;
};

export function hasNatsServer(program = 'nats-server'): boolean {
  return spawnSync(program, ['--version']).status === 0;
}

export async function startNatsServer(program = 'nats-server'): Promise<NatsServer> {
  const port = await freePort();
  const child = spawn(program, ['-a', '127.0.0.1', '-p', `${port}`], { stdio: ['ignore', 'ignore', 'pipe'] });
  const log = new Lines(child.stderr);
  const ready = await log.until(() => log.seen.find((line) => line.includes('Server is ready')), READY_TIMEOUT_MS);
  if (ready === undefined) throw new Error(`nats-server does not start:\n${log.seen.join('\n')}`);
  return { url: `nats://127.0.0.1:${port}`, stop: () => end(child) };
}

export async function startSubscriber(url: string): Promise<Subscriber> {
  const child = spawn(process.execPath, [harnessScript('subscriber'), url], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = new Lines(child.stdout);
  const errors = new Lines(child.stderr);
  const ready = await output.until(() => output.seen.find((line) => line === 'subscribed'), READY_TIMEOUT_MS);
  if (ready === undefined) throw new Error(`the subscriber does not start:\n${errors.seen.join('\n')}`);
  return {
    get received() {
      return delivered(output.seen);
    },
    first: (isWanted, timeoutMs) => output.until(() => delivered(output.seen).find(isWanted), timeoutMs),
    stop: () => end(child),
  };
}

/** Nobody listens on it, until somebody does. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no address');
  return address.port;
}

function delivered(lines: readonly string[]): readonly Delivered[] {
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Delivered);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  await exit;
}
