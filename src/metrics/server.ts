/**
 * Metrics over HTTP, for Prometheus, and two words on health. Whoever reaches the port may read: there is nothing in it
 * but names and numbers. What stands in the way of it stands in the way of nothing else.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { EnvironmentError } from '#diagnostics';
import type { AgentNumbers } from './numbers.ts';
import { PendingGap } from './pending-gap.ts';
import { CONTENT_TYPE, metricsText } from './text.ts';

export type MetricsServerOptions = {
  /** Without a host, all addresses of the machine. */
  readonly host: string | undefined;
  readonly port: number;
  /** Told once of each time that it can not be served there, and of each time that the numbers can not be read. */
  readonly onError: (error: unknown) => void;
  readonly retryMs?: number;
  readonly now?: () => number;
};

const RETRY_MS = 30_000;
/** Whoever asks oftener gets the same again: the kernel is asked for each program. */
const FRESH_MS = 1000;
const CONNECTIONS_MAX = 16;
const LIMITS = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 75_000, // Prometheus asks once a minute at most, over a connection that it keeps
  connectionsCheckingInterval: 10_000,
};

type Answer = { readonly status: number; readonly text: string; readonly type: string };

export class MetricsServer {
  readonly pendingGap = new PendingGap();
  readonly #options: MetricsServerOptions;
  readonly #server: Server;
  #read: (() => AgentNumbers) | undefined;
  #text: { readonly atMs: number; readonly text: Promise<string> } | undefined;
  #retry: NodeJS.Timeout | undefined;
  #failed = false;

  constructor(options: MetricsServerOptions) {
    this.#options = options;
    // not by import: see http.ts of #control
    const { createServer } = process.getBuiltinModule('node:http');
    this.#server = createServer(LIMITS, (request, response) => void this.#serve(request, response));
    this.#server.maxConnections = CONNECTIONS_MAX;
    this.#server.on('listening', () => {
      this.#failed = false;
    });
    this.#server.on('error', (error: NodeJS.ErrnoException) => this.#again(error));
    this.#listen();
  }

  /** Where it listens; undefined while it does not. */
  get port(): number | undefined {
    const address = this.#server.address();
    return address === null || typeof address === 'string' ? undefined : address.port;
  }

  /** What is asked from now on; undefined: the agent is about to start. */
  show(read: (() => AgentNumbers) | undefined): void {
    this.#read = read;
    this.#text = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#retry);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #listen(): void {
    const { host, port } = this.#options;
    this.#server.listen({ port, ...(host === undefined ? {} : { host }) });
  }

  #again(cause: NodeJS.ErrnoException): void {
    const { host = '', port, onError, retryMs = RETRY_MS } = this.#options;
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    const reason = cause.code ?? cause.message;
    if (!this.#failed) onError(new EnvironmentError('RF4601', { address, reason }, { cause }));
    this.#failed = true;
    this.#retry = setTimeout(() => this.#listen(), retryMs);
    this.#retry.unref();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined); // the one who asked has gone
    const { status, text, type } = await this.#answer(request).catch((error: unknown) => this.#failure(error));
    if (response.destroyed) return;
    response.writeHead(status, { 'content-type': type });
    response.end(request.method === 'HEAD' ? undefined : text);
    request.resume();
  }

  async #answer({ method = '', url = '' }: IncomingMessage): Promise<Answer> {
    if (method !== 'GET' && method !== 'HEAD') return words(405, 'only GET and HEAD');
    switch (url.split('?')[0]) {
      case '/metrics':
        return await this.#metrics();
      case '/healthz':
        return words(200, 'ok');
      case '/readyz':
        return this.#read === undefined ? NOT_YET : words(200, 'ok');
      default:
        return words(404, 'there are /metrics, /healthz and /readyz');
    }
  }

  async #metrics(): Promise<Answer> {
    const { now = () => performance.now() } = this.#options;
    const read = this.#read;
    if (read === undefined) return NOT_YET;
    if (this.#text === undefined || now() - this.#text.atMs >= FRESH_MS) {
      this.#text = { atMs: now(), text: metricsText(read(), this.pendingGap) };
    }
    return { status: 200, text: await this.#text.text, type: CONTENT_TYPE };
  }

  /** Whoever asks for numbers does not end an agent that enforces. */
  #failure(error: unknown): Answer {
    this.#text = undefined;
    this.#options.onError(error);
    return words(500, 'the numbers of the agent can not be read; its log says why');
  }
}

const NOT_YET = words(503, 'the agent is about to start');

function words(status: number, text: string): Answer {
  return { status, text: `${text}\n`, type: 'text/plain; charset=utf-8' };
}
