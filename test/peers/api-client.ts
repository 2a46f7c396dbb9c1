/** Requests to an API server as a test makes them, by client certificate: plain HTTP and JSON. */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';

export type ApiResponse = { readonly status: number; readonly body: unknown };

type Credentials = { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer };

const TYPES = {
  apply: 'application/apply-patch+yaml',
  merge: 'application/merge-patch+json',
} as const;

export class ApiClient {
  readonly #url: string;
  readonly #agent: Agent;

  constructor(url: string, credentials: Credentials) {
    this.#url = url;
    this.#agent = new Agent({ ...credentials, keepAlive: true, maxSockets: 16 });
  }

  /** From a kubeconfig with certificates inside. */
  static ofKubeconfig(path: string): ApiClient {
    const config = JSON.parse(readFileSync(path, 'utf8')) as {
      readonly clusters: readonly [{ readonly cluster: Readonly<Record<string, string>> }];
      readonly users: readonly [{ readonly user: Readonly<Record<string, string>> }];
    };
    const { cluster } = config.clusters[0];
    const { user } = config.users[0];
    const data = (text: string | undefined) => Buffer.from(text ?? '', 'base64');
    return new ApiClient(cluster.server ?? '', {
      ca: data(cluster['certificate-authority-data']),
      cert: data(user['client-certificate-data']),
      key: data(user['client-key-data']),
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  get(path: string): Promise<ApiResponse> {
    return this.send('GET', path);
  }

  /** Makes `object`, or throws what the server says against it. */
  async create(path: string, object: object): Promise<unknown> {
    return expectSuccess(await this.send('POST', path, object));
  }

  async replace(path: string, object: object): Promise<unknown> {
    return expectSuccess(await this.send('PUT', path, object));
  }

  async merge(path: string, patch: object): Promise<unknown> {
    return expectSuccess(await this.send('PATCH', path, patch, TYPES.merge));
  }

  async delete(path: string): Promise<unknown> {
    return expectSuccess(await this.send('DELETE', path));
  }

  send(method: string, path: string, body?: object, type = 'application/json'): Promise<ApiResponse> {
    return new Promise((resolve, reject) => {
      const headers = { Accept: 'application/json', 'Content-Type': type };
      const outgoing = request(`${this.#url}${path}`, { method, agent: this.#agent, headers }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.once('error', reject);
        incoming.once('end', () => resolve({ status: incoming.statusCode ?? 0, body: parse(chunks) }));
      });
      outgoing.once('error', reject);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

function parse(chunks: readonly Buffer[]): unknown {
  const text = Buffer.concat(chunks).toString();
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function expectSuccess({ status, body }: ApiResponse): unknown {
  if (status < 300) return body;
  throw new Error(`the API server answers ${status}: ${JSON.stringify(body)}`);
}
