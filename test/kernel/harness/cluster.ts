/** The cluster beside the guest, as a test in it sees it: an administrator, and an agent behind a wire that can be cut. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NodePolicyStatus } from '#crd';
import { Wire } from '../../kubernetes/wire.ts';
import { ApiClient, CLUSTER_VARIABLE, type ClusterOfGuest } from '../../peers/index.ts';

const PATIENCE_MS = 90_000;
const POLL_MS = 50;
const POLICIES = '/apis/cilium.io/v1alpha1';
const REPORTS = '/apis/ringfence.io/v1alpha1/nodepolicystatuses';

export type PodSpec = {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly object[];
};

export type CreatedPod = PodSpec & { readonly uid: string };

export class Cluster {
  readonly admin: ApiClient;
  readonly wire: Wire;
  readonly nodeName = 'node-of-guest';
  readonly #directory: string;

  /** Undefined where there is no cluster beside the guest. */
  static async open(): Promise<Cluster | undefined> {
    const told = process.env[CLUSTER_VARIABLE];
    if (told === undefined) return undefined;
    const cluster = JSON.parse(told) as ClusterOfGuest;
    const { hostname, port } = new URL(cluster.url);
    return new Cluster(cluster, await Wire.open(Number(port), hostname));
  }

  private constructor({ admin, agentToken }: ClusterOfGuest, wire: Wire) {
    this.wire = wire;
    this.#directory = mkdtempSync(join(tmpdir(), 'ringfence-cluster-'));
    const administrator = this.#write('admin.kubeconfig', admin);
    this.admin = ApiClient.ofKubeconfig(administrator);
    const tokenFile = this.#write('token', agentToken);
    const { clusters, ...config } = JSON.parse(admin) as { readonly clusters: readonly [{ readonly cluster: object }] };
    const [{ cluster, ...named }] = clusters;
    const ours = { ...named, cluster: { ...cluster, server: wire.url } };
    const text = JSON.stringify({ ...config, clusters: [ours], users: [{ name: 'user', user: { tokenFile } }] });
    this.#write('agent.kubeconfig', text);
  }

  /** What an agent on this node is started with. */
  get agentFlags(): readonly string[] {
    const kubeconfig = join(this.#directory, 'agent.kubeconfig');
    return ['--enable-k8s-api', '--k8s-kubeconfig-path', kubeconfig, '--node-name', this.nodeName];
  }

  /** On this node. */
  async createPod({ namespace, ...metadata }: PodSpec): Promise<CreatedPod> {
    const spec = { nodeName: this.nodeName, containers: [{ name: 'app', image: 'docker.io/library/busybox:1' }] };
    const made = await this.admin.create(`/api/v1/namespaces/${namespace}/pods`, { metadata, spec });
    const { uid } = (made as { readonly metadata: { readonly uid: string } }).metadata;
    return { namespace, ...metadata, uid };
  }

  async label({ namespace, name }: PodSpec, labels: Readonly<Record<string, string>>): Promise<void> {
    await this.admin.merge(`/api/v1/namespaces/${namespace}/pods/${name}`, { metadata: { labels } });
  }

  /** As the kubelet does once the container has been made. */
  async tellContainer({ namespace, name }: PodSpec, id: string): Promise<void> {
    const image = 'docker.io/library/busybox:1';
    const status = { name: 'app', image, imageID: 'sha256:0', ready: true, restartCount: 0 };
    await this.admin.merge(`/api/v1/namespaces/${namespace}/pods/${name}/status`, {
      status: { containerStatuses: [{ ...status, containerID: `containerd://${id}` }] },
    });
  }

  /** What `kubectl apply` of something new comes to. */
  async apply(policy: { readonly metadata: { readonly namespace?: string } }): Promise<void> {
    await this.admin.create(pathOf(policy.metadata.namespace), policy);
  }

  async deletePolicy(name: string, namespace?: string): Promise<void> {
    await this.admin.delete(`${pathOf(namespace)}/${name}`);
  }

  /** What the agent says of itself to the cluster. */
  async report(): Promise<NodePolicyStatus | undefined> {
    const { status, body } = await this.admin.get(`${REPORTS}/${this.nodeName}`);
    return status === 200 ? (body as { readonly status: NodePolicyStatus }).status : undefined;
  }

  close(): void {
    this.wire.close();
    this.admin.close();
    rmSync(this.#directory, { recursive: true });
  }

  #write(name: string, text: string): string {
    const path = join(this.#directory, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }
}

function pathOf(namespace: string | undefined): string {
  return namespace === undefined
    ? `${POLICIES}/tracingpolicies`
    : `${POLICIES}/namespaces/${namespace}/tracingpoliciesnamespaced`;
}

/** Waits for what another process brings about. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await sleep(POLL_MS)) {
    if (await holds()) return;
  }
  throw new Error(`waited in vain: ${what}`);
}
