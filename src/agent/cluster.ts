/** The cluster that this node is in: what its API server wants, goes to the registry; what became of it, back. */
import { release } from 'node:os';
import type { ClusterStatus } from '#control';
import { EnvironmentError } from '#diagnostics';
import type { NodeLink, PodSink } from '#kubernetes';
import { keyOf, type PolicyRegistry } from '#sensors';
import type { Containers } from './containers.ts';
import type { Enforcement } from './enforcement.ts';
import type { Older } from './older.ts';
import type { AgentOptions } from './options.ts';
import type { OwnNode } from './own-node.ts';
import { tellDiagnostic, tellError } from './tell.ts';

export type ClusterParts = {
  readonly options: AgentOptions;
  readonly registry: PolicyRegistry;
  readonly enforcement: Enforcement;
  /** Undefined where nothing tells containers apart. */
  readonly containers: Containers | undefined;
  readonly older: Older;
  readonly node: OwnNode;
};

const ORIGIN = 'kubernetes';
/** How often it is looked whether something else than the API server has changed a policy. */
const LOOK_MS = 5_000;
const NO_PODS: PodSink = { podChanged: () => undefined, podGone: () => undefined };
const NO_LABELS = { changed: () => undefined, gone: () => undefined };

export class Cluster {
  readonly #link: NodeLink;
  readonly #heard: Heard;
  readonly #parts: ClusterParts;
  /** The policies are not yet what the labels of the node want. */
  #isBehind = false;
  readonly #end = new AbortController();
  readonly #running: Promise<void>;
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  /** Undefined where no cluster is asked for: then nothing of it is loaded. */
  static async open(parts: ClusterParts): Promise<Cluster | undefined> {
    const { cluster } = parts.options;
    if (cluster === undefined) return undefined;
    const { NodeLink: Link } = await import('#kubernetes');
    const place =
      cluster.kubeconfig === undefined
        ? ({ kind: 'pod' } as const)
        : ({ kind: 'kubeconfig', path: cluster.kubeconfig } as const);
    const { version, nodeName, log } = parts.options;
    const heard = { policies: false };
    const link: NodeLink = new Link({
      ...{ place, nodeName, version, kernel: release() },
      policies: policySink(parts, () => link.changed(), heard),
      pods: parts.containers?.pods ?? NO_PODS,
      namespaces: parts.containers?.namespaces ?? NO_LABELS,
      node: parts.node,
      observed: () => parts.older.marked(parts.registry.list()),
      held: () => parts.enforcement.held,
      onState: (resource, { kind, reason }) => {
        if (resource === 'namespaces' && kind === 'synced') parts.containers?.namespaces?.heardAll();
        const level = reason === undefined ? 'info' : 'warn';
        log(level, { resource, code: reason?.code, hint: reason?.hint }, KIND_TEXTS[kind]);
      },
      onError: (error) => tellError(log, error),
    });
    return new Cluster(link, heard, parts);
  }

  private constructor(link: NodeLink, heard: Heard, parts: ClusterParts) {
    this.#link = link;
    this.#heard = heard;
    this.#parts = parts;
    parts.node.onChanged(() => this.#place());
    this.#running = link.run(this.#end.signal);
  }

  /** To be called with the agent's tick. */
  tick(nowMs: number): void {
    if (nowMs - this.#lookedAtMs < LOOK_MS) return;
    this.#lookedAtMs = nowMs;
    if (this.#isBehind) this.#place();
    this.#link.changed();
  }

  /** It has said which policies it has, since this agent started. */
  get isHeard(): boolean {
    return this.#heard.policies;
  }

  get status(): ClusterStatus {
    const sources = Array.from(this.#link.states, ([resource, { kind, sinceMs, reason }]) => ({
      ...{ resource, state: kind, sinceMs },
      ...(reason === undefined ? {} : { reason: reason.message }),
    }));
    return { sources, ...this.#link.counts };
  }

  /** What stands in the way is told, and tried again. */
  #place(): void {
    const { registry, node, options } = this.#parts;
    this.#isBehind = false;
    registry.setNode(node.facts).then(
      () => this.#link.changed(),
      (error: unknown) => {
        if (!(error instanceof EnvironmentError)) throw error;
        this.#isBehind = true;
        tellError(options.log, error);
      },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#running;
  }
}

/** A policy that is refused says so in the report of the node, and in the log of the agent. */
function policySink({ options, registry }: ClusterParts, changed: () => void, heard: { policies: boolean }) {
  return {
    apply: async (batch: Pick<Parameters<PolicyRegistry['apply']>[0], 'put' | 'remove'>) => {
      for (const { key, revision, kind, diagnostics } of await registry.apply({ origin: ORIGIN, ...batch })) {
        options.log(kind === 'refused' ? 'warn' : 'info', { policy: key, revision }, `policy ${kind}`);
        for (const each of diagnostics) tellDiagnostic(options.log, each);
      }
      for (const policy of batch.remove) options.log('info', { policy: keyOf(policy) }, 'policy removed');
      changed();
    },
    synced: async (policies: readonly Parameters<typeof keyOf>[0][]) => {
      const keys = new Set(policies.map(keyOf));
      const gone = registry.list().filter((policy) => policy.origin === ORIGIN && !keys.has(keyOf(policy)));
      await registry.synced(ORIGIN, keys);
      heard.policies = true;
      for (const policy of gone) options.log('info', { policy: keyOf(policy) }, 'policy removed');
      changed();
    },
    lost: async () => {
      await registry.lost(ORIGIN);
      changed();
    },
  };
}

type Heard = { readonly policies: boolean };

const KIND_TEXTS = {
  waiting: 'the API server has not answered yet',
  synced: 'heard from the API server',
  stale: 'the API server is away: what was heard last goes on',
  absent: 'the API server has no definition of this kind',
} as const;
