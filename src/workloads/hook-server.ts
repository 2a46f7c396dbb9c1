/** Where the hooks of container runtimes come: a socket of its own, so that nothing else can keep containers waiting. */
import { chmod, lstat, mkdir, unlink } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { EnvironmentError } from '#diagnostics';
import { codeOf } from '#std';
import { HookMalformed, HookReader, type HookRequest } from './hook-request.ts';

/** `passed`: no policy selects it yet, and none has to. */
export type HookAnswer =
  | { readonly kind: 'registered' }
  | { readonly kind: 'passed' }
  | { readonly kind: 'refused'; readonly reason: string };

export type HookServerOptions = {
  readonly path: string;
  /** Answers by when the signal aborts. */
  readonly admit: (request: HookRequest, signal: AbortSignal) => Promise<HookAnswer>;
  readonly answerMsMax?: number;
  readonly connectionsMax?: number;
};

export type HookCounts = Readonly<
  Record<HookAnswer['kind'] | 'malformed' | 'abandoned' | 'connectionsRefused', number>
>;

/** Below what the hook itself waits, so that it hears why. */
const ANSWER_MS_MAX = 3000;
/** What is silent for so long is gone. */
const SILENT_MS_MAX = 10_000;
const CONNECTIONS_MAX = 512;

export class HookServer {
  readonly #options: HookServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #counts = { registered: 0, passed: 0, refused: 0, malformed: 0, abandoned: 0, connectionsRefused: 0 };

  /** Throws RF3622. To be called by who has the lock of the node: a socket that is there is that of a dead agent. */
  static async listen(options: HookServerOptions): Promise<HookServer> {
    const server = new HookServer(options);
    await listenAt(server.#server, options.path);
    return server;
  }

  private constructor(options: HookServerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#serve(socket));
    this.#server.maxConnections = options.connectionsMax ?? CONNECTIONS_MAX;
    this.#server.on('drop', () => {
      this.#counts.connectionsRefused += 1;
    });
  }

  get counts(): HookCounts {
    return { ...this.#counts };
  }

  /** Hooks that wait for an answer find nobody, and try the next agent. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #serve(socket: Socket): void {
    const reader = new HookReader();
    let taken = false;
    this.#sockets.add(socket);
    socket.setTimeout(SILENT_MS_MAX, () => socket.destroy());
    socket.on('error', () => undefined); // the hook has gone: its runtime gave up
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      try {
        if (taken) throw new HookMalformed('more came than was announced');
        const request = reader.push(chunk);
        if (request === undefined) return;
        taken = true;
        void this.#answer(request, socket);
      } catch (error) {
        if (!(error instanceof HookMalformed)) throw error;
        this.#counts.malformed += 1;
        socket.destroy();
      }
    });
  }

  async #answer(request: HookRequest, socket: Socket): Promise<void> {
    const gone = new AbortController();
    socket.on('close', () => gone.abort());
    const late = AbortSignal.timeout(this.#options.answerMsMax ?? ANSWER_MS_MAX);
    const answer = await this.#options.admit(request, AbortSignal.any([gone.signal, late]));
    if (socket.destroyed) {
      this.#counts.abandoned += 1;
      return;
    }
    this.#counts[answer.kind] += 1;
    socket.end(`${answer.kind === 'refused' ? `refused ${oneLine(answer.reason)}` : answer.kind}\n`);
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 300);
}

async function listenAt(server: Server, path: string): Promise<void> {
  const unmade = (reason: string, cause?: unknown) => new EnvironmentError('RF3622', { path, reason }, { cause });
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const found = await lstat(path).catch(() => undefined);
    if (found !== undefined && !found.isSocket()) throw unmade('something else is there');
    if (found !== undefined) await unlink(path);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      const before = process.umask(0o077); // the socket is made within the call, never open to others
      try {
        server.listen(path, resolve);
      } finally {
        process.umask(before);
      }
    });
    await chmod(path, 0o600);
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    throw unmade(codeOf(error), error);
  }
}
