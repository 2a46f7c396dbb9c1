/** In a guest whose clock counts instructions: what the base sensor adds to fork, exec and exit of a static program. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AttachPoint, sectionOf } from '#bpf';
import { BpfObject, kernelInventory, type ProgramInfo } from '#kernel';
import { BaseSensor } from '#sensors';
import { assert, known } from '#std';
import { emptyProgram } from './empty-program.ts';
import { type Cell, table } from './table.ts';

const OBJECTS = join(import.meta.dirname, '../../kprobes/build');
/** Static, and leaves at once when it is called in vain. */
const EXECUTED = join(OBJECTS, 'ringfence-hook');
const PROCESSES = 100;
const PROGRAMS_MAX = 4_096;

/** Where the programs of the base sensor are attached. */
const programs: readonly (readonly [name: string, point: AttachPoint])[] = [
  ['rf_task_alloc', { kind: 'lsm', hook: 'task_alloc' }],
  ['rf_fork', { kind: 'tp_btf', event: 'sched_process_fork' }],
  ['rf_exec_begin', { kind: 'lsm', hook: 'bprm_creds_for_exec' }],
  ['rf_exec', { kind: 'lsm', hook: 'bprm_committing_creds' }],
  ['rf_exit', { kind: 'tp_btf', event: 'sched_process_exit' }],
];

/** By the kernel's statistics of programs, which have to be on. */
export function processTable(): string {
  using base = new BaseSensor({ image: readFileSync(join(OBJECTS, 'base.bpf.o')) });
  base.setReaderAwake(true);
  base.seed(() => undefined); // so that children inherit the state of this process
  using empty = attachEmpty();
  const before = byId();
  for (let each = 0; each < PROCESSES; each += 1) spawnSync(EXECUTED, { stdio: 'ignore' });
  const after = byId();
  const costOf = (id: number) => costBetween(known(before.get(id), 'program'), known(after.get(id), 'program'));
  const rows = programs.map(([name], index): readonly Cell[] => {
    const own = known(
      [...after.values()].find((info) => info.name === name),
      name,
    ).id;
    return [name, costOf(own) - costOf(known(empty.ids[index], 'empty program'))];
  });
  const sum = rows.reduce((total, [, cost]) => total + Number(cost), 0);
  return table(['instructions per process, beyond an empty program', ''], [...rows, ['together', sum]]);
}

function byId(): ReadonlyMap<number, ProgramInfo> {
  const { programs: infos, more } = kernelInventory({ objectsMax: PROGRAMS_MAX });
  assert(!more, 'all programs are looked at');
  return new Map(infos.map((info) => [info.id, info]));
}

/** For each process that was executed; threads end, too. */
function costBetween(before: ProgramInfo, after: ProgramInfo): number {
  return Number(after.runTimeNs - before.runTimeNs) / PROCESSES;
}

/** On the same hooks, in the order of the table. */
function attachEmpty(): Disposable & { readonly ids: readonly number[] } {
  const stack = new DisposableStack();
  const ids = programs.map(([, point]) => {
    const object = BpfObject.open(emptyProgram(sectionOf(point)), { name: 'empty' });
    stack.defer(() => object.close());
    object.load();
    stack.use(object.program('empty').attach());
    return object.program('empty').info().id;
  });
  return { ids, [Symbol.dispose]: () => stack.dispose() };
}
