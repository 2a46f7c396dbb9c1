/** Runs in the guest, already warm in the snapshot: executes commands for the host and streams what they print. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import type { Readable } from 'node:stream';
import { encodeFrame, FrameReader, type RunExit, type RunRequest } from '../protocol.ts';

const OUTPUT_CHUNK_BYTES = 32_768;
const QUIET_AFTER_EXIT_MS = 1_000;

/** Serialises writes: frames of different runs must not mix. */
class Line {
  readonly #output: FileHandle;
  #last: Promise<unknown> = Promise.resolve();
  #sent = 0;

  constructor(output: FileHandle) {
    this.#output = output;
  }

  send(frame: Buffer): Promise<void> {
    this.#sent += 1;
    const written = this.#last.then(() => this.#output.appendFile(frame));
    this.#last = written;
    return written;
  }

  /** Resolves when all that was sent is written and nothing more was sent for `milliseconds`. */
  async quiet(milliseconds: number): Promise<void> {
    let sent: number;
    do {
      sent = this.#sent;
      await this.#last;
      await new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
    } while (sent !== this.#sent);
  }
}

async function serve(device: string): Promise<void> {
  const line = new Line(await open(device, 'w'));
  const input = await open(device, 'r');
  const frames = new FrameReader();
  const buffer = Buffer.alloc(4_096);
  await connectOnce();
  await line.send(encodeFrame('ready', 0));
  for (;;) {
    const { bytesRead } = await input.read(buffer, 0, buffer.length, null);
    const credit = Buffer.alloc(4);
    credit.writeUInt32LE(bytesRead);
    void line.send(encodeFrame('credit', 0, credit));
    for (const frame of frames.read(buffer.subarray(0, bytesRead))) {
      if (frame.kind === 'run') void run(line, frame.run, JSON.parse(frame.body.toString()));
    }
  }
}

/**
 * The first TCP connection makes the kernel patch its own code, and a guest was once seen to trip over the patch
 * (int3 in secure_tcp_seq_and_ts_off): it happens here, before the snapshot, and not in a test.
 */
async function connectOnce(): Promise<void> {
  const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await once(connect(port, '127.0.0.1').resume(), 'close');
  server.close();
}

async function run(line: Line, id: number, request: RunRequest): Promise<void> {
  const exit = await execute(line, id, request).catch(
    (error: Error): RunExit => ({ status: null, signal: null, error: error.message }),
  );
  await line.send(encodeFrame('exit', id, JSON.stringify(exit)));
}

async function execute(line: Line, id: number, request: RunRequest): Promise<RunExit> {
  const [program = '', ...rest] = request.argv;
  const child = spawn(program, rest, {
    cwd: request.cwd,
    env: { ...process.env, ...request.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<RunExit>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status, signal) => resolve({ status, signal }));
  });
  const drained = Promise.all([forward(line, id, 'stdout', child.stdout), forward(line, id, 'stderr', child.stderr)]);
  const exit = await exited;
  // A daemon that the command left behind may hold the pipes open for ever: once they are quiet, the result goes out.
  await Promise.race([drained, line.quiet(QUIET_AFTER_EXIT_MS)]);
  child.stdout.destroy();
  child.stderr.destroy();
  return exit;
}

/** Reads on only when the line has taken what was read: a flood waits in the pipe, not in memory. */
async function forward(line: Line, id: number, stream: 'stdout' | 'stderr', source: Readable): Promise<void> {
  try {
    for await (const chunk of source) {
      const data = chunk as Buffer;
      for (let start = 0; start < data.length; start += OUTPUT_CHUNK_BYTES) {
        await line.send(encodeFrame(stream, id, data.subarray(start, start + OUTPUT_CHUNK_BYTES)));
      }
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

await serve('/dev/ttyS1');
