/**
 * `npm run bench`: what the agent costs a watched process, and itself, in guests whose clock counts instructions.
 * Nothing is asserted here.
 */
import { writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { KERNEL_NAMES, provideTools } from '../lab/index.ts';
import { skipReason } from '../property/setting.ts';
import { runBuilds } from '../runner/builds.ts';
import { contentionTable } from './contention-table.ts';
import { eventsFlameGraph } from './flame.ts';
import { contendInGuest } from './guest.ts';
import { measureHere } from './here.ts';
import type { Column } from './measure.ts';
import { linesOf, plotRows, svgOf } from './plot.ts';
import { crowdTable, ProgramBench, thresholdTable } from './program-cost.ts';
import { guestTables } from './programs-guest.ts';
import { resultsOf } from './report.ts';
import { chosenRows, GROUPS } from './rows.ts';
import { COLUMN, KERNELS, kernelsNamed, measureKernels, namesOf, prepareBench, reportText } from './run.ts';
import { stageTable } from './stages.ts';
import { startTable } from './start.ts';

const USAGE = `npm run bench -- [options]
  --only NAME     only this row (open-5-short, …) or group (${GROUPS.join(', ')}), in guests; may be repeated
  --kernel NAME   only on this kernel (${KERNEL_NAMES.join(', ')}; ${KERNELS.join(' and ')}); may be repeated
  --json FILE     write what was measured there too
  --flags TEXT    one more column: the agent with these options (NAME=VALUE: in its environment)
  --plot          instead: draws docs/cost-by-policies.svg
  --flame         instead: draws docs/events-flame.svg
  --guest         instead: instructions of programs, and of matching alone, in guests
  --here          instead: times of starts and of changes of the policies, on this machine`;

const FLAME = join(import.meta.dirname, '../../docs/events-flame.svg');
const PLOT = join(import.meta.dirname, '../../docs/cost-by-policies.svg');
/** Several CPUs are the same everywhere. */
const CONTENDING_KERNEL = '6.12';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      kernel: { type: 'string', multiple: true, default: [...KERNELS] },
      json: { type: 'string' },
      flags: { type: 'string' },
      plot: { type: 'boolean', default: false },
      flame: { type: 'boolean', default: false },
      guest: { type: 'boolean', default: false },
      here: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  if (values.here) return await benchHere();
  if (values.flame) return writeFileSync(FLAME, await eventsFlameGraph());
  const kernels = kernelsNamed(values.kernel);
  const rows = chosenRows(values.only);
  if (rows.length === 0) throw new Error(`no row is called ${values.only.join(', ')}\n${USAGE}`);
  await prepareBench();
  if (values.guest) {
    for (const kernel of kernels) console.log(await guestTables(kernel));
    return;
  }
  if (values.plot) {
    const reports = await measureKernels(kernels, plotRows(), [COLUMN]);
    writeFileSync(PLOT, svgOf(linesOf(reports, COLUMN.name)));
    return;
  }
  const more = values.flags === undefined ? [] : [{ name: values.flags, flags: values.flags.split(' ') }];
  const columns: readonly Column[] = [COLUMN, ...more];
  const reports = await measureKernels(kernels, rows, columns);
  for (const report of reports) console.log(reportText(report, columns));
  const others = values.only.length === 0 ? await measureOthers(columns) : undefined;
  if (values.json !== undefined) {
    writeFileSync(values.json, `${JSON.stringify({ kernels: reports, ...others }, undefined, 2)}\n`);
  }
}

/** After the guests, which have a CPU each: what takes all of them, and this machine. */
async function measureOthers(columns: readonly Column[]) {
  const contention = await contendInGuest(CONTENDING_KERNEL, console.error);
  console.log(`${contentionTable(contention)}\n`);
  const rows = chosenRows([]);
  const { measurement, ...machine } = await measureHere({ rows, columns });
  const here = {
    ...{ ...machine, missing: measurement.missing },
    results: resultsOf(rows, namesOf(columns), measurement, 'ns'),
  };
  console.log(reportText(here, columns));
  return { contention, here };
}

async function benchHere(): Promise<void> {
  await provideTools('build', console.error);
  await runBuilds();
  console.log(`kernel ${release()}, Node ${process.versions.node}\n\n${await startTable()}\n`);
  const obstacle = skipReason();
  if (obstacle !== false) throw new Error(`programs cannot be run here: ${obstacle}`);
  using bench = new ProgramBench('ns');
  for (const part of [stageTable, () => crowdTable(bench), () => thresholdTable(bench)]) console.log(`${part()}\n`);
}

await main();
