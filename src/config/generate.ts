/**
 * Writes docs/configuration.md from the schema, and the options into the schema of the chart's values; `--check` only
 * says whether the checked-in files are current.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { chartSchema } from './chart-options.ts';
import { configurationPage } from './page.ts';

const VALUES = 'charts/ringfence/values.schema.json';

const repository = new URL('../../', import.meta.url);

const outputs: readonly (readonly [path: string, text: string])[] = [
  ['docs/configuration.md', configurationPage()],
  [VALUES, chartSchema(readFileSync(new URL(VALUES, repository), 'utf8'))],
];

for (const [path, text] of outputs) {
  const file = new URL(path, repository);
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
  } else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    console.error(`${path} is not what src/config/generate.ts makes: run it`);
    process.exitCode = 1;
  }
}
