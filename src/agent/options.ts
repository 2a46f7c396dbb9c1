/** What an agent is started with. */
import type { Event } from '#events';
import type { PolicyFile } from '#policy';
import type { FileOptions } from '#publish';
import type { GuardedLevel } from '#sensors';

export type EventKind = Event['kind'];

export type Log = (
  level: 'info' | 'warn' | 'error',
  fields: Readonly<Record<string, unknown>>,
  message: string,
) => void;

export type ExportOptions = Pick<
  FileOptions,
  'path' | 'bytesMax' | 'intervalMs' | 'countMax' | 'compress' | 'permission'
>;

export type AgentOptions = {
  readonly version: string;
  readonly policies: readonly PolicyFile[];
  /** On the standard output. */
  readonly output: 'json' | 'compact' | 'none';
  readonly colour: boolean;
  /** Kinds that reach the standard output; NATS and the file get all. Losses, tampering and demotions are always told. */
  readonly outputKinds: ReadonlySet<EventKind> | undefined;
  /** The file that events go to. */
  readonly export: ExportOptions | undefined;
  readonly nats: { readonly servers: readonly string[]; readonly credentialsFile?: string | undefined } | undefined;
  readonly nodeName: string;
  readonly clusterName: string;
  /** Nothing is enforced, whatever the policies say. */
  readonly detect: boolean;
  /** A policy that another thread can get around is refused. */
  readonly strict: boolean;
  /** Programs that only policies which name them may kill; one that ends in `*` stands for all that begin so. */
  readonly criticalBinaries: readonly string[];
  /** What of ours is guarded against other processes. */
  readonly selfProtection: GuardedLevel | 'off';
  /** How long policies only watch after a boot, and have to go well then; 0: no such guard. */
  readonly startGuardMs: number;
  /** Where runtime.bpf.o, base.bpf.o and guard.bpf.o are. */
  readonly kprobes: string;
  /** Bytes of each ring. */
  readonly rings: { readonly verdict: number; readonly observation: number };
  /** Directory in a bpffs where programs stay when the agent goes; without it all ends with the agent. */
  readonly pins: string | undefined;
  /** What ends with the boot: the lock, what the pinned policies are called, the socket. */
  readonly runDirectory: string;
  /** What outlives the boot: policies that were added, the notes of the start guard. */
  readonly stateDirectory: string;
  readonly controlSocket: string;
  /** Where the API server of the cluster is: a kubeconfig, or else that of the pod that the agent runs in. */
  readonly cluster: { readonly kubeconfig: string | undefined } | undefined;
  /** Where the file system of the node is: `/`, unless the agent runs in a container. */
  readonly nodeRoot: string;
  /** In these nothing is executed in a container that is not known yet, and none starts while no agent runs. */
  readonly failClosedNamespaces: readonly string[];
  /** The same in pods of which nobody has told yet in what namespace they are. */
  readonly holdUnknownPods: boolean;
  /** Where a runtime speaks NRI; undefined: it is not asked. */
  readonly nriSocket: string | undefined;
  /** Events have the annotations of pods. */
  readonly podAnnotations: boolean;
  /** Where metrics are served; undefined: nowhere. Without a host, on all addresses of the machine. */
  readonly metricsServer: { readonly host: string | undefined; readonly port: number } | undefined;
  /** As the agent was started, for the support bundle, without secrets. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly recentLog: () => readonly string[];
  readonly log: Log;
};
