/** What tests of the Kubernetes side share: a real API server with our definitions, and a wire to it that can break. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiClient, type ReflectorTimes } from '#kubernetes';
import { LabUnavailable } from '../lab/index.ts';
import { TemporaryDirectory } from '../lab/temporary.ts';
import { ApiServer, type Identity, installDefinitions } from '../peers/index.ts';
import { Wire } from './wire.ts';

const PATIENCE_MS = 60_000;

/** As in production, only sooner. */
export const QUICK: ReflectorTimes = {
  retryMs: { first: 50, max: 500 },
  absentMs: { first: 100, max: 500 },
  silenceMsMax: 60_000,
  watchSeconds: 300,
};

type Wired = { readonly client: ApiClient; readonly wire: Wire; readonly kubeconfig: string };

export class Scene {
  readonly server: ApiServer;
  readonly #temporary = new TemporaryDirectory('kubernetes');
  readonly #clients: ApiClient[] = [];
  readonly #wires: Wire[] = [];
  #files = 0;

  constructor(server: ApiServer) {
    this.server = server;
  }

  path(name: string): string {
    return join(this.#temporary.path, name);
  }

  async client(identity?: Identity): Promise<ApiClient> {
    return this.clientOf(await this.server.kubeconfig(identity));
  }

  clientOf(kubeconfig: string): ApiClient {
    const client = new ApiClient({ kind: 'kubeconfig', path: kubeconfig }, 'ringfence-test');
    this.#clients.push(client);
    return client;
  }

  /** A client whose connections the test can cut or freeze. */
  async wired(identity?: Identity): Promise<Wired> {
    const wire = await Wire.open(Number(new URL(this.server.url).port));
    this.#wires.push(wire);
    const text = readFileSync(await this.server.kubeconfig(identity), 'utf8').replace(this.server.url, wire.url);
    const path = this.path(`wired-${this.#files++}.kubeconfig`);
    writeFileSync(path, text, { mode: 0o600 });
    return { client: this.clientOf(path), wire, kubeconfig: path };
  }

  /** May do what `rules` say, and nothing else. */
  async allow(identity: Identity, rules: readonly object[]): Promise<void> {
    const rbac = '/apis/rbac.authorization.k8s.io/v1';
    const metadata = { name: `${identity.name}-${this.#files++}` };
    await this.server.admin.create(`${rbac}/clusterroles`, { metadata, rules });
    await this.server.admin.create(`${rbac}/clusterrolebindings`, {
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: metadata.name },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: identity.name }],
    });
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.close();
    for (const wire of this.#wires) wire.close();
    await this.server.stop();
    this.#temporary[Symbol.dispose]();
  }
}

export type SceneOptions = {
  readonly definitions: boolean;
  /** After each test, whatever came of it: the next one finds nothing of it. */
  readonly clean?: (scene: Scene) => Promise<void>;
};

/** Tests of one file share one server; where there can be none, each is skipped and says why. */
export function scenes(options: SceneOptions): (name: string, body: Body) => void {
  let scene: Scene | undefined;
  let reason = '';
  before(async () => {
    try {
      scene = new Scene(await ApiServer.start());
    } catch (error) {
      if (!(error instanceof LabUnavailable)) throw error;
      reason = error.message;
      return;
    }
    if (options.definitions) await installDefinitions(scene.server);
  });
  after(() => scene?.stop());
  return (name, body) => {
    test(name, async (context) => {
      if (scene === undefined) return context.skip(reason);
      const stop = new AbortController();
      try {
        await body(scene, stop.signal);
      } finally {
        stop.abort();
        await options.clean?.(scene);
      }
    });
  };
}

type Body = (scene: Scene, signal: AbortSignal) => Promise<void>;

/** Waits for what another process brings about. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  for (const end = performance.now() + patienceMs; performance.now() < end; await sleep(20)) {
    if (await holds()) return;
  }
  throw new Error(`waited in vain: ${what}`);
}
