/** Writes docs/codes.md from the catalogue; `--check` only says whether the checked-in page is current. */
import { readFileSync, writeFileSync } from 'node:fs';
import { codesPage } from './codes-page.ts';

const output = new URL('../../docs/codes.md', import.meta.url);
const page = codesPage();

if (!process.argv.includes('--check')) {
  writeFileSync(output, page);
} else if (readFileSync(output, 'utf8') !== page) {
  console.error('docs/codes.md is not what src/diagnostics/generate.ts makes: run it');
  process.exitCode = 1;
}
