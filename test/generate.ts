/** `npm run generate`: writes every generated file anew, by the `generate.ts` of the folder it is in. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { count, type Outcome } from './runner/results.ts';
import { runStep, type Step } from './runner/steps.ts';

const REPOSITORY = join(import.meta.dirname, '..');

/** The steps that fail where a generated file differs from what its script would write. */
export function checkGenerators(): Step[] {
  return generators().map((script) => ({
    name: `generated files are up to date (${script})`,
    argv: [process.execPath, script, '--check'],
  }));
}

function generators(): string[] {
  return globSync('{src,kprobes}/**/generate.ts', { cwd: REPOSITORY }).sort();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const outcomes: Outcome[] = [];
  for (const script of generators()) {
    outcomes.push(await runStep({ name: script, argv: [process.execPath, script] }));
  }
  for (const { detail } of outcomes) if (detail !== '') console.error(detail);
  process.exitCode = count(outcomes, 'failed') > 0 ? 1 : 0;
}
