/**
 * What a clock of instructions cannot show: several CPUs at once. `node contention.ts JSON`, in a guest of four CPUs
 * or on a machine that can; the last line of its standard output is a `Contention`. Times, of which ratios count.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { BenchAgent } from './agent.ts';
import type { MeasureOptions } from './measure.ts';
import { openPolicies } from './sets.ts';
import { summarise } from './statistics.ts';
import { prepareWorks, removeWorks, runCrowd } from './work.ts';
import { DEEP, EXECUTED, PLACE } from './works.ts';

/** Nanoseconds of processor time for an open, by what goes on beside it. */
export type Contention = Readonly<Record<ContentionName, { readonly alone: number; readonly withAgent: number }>>;

/**
 * - `shaken`: another process renames and mounts in a loop
 * - `crowd`: the other CPUs open the same file
 */
const NAMES = ['quiet', 'shaken', 'crowd'] as const;
type ContentionName = (typeof NAMES)[number];

const OPENS = 4_000;
const CPUS = 4;
/** In turn, so that a busy moment of the machine meets all alike. */
const ROUNDS = 5;

async function main({ program }: Pick<MeasureOptions, 'program'>): Promise<Contention> {
  prepareWorks();
  const alone = await round();
  const agent = await BenchAgent.start({ program, flags: [] });
  await agent.change(openPolicies(1));
  const withAgent = await round();
  await agent.stop();
  removeWorks();
  const of = (name: ContentionName) => ({ alone: alone[name], withAgent: withAgent[name] });
  return { quiet: of('quiet'), shaken: of('shaken'), crowd: of('crowd') };
}

async function round(): Promise<Readonly<Record<ContentionName, number>>> {
  const costs: Record<ContentionName, number[]> = { quiet: [], shaken: [], crowd: [] };
  for (let each = 0; each < ROUNDS; each += 1) for (const name of NAMES) costs[name].push(await measure[name]());
  const median = (name: ContentionName) => summarise(costs[name]).median;
  return { quiet: median('quiet'), shaken: median('shaken'), crowd: median('crowd') };
}

const measure: Readonly<Record<ContentionName, () => Promise<number>>> = {
  quiet: async () => openCost(1),
  shaken,
  crowd: async () => openCost(CPUS),
};

function openCost(threads: number): number {
  return runCrowd({ file: DEEP, threads, opens: OPENS });
}

async function shaken(): Promise<number> {
  const directory = join(PLACE, `shaken-${process.hrtime.bigint()}`);
  mkdirSync(directory);
  const shaker = spawn(EXECUTED, ['shake', directory], { stdio: 'ignore' });
  const ended = once(shaker, 'exit');
  await once(shaker, 'spawn');
  try {
    return openCost(1);
  } finally {
    shaker.kill('SIGKILL');
    await ended;
  }
}

console.log(JSON.stringify(await main(JSON.parse(process.argv[2] ?? '') as Pick<MeasureOptions, 'program'>)));
