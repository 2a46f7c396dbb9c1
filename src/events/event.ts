/** Events: what happened, in the words of the events API, with what only we know beside it. */
import type { Process, Text } from '#process';

/** Where a record came from: unique over boots, rings, CPUs. */
export type Identity = {
  readonly bootId: string;
  /** 'iterator': told at the start, not through a ring; it has no sequence number. */
  readonly ring: RingName;
  /** Random, chosen when the ring was made. */
  readonly ringIncarnation: string;
  readonly cpu: number;
  readonly sequence: number;
};

export type RingName = 'verdict' | 'observation' | 'iterator';

type EventHead = {
  readonly nodeName: string;
  /** Nanoseconds since 1970. */
  readonly timeNs: bigint;
};

type ProcessEventHead = EventHead & {
  readonly identity: Identity;
  readonly process: Process;
  readonly parent: Process | undefined;
  /** The calling thread. */
  readonly tid: number;
};

export type ExecEvent = ProcessEventHead & {
  readonly kind: 'exec';
  /** The path of the binary was longer than the kernel side keeps. */
  readonly binaryTruncated: boolean;
};

export type ExitEvent = ProcessEventHead & {
  readonly kind: 'exit';
  readonly status: number;
  /** Such as SIGKILL; empty when the process ended by itself. */
  readonly signal: string;
};

/**
 * - `killed`: the process was killed, and what it asked for denied where the hook can deny
 * - `denied`: the call failed with `errno`
 * - `would`: monitor mode; nothing was done
 * - `match`: the policy asked to tell of it, no more
 */
export type Verdict = 'killed' | 'denied' | 'would' | 'match';

/** The strongest of the actions that the selector asked for; numbers and names are the events API's. */
export type KprobeAction =
  | 'KPROBE_ACTION_UNKNOWN'
  | 'KPROBE_ACTION_POST'
  | 'KPROBE_ACTION_SIGKILL'
  | 'KPROBE_ACTION_OVERRIDE'
  | 'KPROBE_ACTION_NOPOST';

export type LsmEvent = ProcessEventHead & {
  readonly kind: 'lsm';
  readonly functionName: string;
  readonly policyName: string;
  readonly policyNamespace: string | undefined;
  readonly message: string;
  readonly tags: readonly string[];
  readonly arguments: readonly EventArgument[];
  readonly action: KprobeAction;
  readonly verdict: Verdict;
  /** What the hook returned, positive; 0 when it let the call through. */
  readonly errno: number;
  readonly mode: 'enforce' | 'monitor';
  readonly selector: number;
  /** An argument could not be read: the selector failed closed, without a match. */
  readonly unreadable: boolean;
  /** The signal was refused (init, kernel thread, exiting task). */
  readonly notKilled: boolean;
  readonly comm: Text;
  readonly cgroupId: bigint;
};

export type EventArgument = IntegerArgument | PathArgument | UnreadArgument;

export type IntegerArgument = {
  readonly kind: 'int_arg' | 'uint_arg' | 'long_arg' | 'size_arg';
  readonly label: string | undefined;
  readonly value: bigint;
};

export type PathArgument = {
  readonly kind: 'file_arg' | 'path_arg' | 'linux_binprm_arg';
  readonly label: string | undefined;
  readonly path: Text;
  /** In the words of the events API; empty when the path is whole. */
  readonly flags: string;
  readonly mode: number;
  readonly inode: bigint;
  readonly device: number;
};

/** There was something, or nothing, and it could not be told. */
export type UnreadArgument = {
  readonly kind: 'error_arg';
  readonly label: string | undefined;
  readonly message: string;
};

/**
 * Where records or events were lost. `scratch`: calls of a hook that found no memory to work in, which enforcing
 * policies deny. `skipped`: calls that the kernel did not show to a program, because it was running on that CPU.
 */
export type LossStage = 'scratch' | 'skipped' | 'ring' | 'decode' | 'nats' | 'stdout';

export type LossEvent = EventHead & {
  readonly kind: 'loss';
  readonly stage: LossStage;
  readonly count: number;
  /** What was lost happened within this interval, in nanoseconds since 1970. */
  readonly fromNs: bigint;
  readonly toNs: bigint;
  /** The hole in the numbers of one ring and CPU; of what lies between, `count` did not arrive. */
  readonly hole: Hole | undefined;
};

export type Hole = {
  readonly bootId: string;
  readonly ring: RingName;
  readonly ringIncarnation: string;
  readonly cpu: number;
  readonly fromSequence: number;
  readonly toSequence: number;
};

export type Event = ExecEvent | ExitEvent | LsmEvent | LossEvent;
