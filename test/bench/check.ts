/**
 * `npm run bench:check`: the bench, compared with test/bench/baseline.json; fails on what is dearer than there.
 * No part of `npm test`.
 */
import { parseArgs } from 'node:util';
import { baselineOf, type Change, changeText, compare, readBaseline, writeBaseline } from './baseline.ts';
import { chosenRows } from './rows.ts';
import { COLUMN, KERNELS, kernelsNamed, measureKernels, prepareBench, reportText } from './run.ts';

const USAGE = `npm run bench:check -- [options]
  --only NAME     only this row or group; may be repeated
  --kernel NAME   only on this kernel; may be repeated
  --save          makes what is measured the baseline, instead`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [] },
      kernel: { type: 'string', multiple: true, default: [...KERNELS] },
      save: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const kernels = kernelsNamed(values.kernel);
  const rows = chosenRows(values.only);
  await prepareBench();
  const reports = await measureKernels(kernels, rows, [COLUMN]);
  for (const report of reports) console.log(reportText(report, [COLUMN]));
  const measured = Object.fromEntries(reports.map(({ kernel, results }) => [kernel, baselineOf(results, COLUMN.name)]));
  if (values.save) {
    writeBaseline(measured);
    return 0;
  }
  const baseline = readBaseline();
  let bad = 0;
  for (const { kernel } of reports) {
    const ids = rows.map(({ id }) => id);
    const changes = compare(baseline[kernel] ?? {}, measured[kernel] ?? {}, ids).filter(({ kind }) => kind !== 'same');
    for (const change of changes) console.log(`${kernel}: ${changeText(change)}`);
    bad += changes.filter(isBad).length;
  }
  console.log(
    bad === 0 ? 'nothing is dearer than the baseline' : `${bad} rows are dearer than the baseline, or missing`,
  );
  return bad === 0 ? 0 : 1;
}

/** A new row enters the baseline by `--save`. */
function isBad({ kind }: Change): boolean {
  return kind === 'worse' || kind === 'gone';
}

process.exitCode = await main();
