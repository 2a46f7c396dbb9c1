/** A real kube-apiserver with an etcd of its own, on loopback, with RBAC and an audit log; nothing else of a cluster. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TemporaryDirectory } from '../lab/temporary.ts';
import { ApiClient } from './api-client.ts';
import { AUDIT_POLICY, type AuditEntry, readAuditLog } from './audit-log.ts';
import { Authority, type Identity, type KeyPair } from './certificates.ts';
import { Child, freePorts, type Usage } from './child.ts';
import { provideApiServer } from './programs.ts';

/** Generous: machines that build and boot guests beside this are slow. */
const READY_MS_MAX = 120_000;
const POLL_MS = 100;
const STARTS_MAX = 3;
const ADMIN: Identity = { name: 'admin', groups: ['system:masters'] };

export type ApiServerOptions = {
  /** More flags of kube-apiserver, `--name=value`. */
  readonly flags?: readonly string[];
  /** Where it listens besides being asked on loopback; 127.0.0.1 unless told. */
  readonly address?: string;
  /** Pods get the account that they name: for who runs the controllers that make accounts. */
  readonly serviceAccounts?: boolean;
};

type Ports = { readonly api: number; readonly etcd: number; readonly etcdPeers: number };

export class ApiServer {
  readonly #program: string;
  readonly #temporary: TemporaryDirectory;
  readonly #options: ApiServerOptions;
  readonly #authority: Authority;
  readonly #pairs: { readonly server: KeyPair; readonly tokens: KeyPair };
  readonly #kubeconfigs = new Map<string, Promise<string>>();
  #ports: Ports = { api: 0, etcd: 0, etcdPeers: 0 };
  #etcd: Child | undefined;
  #api: Child | undefined;
  #admin: ApiClient | undefined;

  private constructor(
    program: string,
    temporary: TemporaryDirectory,
    options: ApiServerOptions,
    authority: Authority,
    pairs: { readonly server: KeyPair; readonly tokens: KeyPair },
  ) {
    this.#program = program;
    this.#temporary = temporary;
    this.#options = options;
    this.#authority = authority;
    this.#pairs = pairs;
  }

  /** Throws `LabUnavailable` where it can neither be found nor built. */
  static async start(options: ApiServerOptions = {}): Promise<ApiServer> {
    const program = await provideApiServer();
    const temporary = new TemporaryDirectory('apiserver');
    try {
      const authority = await Authority.create(temporary.path);
      const pairs = { server: await authority.server(), tokens: await authority.tokens() };
      writeFileSync(join(temporary.path, 'audit-policy.json'), JSON.stringify(AUDIT_POLICY));
      const server = new ApiServer(program, temporary, options, authority, pairs);
      await server.#startOnFreePorts();
      return server;
    } catch (error) {
      temporary[Symbol.dispose]();
      throw error;
    }
  }

  get url(): string {
    return `https://127.0.0.1:${this.#ports.api}`;
  }

  /** May do everything. */
  get admin(): ApiClient {
    if (this.#admin === undefined) throw new Error('the API server has not started');
    return this.#admin;
  }

  /** For a user that RBAC knows by its name and groups; nobody may do anything unless a binding says so. */
  kubeconfig(identity: Identity = ADMIN): Promise<string> {
    const known = this.#kubeconfigs.get(identity.name) ?? this.#writeKubeconfig(identity);
    this.#kubeconfigs.set(identity.name, known);
    return known;
  }

  /** For whoever has the token in `tokenFile`, which is read when it is used. */
  kubeconfigOfToken(name: string, tokenFile: string): string {
    const path = join(this.#temporary.path, `token-${name}.kubeconfig`);
    this.#authority.writeKubeconfig(path, this.url, { tokenFile });
    return path;
  }

  /** The certificate of the authority, as a pod finds it beside its token. */
  get authorityFile(): string {
    return this.#authority.certificate;
  }

  audit(): readonly AuditEntry[] {
    return readAuditLog(this.#auditFile);
  }

  usage(): Readonly<Record<'api' | 'etcd', Usage>> {
    if (this.#api === undefined || this.#etcd === undefined) throw new Error('the API server has not started');
    return { api: this.#api.usage(), etcd: this.#etcd.usage() };
  }

  /** Ends kube-apiserver, and only it: who is connected sees it go. */
  async stopApi(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.#api?.stop(signal);
  }

  async startApi(): Promise<void> {
    this.#api = new Child(this.#program, ['kube-apiserver', ...this.#flags()]);
    await this.#ready(this.#api, 'kube-apiserver', async () => {
      const answer = await this.admin.get('/readyz').catch(() => undefined);
      return answer?.status === 200;
    });
  }

  /** Forgets the past: who goes on from a version of before is told 410 Gone once the server's own cache is gone too. */
  async compact(): Promise<void> {
    const { body } = await this.admin.get('/api/v1/namespaces');
    const revision = (body as { readonly metadata: { readonly resourceVersion: string } }).metadata.resourceVersion;
    const answer = await this.#etcdCall('/v3/kv/compaction', { revision, physical: true });
    if (!answer.ok) throw new Error(`etcd does not compact: ${await answer.text()}`);
  }

  async stop(): Promise<void> {
    this.#admin?.close();
    await this.#api?.stop('SIGKILL');
    await this.#etcd?.stop('SIGKILL');
    this.#temporary[Symbol.dispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Between looking for a free port and taking it somebody else may be faster. */
  async #startOnFreePorts(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const [api = 0, etcd = 0, etcdPeers = 0] = await freePorts(3);
      this.#ports = { api, etcd, etcdPeers };
      this.#admin?.close();
      this.#kubeconfigs.clear();
      try {
        this.#admin = ApiClient.ofKubeconfig(await this.kubeconfig());
        await this.#startEtcd();
        await this.startApi();
        return;
      } catch (error) {
        await this.#api?.stop('SIGKILL');
        await this.#etcd?.stop('SIGKILL');
        if (attempt === STARTS_MAX || !/address already in use/.test(String(error))) throw error;
      }
    }
  }

  async #startEtcd(): Promise<void> {
    const client = this.#etcdUrl;
    const peers = `http://127.0.0.1:${this.#ports.etcdPeers}`;
    this.#etcd = new Child(this.#program, [
      ...['etcd', `--data-dir=${join(this.#temporary.path, 'etcd')}`, '--unsafe-no-fsync', '--log-level=error'],
      ...[`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`],
      ...[
        `--listen-peer-urls=${peers}`,
        `--initial-advertise-peer-urls=${peers}`,
        `--initial-cluster=default=${peers}`,
      ],
    ]);
    await this.#ready(this.#etcd, 'etcd', async () => {
      const answer = await fetch(`${client}/health`).catch(() => undefined);
      return answer?.status === 200;
    });
  }

  async #ready(child: Child, name: string, isReady: () => Promise<boolean>): Promise<void> {
    for (const deadline = performance.now() + READY_MS_MAX; performance.now() < deadline; await sleep(POLL_MS)) {
      if (!child.running) throw new Error(`${name} ended: ${child.said}`);
      if (await isReady()) return;
    }
    throw new Error(`${name} is not ready after ${READY_MS_MAX / 1000} s: ${child.said}`);
  }

  #flags(): readonly string[] {
    const { server, tokens } = this.#pairs;
    const { address = '127.0.0.1', serviceAccounts = false, flags = [] } = this.#options;
    return [
      ...[`--etcd-servers=${this.#etcdUrl}`, '--etcd-compaction-interval=0', '--endpoint-reconciler-type=none'],
      ...[`--secure-port=${this.#ports.api}`, `--bind-address=${address}`],
      ...[`--tls-cert-file=${server.certificate}`, `--tls-private-key-file=${server.key}`],
      ...[`--client-ca-file=${this.#authority.certificate}`, '--authorization-mode=RBAC', '--allow-privileged'],
      ...['--service-account-issuer=https://kubernetes.default.svc', '--service-cluster-ip-range=10.96.0.0/16'],
      ...[`--service-account-key-file=${tokens.certificate}`, `--service-account-signing-key-file=${tokens.key}`],
      // nobody here makes the service account that it would put into every pod
      ...(serviceAccounts ? [] : ['--disable-admission-plugins=ServiceAccount']),
      ...[`--audit-policy-file=${join(this.#temporary.path, 'audit-policy.json')}`, '--audit-log-mode=blocking'],
      `--audit-log-path=${this.#auditFile}`,
      ...flags,
    ];
  }

  async #writeKubeconfig(identity: Identity): Promise<string> {
    const pair = await this.#authority.client(identity);
    const path = `${pair.certificate}.kubeconfig`;
    this.#authority.writeKubeconfig(path, this.url, pair);
    return path;
  }

  get #auditFile(): string {
    return join(this.#temporary.path, 'audit.log');
  }

  get #etcdUrl(): string {
    return `http://127.0.0.1:${this.#ports.etcd}`;
  }

  #etcdCall(path: string, body: object): Promise<Response> {
    return fetch(`${this.#etcdUrl}${path}`, { method: 'POST', body: JSON.stringify(body) });
  }
}
