/** Writes docs/configuration.md from the schema; `--check` only says whether the checked-in page is current. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { configurationPage } from './page.ts';

const output = new URL('../../docs/configuration.md', import.meta.url);
const page = configurationPage();

if (!process.argv.includes('--check')) {
  writeFileSync(output, page);
} else if (!existsSync(output) || readFileSync(output, 'utf8') !== page) {
  console.error('docs/configuration.md is not what src/config/generate.ts makes: run it');
  process.exitCode = 1;
}
