/**
 * What programs cost an operation by the kernel's own statistics of them, for work whose batches differ by more than
 * that: the time in the programs, and for each run the price of the hook, which is known from work that does not.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { type AttachPoint, sectionOf } from '#bpf';
import { BpfObject, kernelInventory, type ProgramInfo } from '#kernel';
import { assert } from '#std';
import { emptyProgram } from './empty-program.ts';
import { summarise } from './statistics.ts';
import { runWork, sampleWork } from './work.ts';
import { type Work, works } from './works.ts';

const SWITCH = '/proc/sys/kernel/bpf_stats_enabled';
const PROGRAMS_MAX = 4_096;
const BPF_PROG_TYPE_LSM = 29; // include/uapi/linux/bpf.h

/** Where the price of a hook is measured: each read passes both. */
const PLACES = {
  lsm: { kind: 'lsm', hook: 'file_permission' },
  tracing: { kind: 'fentry', function: 'security_file_permission' },
} as const satisfies Readonly<Record<string, AttachPoint>>;

type Kind = keyof typeof PLACES;

export type HookPrices = Readonly<Record<Kind, number>> & {
  /** That the statistics tell of a program which does nothing: what they cost themselves. */
  readonly statistics: number;
};

export function measureHookPrices(): HookPrices {
  const none = summarise(sampleWork(works.read)).median;
  const priceOf = (kind: Kind) => {
    using _attached = attached(PLACES[kind]);
    return summarise(sampleWork(works.read)).median - none;
  };
  return { lsm: priceOf('lsm'), tracing: priceOf('tracing'), statistics: priceOfStatistics() };
}

function priceOfStatistics(): number {
  using empty = attached(PLACES.tracing);
  using _counting = counting();
  runWork({ ...works.read, batches: 1 });
  const { runTimeNs, runCount } = empty.info();
  return Number(runTimeNs) / Number(runCount);
}

/** Instructions that all programs together add to an operation. */
export function costInPrograms(work: Work, prices: HookPrices): number {
  using _counting = counting();
  const before = new Map(allPrograms().map((info) => [info.id, info]));
  const operations = work.perBatch * work.batches;
  runWork({ ...work, perBatch: operations, batches: 1 });
  const costs = allPrograms().map((info) => costBetween(before.get(info.id), info, prices, operations));
  return costs.reduce((sum, cost) => sum + cost, 0) / operations;
}

function allPrograms(): readonly ProgramInfo[] {
  const { programs, more } = kernelInventory({ objectsMax: PROGRAMS_MAX });
  assert(!more, 'all programs are looked at');
  return programs;
}

/** What ran less often than once in two operations belongs to the start of the workload, not to the work. */
function costBetween(
  before: ProgramInfo | undefined,
  after: ProgramInfo,
  prices: HookPrices,
  operations: number,
): number {
  if (before === undefined) return 0;
  const runs = Number(after.runCount - before.runCount);
  if (runs < operations / 2) return 0;
  const hook = after.type === BPF_PROG_TYPE_LSM ? prices.lsm : prices.tracing;
  return Number(after.runTimeNs - before.runTimeNs) + runs * (hook - prices.statistics);
}

function attached(point: AttachPoint): Disposable & { readonly info: () => ProgramInfo } {
  const stack = new DisposableStack();
  const object = BpfObject.open(emptyProgram(sectionOf(point)), { name: 'empty' });
  stack.defer(() => object.close());
  object.load();
  stack.use(object.program('empty').attach());
  return { info: () => object.program('empty').info(), [Symbol.dispose]: () => stack.dispose() };
}

/** As it was, when disposed of. */
function counting(): Disposable {
  const before = readFileSync(SWITCH, 'utf8');
  writeFileSync(SWITCH, '1');
  return { [Symbol.dispose]: () => writeFileSync(SWITCH, before) };
}
