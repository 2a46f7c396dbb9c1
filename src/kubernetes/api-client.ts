/** One API server, asked by one agent: requests over kept connections, and credentials that are read again. */
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { EnvironmentError } from '#diagnostics';
import { type Access, type AccessPlace, readAccess } from './access.ts';
import { ApiError } from './api-error.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Of one method: what was asked, and what of it had no answer, or was refused. */
export type RequestCounts = { readonly method: Method; readonly count: number; readonly failed: number };

export type ApiRequest = {
  readonly method: Method;
  /** With the query. */
  readonly path: string;
  readonly body?: unknown;
  /** Of the body; JSON unless told. */
  readonly contentType?: string;
  readonly accept?: string;
  readonly signal?: AbortSignal | undefined;
};

/** A kubelet replaces a token well before it expires; client libraries read it once a minute. */
const ACCESS_MS_MAX = 60_000;
const REQUEST_MS_MAX = 30_000;
const KEEP_ALIVE_MS = 30_000;
/** 5 watches, and a few that write. */
const SOCKETS_MAX = 16;
export const ANSWER_BYTES_MAX = 128 * 1024 * 1024;

export class ApiClient {
  readonly #place: AccessPlace;
  readonly #userAgent: string;
  #access: Access | undefined;
  #readAt = 0;
  #agent: Agent | undefined;
  #agentOf = '';
  readonly #asked = new Map<Method, { count: number; failed: number }>();

  constructor(place: AccessPlace, userAgent: string) {
    this.#place = place;
    this.#userAgent = userAgent;
  }

  /** The address, as far as it is known. */
  get server(): string {
    return this.#access?.server.origin ?? 'the API server';
  }

  /** By method, of those that were used. */
  get requests(): readonly RequestCounts[] {
    return Array.from(this.#asked, ([method, counts]) => ({ method, ...counts }));
  }

  close(): void {
    this.#agent?.destroy();
  }

  /** The body of the answer, as JSON; throws `ApiError` for what is refused. */
  async send(wanted: ApiRequest): Promise<unknown> {
    const signal = AbortSignal.any([AbortSignal.timeout(REQUEST_MS_MAX), ...(wanted.signal ? [wanted.signal] : [])]);
    const answer = await this.open({ ...wanted, signal });
    return JSON.parse(await textOfAnswer(answer));
  }

  /** The answer of which only the head has come; throws `ApiError` for what is refused. */
  async open(wanted: ApiRequest): Promise<IncomingMessage> {
    const counts = this.#asked.get(wanted.method) ?? { count: 0, failed: 0 };
    this.#asked.set(wanted.method, counts);
    counts.count += 1;
    try {
      return await this.#open(wanted);
    } catch (error) {
      counts.failed += 1;
      throw error;
    }
  }

  async #open(wanted: ApiRequest): Promise<IncomingMessage> {
    const answer = await this.#ask(wanted);
    if (answer.statusCode !== 401) return accepted(answer);
    answer.resume();
    this.#access = undefined; // a token that was replaced is accepted now
    return accepted(await this.#ask(wanted));
  }

  #ask({ method, path, body, contentType, accept, signal }: ApiRequest): Promise<IncomingMessage> {
    const { server, token } = this.#currentAccess();
    const base = server.pathname.replace(/\/$/, '');
    const headers = {
      Accept: accept ?? 'application/json',
      'User-Agent': this.#userAgent,
      ...(body === undefined ? {} : { 'Content-Type': contentType ?? 'application/json' }),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    };
    const options = { method, headers, agent: this.#agent, ...(signal ? { signal } : {}) };
    return new Promise((resolve, reject) => {
      const outgoing = request(`${server.origin}${base}${path}`, options, resolve);
      outgoing.once('error', reject);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  #currentAccess(): Access {
    const now = performance.now();
    if (this.#access !== undefined && now - this.#readAt < ACCESS_MS_MAX) return this.#access;
    const access = readAccess(this.#place);
    const { authority, serverName, certificate } = access;
    const identity = JSON.stringify([authority, serverName, certificate]);
    if (this.#agent === undefined || identity !== this.#agentOf) {
      // what is under way goes on: its connections end with it
      this.#agent = new Agent({
        ...(authority === undefined ? {} : { ca: authority }),
        ...(serverName === undefined ? {} : { servername: serverName }),
        ...(certificate === undefined ? {} : { cert: certificate.certificate, key: certificate.key }),
        keepAlive: true,
        keepAliveMsecs: KEEP_ALIVE_MS,
        maxSockets: SOCKETS_MAX,
        timeout: 2 * KEEP_ALIVE_MS,
      });
      this.#agentOf = identity;
    }
    this.#access = access;
    this.#readAt = now;
    return access;
  }
}

async function accepted(answer: IncomingMessage): Promise<IncomingMessage> {
  const status = answer.statusCode ?? 0;
  if (status >= 200 && status < 300) return answer;
  const text = await textOfAnswer(answer);
  throw ApiError.of(status, bodyOf(text), answer.headers['retry-after']);
}

async function textOfAnswer(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) throw new EnvironmentError('RF6008', { limit: ANSWER_BYTES_MAX });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Whatever is in between answers in words of its own. */
function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text.trim().slice(0, 200) };
  }
}
