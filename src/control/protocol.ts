/** What is said over the control socket: HTTP/1.1 and JSON, under paths that carry the version. */
import type { Diagnostic } from '#diagnostics';
import type { PolicyName, PolicyStatus } from '#sensors';

/** In every answer: by it an agent is told from anything else that listens. */
export const VERSION_HEADER = 'ringfence-control';
export const VERSION = '1';

/** Of a request. A policy file has at most 1 MiB; JSON makes more of it. */
export const REQUEST_BYTES_MAX = 4 * 1024 * 1024;

export type PolicyMode = PolicyStatus['mode'];

/**
 * What became of a request that changes something. `refused`: what was asked for is wrong; `failed`: the world is in
 * the way. In both cases nothing has changed.
 */
export type ChangeAnswer = {
  readonly kind: 'done' | 'refused' | 'failed';
  readonly policies: readonly PolicyStatus[];
  readonly diagnostics: readonly Diagnostic[];
};

export type PoliciesAnswer = { readonly policies: readonly PolicyStatus[] };

export type RingStatus = {
  readonly name: string;
  readonly bytes: number;
  /** Not read yet. */
  readonly waitingBytes: number;
};

export type LossCount = { readonly stage: string; readonly count: number };

export type StartGuardStatus = {
  /** What policies may do now, whatever they say. */
  readonly enforcement: 'enforce' | 'monitor' | 'off';
  readonly reason: string;
  /** When that ends by itself, in milliseconds since 1970. */
  readonly untilMs?: number;
};

/** The network beside us: what `#network` finds, in the same words. */
export type NetworkStatus = {
  readonly cni: { readonly name: string; readonly evidence: readonly string[] };
  /** BPF programs of others, of those that are attached first. */
  readonly programs: readonly {
    readonly id: number;
    readonly kind: string;
    readonly name: string;
    /** A guess; empty where nothing tells. */
    readonly owner: string;
    readonly at: readonly string[];
    readonly pins: readonly string[];
  }[];
  readonly unlisted: number;
  readonly own: number;
  readonly shared: readonly string[];
  readonly unseen: readonly string[];
};

export type ContainersStatus = {
  readonly pods: number;
  readonly containers: number;
  /** In pods, and not known: no policy selects them yet. */
  readonly pending: number;
  /** Cgroups that the kernel has been told of. */
  readonly cgroups: number;
  /** Pods, containers and cgroups that were more than there may be. */
  readonly refused: number;
  /** Calls that policies which select workloads could not be asked about, as the container was not known yet. */
  readonly callsPending: number;
  readonly callsUnreadable: number;
  readonly execsHeld: number;
  /** Containers that their runtime told of before they started. */
  readonly hook: Readonly<Record<string, number>>;
  /** Left out where no runtime is asked. */
  readonly nri?: Readonly<Record<string, number | boolean>>;
};

export type ClusterStatus = {
  readonly sources: readonly {
    readonly resource: string;
    readonly state: 'waiting' | 'synced' | 'stale' | 'absent';
    /** In milliseconds since 1970. */
    readonly sinceMs: number;
    readonly reason?: string;
  }[];
  /** Reports of this node that were written. */
  readonly reports: number;
  readonly policiesRefused: number;
  readonly podsRefused: number;
  /** What was asked of the API server; a watch is a GET, and each that begins anew one more. */
  readonly requests: readonly { readonly method: string; readonly count: number; readonly failed: number }[];
};

export type AgentStatus = {
  readonly version: string;
  readonly pid: number;
  readonly nodeName: string;
  readonly kernelRelease: string;
  /** `detect`: nothing is enforced, whatever the policies say. */
  readonly mode: 'enforce' | 'detect';
  readonly uptimeMs: number;
  readonly rings: readonly RingStatus[];
  /** Since the agent started, by place. */
  readonly losses: readonly LossCount[];
  readonly startGuard: StartGuardStatus;
  readonly network: NetworkStatus;
  /** Left out where nothing tells containers apart. */
  readonly containers?: ContainersStatus;
  /** Left out where the agent is in no cluster. */
  readonly cluster?: ClusterStatus;
  /** What other versions left in the kernel, and only that enforces; left out where there is nothing. */
  readonly older?: readonly { readonly layout: string; readonly policies: readonly PolicyName[] | 'not known' }[];
};

export type ControlStatus = {
  readonly connections: number;
  /** That were more than there may be. */
  readonly connectionsRefused: number;
  readonly subscribers: number;
  /** Events that subscribers were too slow for. */
  readonly eventsLost: number;
};

export type StatusAnswer = PoliciesAnswer & { readonly agent: AgentStatus; readonly control: ControlStatus };

export type PolicyText = PolicyName & { readonly source: string; readonly text: string };

/** What the agent has for a support bundle; secrets are left out of it. */
export type SysdumpAnswer = {
  readonly status: StatusAnswer;
  readonly policies: readonly PolicyText[];
  readonly config: Readonly<Record<string, unknown>>;
  readonly versions: Readonly<Record<string, string | undefined>>;
  readonly log: readonly string[];
};

export type AddRequest = {
  readonly text: string;
  readonly source: string;
  readonly replace?: boolean;
  readonly mode?: PolicyMode;
};

export type EventsQuery = {
  readonly format: 'json' | 'compact';
  readonly colour?: boolean;
  readonly timestamps?: boolean;
  /** No list lets everything through; of each list one entry must fit. Losses are always told. */
  readonly kinds?: readonly string[];
  readonly policies?: readonly string[];
  /** "" for what is in no pod. */
  readonly namespaces?: readonly string[];
  readonly namespacePatterns?: readonly string[];
  readonly pods?: readonly string[];
  readonly containers?: readonly string[];
  /** Selectors as Kubernetes writes them. */
  readonly labels?: readonly string[];
};
