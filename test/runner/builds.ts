/** What kernel tests run and is not TypeScript: the kernel side, and the programs that attack. */
import type { Outcome } from './results.ts';
import { runStep } from './steps.ts';

const SCRIPTS = ['kprobes/build.ts', 'test/differential/build.ts', 'test/attacks/build.ts', 'test/upgrade/build.ts'];

export async function runBuilds(): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const script of SCRIPTS)
    outcomes.push(await runStep({ name: `node ${script}`, argv: [process.execPath, script] }));
  return outcomes;
}
