/** The control server of the agent: who can open its socket, root, says which policies there are, and sees all. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type Diagnostic, EnvironmentError } from '#diagnostics';
import type { Change } from '#sensors';
import { assertNever } from '#std';
import { readAdd, readMode } from './body.ts';
import { filterOf, formOf } from './event-filter.ts';
import { createServer } from './http.ts';
import type { ControlPorts } from './ports.ts';
import type { ChangeAnswer, ControlStatus, StatusAnswer, SysdumpAnswer } from './protocol.ts';
import { VERSION, VERSION_HEADER } from './protocol.ts';
import { redact, redactText } from './redact.ts';
import { RequestRefused } from './request-refused.ts';
import { type Route, routeOf } from './routes.ts';
import { listenAt } from './socket.ts';
import { Subscriber } from './subscriber.ts';

export type ControlServerOptions = {
  /** Of the socket. */
  readonly path: string;
  readonly ports: ControlPorts;
  readonly connectionsMax?: number;
  readonly subscribersMax?: number;
  /** Bytes of events that may wait for one subscriber. */
  readonly waitingBytesMax?: number;
};

const CONNECTIONS_MAX = 32;
const SUBSCRIBERS_MAX = 8;
const WAITING_BYTES_MAX = 4 * 1024 * 1024;
const CLOSE_MS_MAX = 2000;

/** A request has to come within these, or its connection ends. */
const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 5000,
};

export class ControlServer {
  readonly #ports: ControlPorts;
  readonly #server: Server;
  readonly #subscribersMax: number;
  readonly #waitingBytesMax: number;
  readonly #subscribers = new Set<Subscriber>();
  #connections = 0;
  #connectionsRefused = 0;
  /** Of subscribers that have gone. */
  #lostBefore = 0;

  static async listen(options: ControlServerOptions): Promise<ControlServer> {
    const control = new ControlServer(options);
    await listenAt(control.#server, options.path);
    return control;
  }

  private constructor({ ports, connectionsMax, subscribersMax, waitingBytesMax }: ControlServerOptions) {
    this.#ports = ports;
    this.#subscribersMax = subscribersMax ?? SUBSCRIBERS_MAX;
    this.#waitingBytesMax = waitingBytesMax ?? WAITING_BYTES_MAX;
    this.#server = createServer(LIMITS, (request, response) => void this.#serve(request, response));
    this.#server.maxConnections = connectionsMax ?? CONNECTIONS_MAX;
    this.#server.on('connection', (socket) => {
      this.#connections += 1;
      socket.on('close', () => {
        this.#connections -= 1;
      });
    });
    this.#server.on('drop', () => {
      this.#connectionsRefused += 1;
    });
  }

  get status(): ControlStatus {
    const lost = [...this.#subscribers].reduce((sum, subscriber) => sum + subscriber.lost, this.#lostBefore);
    return {
      connections: this.#connections,
      connectionsRefused: this.#connectionsRefused,
      subscribers: this.#subscribers.size,
      eventsLost: lost,
    };
  }

  /** Takes no more requests; those that are being answered have a moment. */
  async close(): Promise<void> {
    for (const subscriber of this.#subscribers) subscriber.end();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const timer = setTimeout(() => this.#server.closeAllConnections(), CLOSE_MS_MAX);
    await closed;
    clearTimeout(timer);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader(VERSION_HEADER, VERSION);
    response.on('error', () => undefined); // the client has gone: there is nobody to tell
    try {
      await this.#answer(routeOf(request), request, response);
    } catch (error) {
      this.#refuse(error, response);
    }
    request.resume(); // what was not read of it
  }

  async #answer(route: Route, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { registry } = this.#ports;
    switch (route.kind) {
      case 'policies':
        send(response, 200, { policies: registry.list() });
        return;
      case 'status':
        send(response, 200, this.#statusAnswer());
        return;
      case 'sysdump':
        send(response, 200, this.#sysdump());
        return;
      case 'events':
        this.#stream(route.query, response);
        return;
      case 'add':
        sendChange(response, await registry.add(await readAdd(request)));
        return;
      case 'remove':
        sendChange(response, await registry.remove(route.policy));
        return;
      case 'enable':
        sendChange(response, await registry.enable(route.policy));
        return;
      case 'disable':
        sendChange(response, await registry.disable(route.policy));
        return;
      case 'mode':
        sendChange(response, await registry.setMode(route.policy, await readMode(request)));
        return;
      default:
        return assertNever(route);
    }
  }

  #statusAnswer(): StatusAnswer {
    return { agent: this.#ports.status(), control: this.status, policies: this.#ports.registry.list() };
  }

  #sysdump(): SysdumpAnswer {
    const { registry, config, recentLog } = this.#ports;
    return {
      status: this.#statusAnswer(),
      policies: registry.texts(),
      config: redact(config()) as SysdumpAnswer['config'],
      versions: process.versions,
      log: recentLog().map(redactText),
    };
  }

  #stream(query: URLSearchParams, response: ServerResponse): void {
    if (this.#subscribers.size >= this.#subscribersMax) {
      throw new EnvironmentError('RF3508', { reason: `${this.#subscribersMax} others listen to its events` });
    }
    const { events } = this.#ports;
    const subscriber = new Subscriber({
      output: response,
      render: events.renderer(formOf(query)),
      accepts: filterOf(query, events),
      loss: events.loss,
      waitingBytesMax: this.#waitingBytesMax,
    });
    this.#subscribers.add(subscriber);
    const unsubscribe = events.subscribe((event) => subscriber.take(event));
    response.on('close', () => {
      unsubscribe();
      this.#subscribers.delete(subscriber);
      this.#lostBefore += subscriber.lost;
    });
    response.writeHead(200, { 'content-type': 'application/x-ndjson', connection: 'close' });
    response.flushHeaders();
  }

  #refuse(error: unknown, response: ServerResponse): void {
    if (response.headersSent) response.destroy();
    else if (error instanceof RequestRefused) {
      if (error.status === 413) response.setHeader('connection', 'close'); // the rest of it is not waited for
      send(response, error.status, failed([error.diagnostic]));
    } else if (error instanceof EnvironmentError) {
      send(response, 503, failed([inWords(error)]));
    } else {
      this.#ports.log('error', { error: String(error) }, 'a request to the control socket failed');
      const { diagnostic } = new RequestRefused(500, 'it failed; the log of the agent says why');
      send(response, 500, failed([diagnostic]));
    }
  }
}

function inWords({ code, message, hint }: EnvironmentError): Diagnostic {
  return { code, severity: 'error', message, hint, span: undefined };
}

function failed(diagnostics: readonly Diagnostic[]): ChangeAnswer {
  return { kind: 'failed', policies: [], diagnostics };
}

function sendChange(response: ServerResponse, change: Change): void {
  send(response, change.kind === 'done' ? 200 : statusOf(change.diagnostics), change);
}

/** For those who ask with other clients than ours. */
function statusOf(diagnostics: readonly Diagnostic[]): number {
  const codes = diagnostics.map(({ code }) => code);
  if (codes.includes('RF2503')) return 404;
  return codes.includes('RF2501') || codes.includes('RF2502') ? 409 : 422;
}

function send(response: ServerResponse, status: number, answer: object): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(answer)}\n`);
}
