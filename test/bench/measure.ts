/**
 * The measurements of one guest: `node measure.ts JSON`, where JSON is a `MeasureOptions`. The last line of its
 * standard output is a `Measurement`.
 */
import { EnvironmentError } from '#diagnostics';
import { assert } from '#std';
import { BenchAgent, type BenchAgentOptions } from './agent.ts';
import {
  type FigureName,
  measureAttach,
  measureBurst,
  measureExecs,
  measureMemory,
  measureOwnActivity,
  measureStart,
  type Told,
} from './figures.ts';
import { attachEmpty, attachMinimal } from './floors.ts';
import type { Condition, Figure, Measurement, Samples } from './measurement.ts';
import { costInPrograms, type HookPrices, measureHookPrices } from './program-statistics.ts';
import type { Row, WorkRow } from './rows.ts';
import { type SetName, textsOf } from './sets.ts';
import { summarise } from './statistics.ts';
import { prepareWorks, removeWorks, sampleWork } from './work.ts';
import { type Work, type WorkName, works } from './works.ts';

export type Column = { readonly name: string; readonly flags: readonly string[] };

export type MeasureOptions = {
  readonly rows: readonly Row[];
  readonly columns: readonly Column[];
  /** The agent: the script of the bundle. */
  readonly program: string;
};

const samples: Samples[] = [];
const figures: Figure[] = [];
const missing = new Set<string>();
let prices: HookPrices | undefined;

async function main({ rows, columns, program }: MeasureOptions): Promise<Measurement> {
  const workRows = rows.filter((row) => row.kind === 'work');
  prepareWorks();
  if (workRows.some(({ work }) => (works[work] as Work).byPrograms)) prices = readPrices();
  measureFloors(new Set(workRows.map(({ work }) => work)));
  for (const { name, flags } of columns) {
    try {
      await measureColumn(name, { program, flags }, rows);
    } catch (error) {
      // what was measured before counts all the same
      missing.add(`the agent (${name}): ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  removeWorks();
  return { samples, figures, missing: [...missing] };
}

/** With no agent; with nothing on the hook, with an empty program, and with one that is written by hand. */
function measureFloors(names: ReadonlySet<WorkName>): void {
  for (const name of names) sample('none', undefined, name);
  for (const name of names) {
    const { hook }: Work = works[name];
    if (hook === undefined) continue;
    measureFloor('empty', name, () => attachEmpty(hook));
    measureFloor('minimal', name, () => attachMinimal(hook));
  }
}

function measureFloor(condition: 'empty' | 'minimal', work: WorkName, attach: () => Disposable): void {
  try {
    using _attached = attach();
    sample(condition, undefined, work);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    missing.add(`${work}, ${condition}: ${error.message}`);
  }
}

type Started = Pick<BenchAgentOptions, 'program' | 'flags'>;

async function measureColumn(name: string, options: Started, rows: readonly Row[]): Promise<void> {
  const asked = new Set(rows.filter((row) => row.kind === 'figure').map(({ figure }) => figure));
  const asks = (...names: readonly FigureName[]) => names.some((each) => asked.has(each));
  const tell = (told: Told) => {
    for (const [figure, value] of Object.entries(told)) {
      figures.push({ column: name, name: figure, value });
      console.error(`${figure}, ${name}: ${value}`);
    }
  };
  if (asks('rss', 'maps')) tell(await measureMemory(options));
  if (rows.every(({ group }) => group === 'memory')) return;
  if (asks('ready', 'ready-cold')) tell(await measureStart(options));
  const agent = await measureSets(name, options, rows);
  if (asks('exec-event')) tell(await measureExecs(agent));
  if (asks('attach', 'file-event', 'burst-lost')) {
    tell(await measureAttach(agent));
    tell(await measureBurst(agent));
  }
  if (asks('own-activity', 'own-cpu')) tell(await measureOwnActivity(agent));
  await agent.stop();
}

/** Each set is loaded once, for all rows that want it. Returns the agent that had the last one, with no policies. */
async function measureSets(name: string, options: Started, rows: readonly Row[]): Promise<BenchAgent> {
  // an agent that has just started has no policies
  const workRows = rows.filter((row) => row.kind === 'work').sort((a, b) => rank(a) - rank(b));
  let agent = await BenchAgent.start(options);
  for (const [set, ofSet] of Map.groupBy(workRows, ({ set }): SetName => set)) {
    const texts = textsOf(set);
    if (texts === undefined) {
      missing.add(`${ofSet.map(({ id }) => id).join(', ')}: the policy is not there`);
      continue;
    }
    agent = await changed(agent, texts, options);
    for (const { work } of ofSet) {
      sample(`agent:${name}`, set, work);
      await agent.quiet();
    }
  }
  return await changed(agent, [], options);
}

function rank({ set }: WorkRow): number {
  return set === 'none' ? 0 : 1;
}

async function changed(agent: BenchAgent, texts: readonly string[], options: Started): Promise<BenchAgent> {
  if (await agent.change(texts)) return agent;
  await agent.stop();
  const next = await BenchAgent.start(options);
  assert(await next.change(texts), 'there is nothing to remove');
  return next;
}

function sample(condition: Condition, set: SetName | undefined, name: WorkName): void {
  const work: Work = works[name];
  const costs = sampleWork(work);
  const inPrograms = condition === 'none' || work.byPrograms !== true ? undefined : inAllPrograms(name);
  samples.push({ condition, set, work: name, costs, ...(inPrograms === undefined ? {} : { inPrograms }) });
  const more = inPrograms === undefined ? '' : `, ${Math.round(inPrograms)} in programs`;
  console.error(`${name}, ${condition} ${set ?? ''}: ${Math.round(summarise(costs).median)}${more}`);
}

function inAllPrograms(name: WorkName): number | undefined {
  if (prices === undefined) return undefined;
  try {
    return costInPrograms(works[name], prices);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    missing.add(`${name}, statistics of programs: ${error.message}`);
    return undefined;
  }
}

/** First, as nothing else may be attached then. */
function readPrices(): HookPrices | undefined {
  try {
    return measureHookPrices();
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    missing.add(`prices of hooks: ${error.message}`);
    return undefined;
  }
}

console.log(JSON.stringify(await main(JSON.parse(process.argv[2] ?? '') as MeasureOptions)));
