/** Everything that one node and its API server have to say to each other, for as long as the agent runs. */
import type { EnvironmentError } from '#diagnostics';
import type { AccessPlace } from './access.ts';
import { ApiClient, type RequestCounts } from './api-client.ts';
import { explained } from './api-error.ts';
import { type LabelSink, LabelSource } from './label-source.ts';
import { reportOf } from './node-report.ts';
import type { ObservedAgent, ObservedPolicy } from './observed-policy.ts';
import { type PodSink, PodSource } from './pod-source.ts';
import { type PolicySink, PolicySource } from './policy-source.ts';
import type { ReflectorTimes } from './reflector.ts';
import type { SourceState } from './source-state.ts';
import { type StatusTimes, StatusWriter } from './status-writer.ts';

export type NodeLinkOptions = {
  readonly place: AccessPlace;
  readonly nodeName: string;
  readonly version: string;
  readonly kernel: string;
  readonly policies: PolicySink;
  readonly pods: PodSink;
  readonly namespaces: LabelSink;
  readonly node: LabelSink;
  /** What the registry lists, asked when it is time to report. */
  readonly observed: () => readonly ObservedPolicy[];
  /** Why nothing enforces at the moment, in a word. */
  readonly held: () => ObservedAgent['held'];
  readonly onState: (resource: string, state: SourceState) => void;
  /** What is tried again, each time that it fails. */
  readonly onError: (error: EnvironmentError) => void;
  readonly reflectorTimes?: Partial<ReflectorTimes>;
  readonly statusTimes?: Partial<StatusTimes>;
};

/** Reports of this node that were written, what was left out as there was too much of it, and what was asked. */
export type LinkCounts = {
  readonly reports: number;
  readonly policiesRefused: number;
  readonly podsRefused: number;
  readonly requests: readonly RequestCounts[];
};

const POLICY_KINDS = ['tracingpolicies', 'tracingpoliciesnamespaced'] as const;
const AGAIN = { verb: 'apply', resource: 'policies' };

export class NodeLink {
  readonly #options: NodeLinkOptions;
  readonly #client: ApiClient;
  readonly #states = new Map<string, SourceState>();
  readonly #policies: PolicySource;
  readonly #pods: PodSource;
  readonly #labels: readonly LabelSource[];
  readonly #status: StatusWriter;
  #nodeUid: string | undefined;

  constructor(options: NodeLinkOptions) {
    const { nodeName, onError } = options;
    this.#options = options;
    this.#client = new ApiClient(options.place, `ringfence/${options.version}`);
    const shared = {
      client: this.#client,
      ...(options.reflectorTimes === undefined ? {} : { times: options.reflectorTimes }),
    };
    const onState = (resource: string) => (state: SourceState) => this.#stateChanged(resource, state);
    this.#policies = new PolicySource({
      ...shared,
      sink: options.policies,
      onError: (error) => onError(explained(error, { server: this.#client.server, ...AGAIN })),
      onState: (kind, state) => this.#stateChanged(kind, state),
    });
    this.#pods = new PodSource({ ...shared, nodeName, sink: options.pods, onState: onState('pods') });
    this.#labels = [
      new LabelSource({
        ...shared,
        of: { kind: 'node', name: nodeName },
        sink: this.#node(),
        onState: onState('nodes'),
      }),
      new LabelSource({
        ...{ ...shared, of: { kind: 'namespaces' }, sink: options.namespaces, onState: onState('namespaces') },
      }),
    ];
    this.#status = new StatusWriter({
      ...{ client: this.#client, nodeName, onError, nodeUid: () => this.#nodeUid },
      read: () => reportOf(options.observed(), this.#agent()),
      ...(options.statusTimes === undefined ? {} : { times: options.statusTimes }),
    });
  }

  /** How well each kind of object is heard, by its plural. */
  get states(): ReadonlyMap<string, SourceState> {
    return this.#states;
  }

  get counts(): LinkCounts {
    const { writes: reports } = this.#status;
    const { requests } = this.#client;
    return { reports, policiesRefused: this.#policies.refused, podsRefused: this.#pods.refused, requests };
  }

  /** Something of a policy may be different now: its state, its mode, what holds it back. */
  changed(): void {
    this.#status.changed();
  }

  /** Until the signal comes; the API server may come and go. */
  async run(signal: AbortSignal): Promise<void> {
    const parts = [this.#policies, this.#pods, ...this.#labels, this.#status];
    try {
      await Promise.all(parts.map((each) => each.run(signal)));
    } finally {
      this.#client.close();
    }
  }

  #node(): LabelSink {
    const { node } = this.#options;
    return {
      changed: (object) => {
        this.#nodeUid = object.uid;
        node.changed(object);
      },
      gone: (name) => {
        this.#nodeUid = undefined;
        node.gone(name);
      },
    };
  }

  #stateChanged(resource: string, state: SourceState): void {
    this.#states.set(resource, state);
    this.#options.onState(resource, state);
    this.#status.changed();
  }

  #agent(): ObservedAgent {
    const { version, kernel, held } = this.#options;
    const kinds = POLICY_KINDS.map((kind) => this.#states.get(kind)?.kind ?? 'waiting');
    const source = kinds.includes('stale') ? 'Cached' : kinds.includes('waiting') ? 'Waiting' : 'Synced';
    return { version, kernel, held: held(), source };
  }
}
