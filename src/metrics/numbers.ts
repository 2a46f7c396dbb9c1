/** What the agent knows of itself when it is asked: read then, so that no event and no call costs anything for it. */
import type { ClusterStatus, ContainersStatus, ControlStatus, LossCount, RingStatus } from '#control';
import type { PolicyStatus } from '#sensors';

export type AgentNumbers = {
  readonly version: string;
  readonly kernelRelease: string;
  /** What policies may do now, whatever they say. */
  readonly enforcement: Enforcement;
  readonly policies: readonly PolicyStatus[];
  /** Events since the agent started, by type. */
  readonly events: Readonly<Record<string, number>>;
  readonly records: { readonly read: number; readonly malformed: number; readonly unknownPolicy: number };
  readonly rings: readonly RingStatus[];
  /** What loss events told of, by stage: those of sinks are told by themselves, and stand there. */
  readonly losses: readonly LossCount[];
  readonly sinks: readonly SinkNumbers[];
  readonly kernel: KernelNumbers;
  /** By the attach point of the program. */
  readonly skippedCalls: ReadonlyMap<string, bigint>;
  readonly control: ControlStatus;
  /** Undefined where nothing tells containers apart. */
  readonly containers: ContainersStatus | undefined;
  /** Undefined where the agent is in no cluster. */
  readonly cluster: ClusterStatus | undefined;
  readonly process: ProcessNumbers;
};

export type Enforcement = 'enforce' | 'monitor' | 'off';

export type SinkNumbers = {
  readonly name: string;
  /** It takes what is sent, as far as was seen last. */
  readonly up: boolean;
  readonly refused: number;
  readonly undelivered: number;
};

/** Since the base sensor was loaded, which may be before the agent started. */
export type KernelNumbers = {
  readonly scratchRefused: number;
  readonly pathUnstable: number;
  readonly processLate: number;
  readonly processRefused: number;
};

export type ProcessNumbers = {
  /** In seconds since 1970. */
  readonly startedSeconds: number;
  readonly cpuSeconds: number;
  readonly residentBytes: number;
};
