/** What the watched process does: named kinds of test/bench/workload.c, with what they do it to and how often. */

export const PLACE = '/tmp/ringfence-bench';
export const SHORT = `${PLACE}/plain/f`;
export const DEEP = `${PLACE}/plain/d3/d4/d5/d6/d7/f`;
export const WATCHED = '/etc/shadow';
/** The workload executes itself, from a place that every guest has. */
export const EXECUTED = `${PLACE}/workload`;

export type Work = {
  readonly kind: 'open' | 'read' | 'connect' | 'exec' | 'getpid' | 'uring-open';
  readonly argument: string;
  readonly perBatch: number;
  readonly batches: number;
  /** Whose cost on its hook is shown beside ours. */
  readonly hook: HookName | undefined;
  /** Its batches differ by more than programs cost: the kernel's statistics of them are read as well. */
  readonly byPrograms?: boolean;
};

/** Where the empty and the minimal program are attached. */
export type HookName = keyof typeof hooks;

/** Program sections of the empty one; names in test/bench/minimal.bpf.c of the other. */
export const hooks = {
  open: { empty: [{ kind: 'lsm', hook: 'file_open' }], minimal: ['minimal_open'] },
  read: { empty: [{ kind: 'fentry', function: 'security_file_permission' }], minimal: ['minimal_read'] },
  connect: { empty: [{ kind: 'fentry', function: 'tcp_connect' }], minimal: ['minimal_connect'] },
  process: {
    empty: [
      { kind: 'tp_btf', event: 'sched_process_fork' },
      { kind: 'tp_btf', event: 'sched_process_exec' },
      { kind: 'tp_btf', event: 'sched_process_exit' },
    ],
    minimal: ['minimal_fork', 'minimal_exec', 'minimal_exit'],
  },
} as const;

const OPENS = { kind: 'open', perBatch: 5_000, batches: 5, hook: 'open' } as const;

export const works = {
  'open-short': { ...OPENS, argument: SHORT },
  'open-deep': { ...OPENS, argument: DEEP },
  'open-watched': { ...OPENS, argument: WATCHED, perBatch: 1_000 },
  'uring-open': { ...OPENS, kind: 'uring-open', argument: SHORT },
  read: { kind: 'read', argument: SHORT, perBatch: 20_000, batches: 5, hook: 'read' },
  connect: { kind: 'connect', argument: '-', perBatch: 200, batches: 21, hook: 'connect', byPrograms: true },
  exec: { kind: 'exec', argument: EXECUTED, perBatch: 40, batches: 21, hook: 'process', byPrograms: true },
  getpid: { kind: 'getpid', argument: '-', perBatch: 20_000, batches: 5, hook: undefined },
} as const satisfies Readonly<Record<string, Work>>;

export type WorkName = keyof typeof works;
