/** Events: what happened, in the words of the events API, with what only we know beside it. */
import type { Process, Text, Workload } from '#process';
import type { EventArgument } from './event-argument.ts';
import type { DeclaredHook, HookDescription } from './policy-directory.ts';

/** Where a record came from: unique over boots, rings, CPUs. */
export type Identity = {
  readonly bootId: string;
  /** 'iterator': told at the start, not through a ring; it has no sequence number. */
  readonly ring: RingName;
  /** Random, chosen when the ring was made. */
  readonly ringIncarnation: string;
  readonly cpu: number;
  readonly sequence: number;
  /** It was written while no agent read it, and is told late. */
  readonly whileAway: boolean;
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
  /** What the process runs in, as known when the event was made; undefined on the host, and until it is known. */
  readonly workload: Workload | undefined;
  readonly parentWorkload: Workload | undefined;
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
 * - `signalled`: another signal than SIGKILL was sent, and the call went on
 * - `would`: monitor mode; nothing was done
 * - `match`: the policy asked to tell of it, no more
 */
export type Verdict = 'killed' | 'denied' | 'signalled' | 'would' | 'match';

/** The strongest of the actions that the selector asked for; numbers and names are the events API's. */
export type KprobeAction =
  | 'KPROBE_ACTION_POST'
  | 'KPROBE_ACTION_SIGKILL'
  | 'KPROBE_ACTION_OVERRIDE'
  | 'KPROBE_ACTION_NOPOST'
  | 'KPROBE_ACTION_SIGNAL';

/** What a policy has to tell. The event of the events API is that of the declared kind. */
export type PolicyEvent = ProcessEventHead & {
  readonly kind: DeclaredHook['kind'];
  readonly hook: HookDescription;
  readonly arguments: readonly EventArgument[];
  /** Undefined when the policy does not ask for it, or the return was lost. */
  readonly result: EventArgument | undefined;
  readonly action: KprobeAction;
  readonly returnAction: KprobeAction;
  readonly verdict: Verdict;
  /** What the hook returned, positive; 0 when it let the call through. */
  readonly errno: number;
  readonly mode: 'enforce' | 'monitor';
  readonly selector: number;
  /** Such as SIGSTOP: that was sent, or would have been; empty for none. */
  readonly signal: string;
  /** Killed where the call could not be denied: it may have had its effect. */
  readonly mayComplete: boolean;
  /** The return could not be waited for, or never came: this is what was known at the entry. */
  readonly returnLost: boolean;
  /** An argument could not be read: the selector failed closed, without a match. */
  readonly unreadable: boolean;
  /** The signal was refused (init, kernel thread, exiting task, critical process). */
  readonly notKilled: boolean;
  /** The node can not do without the process, and the policy does not name it: it is not to be ended. */
  readonly critical: boolean;
  /** It would have been one kill too many: from here on the policy only watches. */
  readonly demoted: boolean;
  readonly comm: Text;
  readonly cgroupId: bigint;
};

/** What it happened in; undefined for the host, and for what the agent has to say itself. */
export function workloadOf(event: Event): Workload | undefined {
  if (event.kind === 'loss' || event.kind === 'demotion') return undefined;
  return event.kind === 'tamper' ? event.by?.workload : event.workload;
}

export function isPolicyEvent(event: Event): event is PolicyEvent {
  return 'hook' in event;
}

/**
 * What somebody tried to do to the agent, or to what it has in the kernel.
 * - `map`, `program`: a descriptor of a guarded map; a program of somebody else's that uses one
 * - `signal`, `ptrace`, `limit`, `cgroup`, `cgroup-move`: the agent itself
 * - `pin`, `mount`, `kprobes`: what makes programs outlive the agent, or run at all
 */
export type TamperKind =
  | 'map'
  | 'program'
  | 'signal'
  | 'ptrace'
  | 'limit'
  | 'cgroup'
  | 'cgroup-move'
  | 'pin'
  | 'mount'
  | 'kprobes';

/**
 * - `denied`: it failed
 * - `would`: it would have, but the whole agent only watches
 * - `seen`: it was let through
 * - `repaired`, `failed`: found done, and put right, or not
 */
export type TamperOutcome = 'denied' | 'would' | 'seen' | 'repaired' | 'failed';

export type TamperEvent = EventHead & {
  readonly kind: 'tamper';
  readonly what: TamperKind;
  readonly outcome: TamperOutcome;
  /** Of the map, program, file or pin; empty when it has none. */
  readonly name: Text;
  /** What was asked for, such as `write` or SIGKILL, or why it could not be put right; empty for nothing. */
  readonly detail: string;
  /** Undefined for what was found done. */
  readonly by: TamperSource | undefined;
};

export type TamperSource = Omit<ProcessEventHead, keyof EventHead> & {
  /** In the pid and mount namespaces of process 1. */
  readonly onHost: boolean;
  readonly comm: Text;
  readonly cgroupId: bigint;
  /** Id of the map or program, pid of the agent, inode number. */
  readonly subject: bigint;
};

/** A program that was not executed, as nobody knows yet what runs in that cgroup; `would`: the whole agent only watches. */
export type HeldEvent = ProcessEventHead & {
  readonly kind: 'held';
  readonly outcome: Extract<TamperOutcome, 'denied' | 'would'>;
  /** As exec was given it; at most 255 bytes. */
  readonly name: Text;
  readonly comm: Text;
  readonly cgroupId: bigint;
};

/**
 * Where records or events were lost. `scratch`: calls of a hook that found no memory to work in, which enforcing
 * policies deny. `skipped`: calls that the kernel did not show to a program, because it was running on that CPU.
 * `upgrade`: records that an agent of another version left unread; their form is not known to this one.
 * `tamper`: attempts on the agent or its programs beyond what is told of; they were refused all the same.
 */
export type LossStage =
  | 'upgrade'
  | 'scratch'
  | 'skipped'
  | 'tamper'
  | 'ring'
  | 'decode'
  | 'nats'
  | 'stdout'
  | 'file'
  | 'control';

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

/** A policy has spent its kill budget: the kernel has set it to monitor, until somebody sets its mode. */
export type DemotionEvent = EventHead & {
  readonly kind: 'demotion';
  readonly policyName: string;
  readonly namespace: string | undefined;
  /** As the annotation has it, such as 10/m. */
  readonly killBudget: string;
};

export type Event = ExecEvent | ExitEvent | PolicyEvent | HeldEvent | TamperEvent | LossEvent | DemotionEvent;
