/** In a guest whose clock counts instructions: what events cost, by the kernel's own statistics of its programs. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type AttachPoint, sectionOf } from '#bpf';
import { BpfObject, type ProgramInfo, probeTarget, programInfoById } from '#kernel';
import { BaseSensor, PolicySensor, readHostNamespaces } from '#sensors';
import { assert, known } from '#std';
import { CROWDS, connectCrowd, named, openCrowd, writeCrowd } from './crowd.ts';
import { emptyProgram } from './empty-program.ts';
import { parseAll } from './parse.ts';
import { processTable } from './process-cost.ts';
import { crowdTable, ProgramBench, thresholdTable } from './program-cost.ts';
import { type Cell, table } from './table.ts';

const STATISTICS = '/proc/sys/kernel/bpf_stats_enabled';
const OBJECTS = join(import.meta.dirname, '../../kprobes/build');
const DIRECTORY = '/tmp/bench/plain';
const FILE = join(DIRECTORY, 'f');

/** The best batch counts: interrupts come now and then. */
const BATCHES = 5;

type Hook = {
  readonly name: string;
  readonly point: AttachPoint;
  readonly crowd: (count: number) => readonly string[];
  /** So many events. */
  readonly events: (count: number) => Promise<void>;
  readonly eventsPerBatch: number;
};

const hooks: readonly Hook[] = [
  {
    name: 'file_open',
    point: { kind: 'lsm', hook: 'file_open' },
    crowd: openCrowd,
    eventsPerBatch: 1_000,
    events: async (count) => {
      for (let event = 0; event < count; event += 1) closeSync(openSync(FILE, 'r'));
    },
  },
  {
    name: 'tcp_connect',
    point: { kind: 'fentry', function: 'tcp_connect' },
    crowd: connectCrowd,
    eventsPerBatch: 50,
    events: async (count) => {
      for (let event = 0; event < count; event += 1) await refusedConnection();
    },
  },
  {
    name: 'file_permission, a read where writes are watched',
    point: { kind: 'lsm', hook: 'file_permission' },
    crowd: writeCrowd,
    eventsPerBatch: 1_000,
    events: async (count) => {
      const fd = openSync(FILE, 'r');
      const byte = new Uint8Array(1);
      for (let event = 0; event < count; event += 1) readSync(fd, byte, 0, 1, 0);
      closeSync(fd);
    },
  },
];

async function main(): Promise<void> {
  mkdirSync(DIRECTORY, { recursive: true });
  writeFileSync(FILE, 'f');
  writeFileSync(STATISTICS, '1');
  console.log(await eventTable());
  console.log(`\n${processTable()}`);
  using bench = new ProgramBench('instructions');
  for (const part of [crowdTable, thresholdTable]) console.log(`\n${part(bench)}`);
}

async function eventTable(): Promise<string> {
  using base = new BaseSensor({ image: readFileSync(join(OBJECTS, 'base.bpf.o')) });
  using sensor = new PolicySensor({
    ...{ base, target: probeTarget(), hostNamespaces: readHostNamespaces() },
    runtime: readFileSync(join(OBJECTS, 'runtime.bpf.o')),
  });
  const rows: Cell[][] = [];
  for (const hook of hooks) {
    const costs = [await costOfEmpty(hook)];
    for (const count of CROWDS) {
      const refused = sensor.replace(parseAll(hook.crowd(count))).filter(({ severity }) => severity === 'error');
      assert(refused.length === 0, refused.map(({ message }) => message).join('\n'));
      costs.push(await costOf(hook, policyProgram()));
      sensor.replace([]);
    }
    rows.push([hook.name, ...costs]);
  }
  return table(['instructions per event', 'empty program', ...CROWDS.map(named)], rows);
}

async function costOfEmpty(hook: Hook): Promise<number> {
  using object = BpfObject.open(emptyProgram(sectionOf(hook.point)), { name: 'empty' });
  object.load();
  using _link = object.program('empty').attach();
  return await costOf(hook, object.program('empty').info().id);
}

async function costOf({ events, eventsPerBatch }: Hook, program: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const before = programInfoById(program);
    await events(eventsPerBatch);
    least = Math.min(least, costBetween(before, programInfoById(program)));
  }
  return least;
}

function costBetween(before: ProgramInfo, after: ProgramInfo): number {
  const runs = Number(after.runCount - before.runCount);
  assert(runs > 0, 'the program has run');
  return Number(after.runTimeNs - before.runTimeNs) / runs;
}

/** Of the one program that the policies have. */
function policyProgram(): number {
  const { stdout } = spawnSync('bpftool', ['--json', 'prog', 'list'], { encoding: 'utf8' });
  const programs = JSON.parse(stdout) as readonly { readonly id: number; readonly name?: string }[];
  return known(
    programs.find(({ name }) => name?.startsWith('rf_0_')),
    'program of the policies',
  ).id;
}

async function refusedConnection(): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port: 9 });
  await once(socket, 'connect').then(
    () => assert(false, 'nothing listens there'),
    () => undefined,
  );
}

await main();
