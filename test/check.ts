/** `npm run check`: format and lint, types, the order of folders, and that generated files are up to date. */
import { pathToFileURL } from 'node:url';
import { checkGenerators } from './generate.ts';
import { count, type Outcome } from './runner/results.ts';
import { runStep, type Step } from './runner/steps.ts';

const STEPS: readonly Step[] = [
  { name: 'format and lint (biome)', argv: ['node_modules/.bin/biome', 'check', '.'] },
  { name: 'types (tsc)', argv: ['node_modules/.bin/tsc', '-p', '.'] },
  { name: 'order of folders (test/tidy.test.ts)', argv: [process.execPath, '--test', 'test/tidy.test.ts'] },
];

/** Runs every step, printing one line for each. */
export async function runChecks(): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const step of [...STEPS, ...checkGenerators()]) outcomes.push(await runStep(step));
  return outcomes;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const outcomes = await runChecks();
  for (const { kind, file, detail } of outcomes) {
    if (kind === 'failed') console.error(`\n${file}\n${detail}`);
  }
  process.exitCode = count(outcomes, 'failed') > 0 ? 1 : 0;
}
