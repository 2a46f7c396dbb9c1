/** What the agent itself costs: figures that no operation of the workload pays for. */
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mapTypes } from '#kernel';
import { assert } from '#std';
import { BenchAgent, type BenchAgentOptions } from './agent.ts';
import { openPolicies } from './sets.ts';
import { runWork } from './work.ts';
import { EXECUTED, PLACE, WATCHED } from './works.ts';

export type FigureName =
  | 'attach'
  | 'file-event'
  | 'exec-event'
  | 'ready'
  | 'ready-cold'
  | 'burst-lost'
  | 'own-activity'
  | 'own-cpu'
  | 'rss'
  | 'maps';

type Started = Pick<BenchAgentOptions, 'program' | 'flags'>;

export type Told = Partial<Record<FigureName, number>>;

const MILLION = 1e6;
const MIB = 1024 * 1024;
const BURST = 20_000;
const EXECS = 400;
const SETTLED_MS = 60_000;
const WATCHED_MS = 10_000;

/** A cold start, and the warm one after it. */
export async function measureStart(options: Started): Promise<Told> {
  const policies = writePolicies(1);
  BenchAgent.forgetCompiled();
  const costs: number[] = [];
  for (let start = 0; start < 2; start += 1) {
    const agent = await BenchAgent.start({ ...options, policies });
    await agent.stop();
    costs.push(agent.startCost / MILLION);
  }
  const [cold = 0, warm = 0] = costs;
  return { 'ready-cold': cold, ready: warm };
}

/** Of a policy like the one before it, which is gone. */
export async function measureAttach(agent: BenchAgent): Promise<Told> {
  for (const policies of [[], openPolicies(1), []]) await agent.change(policies);
  const before = agent.cost;
  await agent.change(openPolicies(1));
  return { attach: (agent.cost - before) / MILLION };
}

/** The policy of the attachment is loaded. */
export async function measureBurst(agent: BenchAgent): Promise<Told> {
  const watched = () => agent.events.filter((line) => line.includes(WATCHED)).length;
  const [eventsBefore, before] = [watched(), agent.cost];
  runWork({ kind: 'open', argument: WATCHED, perBatch: BURST, batches: 1, hook: undefined });
  await agent.quiet();
  const told = watched() - eventsBefore;
  assert(told > 0, 'what is watched is told of');
  return { 'file-event': (agent.cost - before) / told, 'burst-lost': BURST - told };
}

export async function measureExecs(agent: BenchAgent): Promise<Told> {
  await agent.quiet();
  const before = agent.cost;
  runWork({ kind: 'exec', argument: EXECUTED, perBatch: EXECS, batches: 1, hook: undefined });
  await agent.quiet();
  return { 'exec-event': (agent.cost - before) / EXECS };
}

/** The file that it writes lies in a directory that is watched, and something has happened there. */
export async function measureOwnActivity(agent: BenchAgent): Promise<Told> {
  await agent.change([watching(`${PLACE}/`)]);
  const mark = join(PLACE, 'mark');
  appendFileSync(mark, 'x');
  await agent.quiet();
  const before = agent.cost;
  await sleep(WATCHED_MS);
  const spent = agent.cost - before;
  assert(
    agent.events.some((line) => line.includes(mark)),
    'what others do there is told',
  );
  return { 'own-activity': agent.eventsOfItself, 'own-cpu': (100 * spent) / (WATCHED_MS * MILLION) };
}

function watching(directory: string): string {
  const selectors = [{ matchArgs: [{ index: 0, operator: 'Prefix', values: [directory] }] }];
  const hooks = ['file_open', 'file_permission'].map((hook) => ({
    ...{ hook, args: [{ index: 0, type: 'file' }], selectors },
  }));
  const metadata = { name: 'own' };
  return JSON.stringify({
    apiVersion: 'cilium.io/v1alpha1',
    kind: 'TracingPolicy',
    metadata,
    spec: { lsmhooks: hooks },
  });
}

export async function measureMemory(options: Started): Promise<Told> {
  const agent = await BenchAgent.start({ ...options, policies: writePolicies(20) });
  await sleep(SETTLED_MS);
  const rss = familyOf(agent.pid).reduce((sum, pid) => sum + residentBytes(pid), 0);
  const maps = mapBytes(agent.pid);
  await agent.stop();
  return { rss: rss / MIB, maps: maps / MIB };
}

/** A file each, in a directory of their own. */
function writePolicies(count: number): readonly string[] {
  const directory = join(PLACE, `policies-${count}`);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  for (const [index, text] of openPolicies(count).entries()) writeFileSync(join(directory, `${index}.yaml`), text);
  return [directory];
}

function familyOf(pid: number): readonly number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(familyOf)];
}

function residentBytes(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  assert(kib !== undefined, 'a process has memory');
  return Number(kib) * 1024;
}

/** As /proc tells of the descriptors that it holds; see bpf_map_show_fdinfo in kernel/bpf/syscall.c. */
function mapBytes(pid: number): number {
  const bytes = new Map<string, number>();
  for (const fd of readdirSync(`/proc/${pid}/fdinfo`)) {
    const text = readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8');
    const field = (name: string) => new RegExp(`^${name}:\\s+(\\d+)$`, 'm').exec(text)?.[1];
    const [id, type, memory] = [field('map_id'), field('map_type'), field('memlock')];
    if (id !== undefined && Number(type) !== mapTypes.ringBuffer) bytes.set(id, Number(memory));
  }
  return [...bytes.values()].reduce((sum, each) => sum + each, 0);
}
