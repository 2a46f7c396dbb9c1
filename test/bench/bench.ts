/**
 * `npm run bench`: what policies cost, on this machine; `npm run bench -- --guest`: in instructions, on real hooks of
 * a guest. Nothing is asserted: times depend on the machine, ratios hardly.
 */
import { release } from 'node:os';
import { parseArgs } from 'node:util';
import { isKernelName, KERNEL_NAMES, provideTools } from '../lab/index.ts';
import { skipReason } from '../property/setting.ts';
import { runBuilds } from '../runner/builds.ts';
import { guestTables } from './guest.ts';
import { crowdTable, ProgramBench, thresholdTable } from './program-cost.ts';
import { stageTable } from './stages.ts';
import { startTable } from './start.ts';

const USAGE = `npm run bench -- [options]
  --guest         instructions per event, in guests whose clock counts them
  --kernel NAME   only on this kernel (${KERNEL_NAMES.join(', ')}; 6.1 and 6.12); may be repeated`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      guest: { type: 'boolean', default: false },
      kernel: { type: 'string', multiple: true, default: ['6.1', '6.12'] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  await provideTools('build', console.error);
  await runBuilds();
  if (!values.guest) {
    await benchHere();
    return;
  }
  await provideTools('lab', console.error);
  for (const kernel of values.kernel) {
    if (!isKernelName(kernel)) throw new Error(`no kernel is called ${kernel}\n${USAGE}`);
    console.log(await guestTables(kernel));
  }
}

async function benchHere(): Promise<void> {
  console.log(`kernel ${release()}, Node ${process.versions.node}\n\n${await startTable()}\n`);
  const obstacle = skipReason();
  if (obstacle !== false) throw new Error(`programs cannot be run here: ${obstacle}`);
  using bench = new ProgramBench('ns');
  for (const part of [stageTable, () => crowdTable(bench), () => thresholdTable(bench)]) console.log(`${part()}\n`);
}

await main();
