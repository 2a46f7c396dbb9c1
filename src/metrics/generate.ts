/** Writes docs/metrics.md from the declarations of metrics; `--check` only says whether the page is current. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { metricsPage } from './page.ts';

const PATH = 'docs/metrics.md';

const file = new URL(`../../${PATH}`, import.meta.url);
if (!process.argv.includes('--check')) {
  writeFileSync(file, metricsPage());
} else if (!existsSync(file) || readFileSync(file, 'utf8') !== metricsPage()) {
  console.error(`${PATH} is not what src/metrics/generate.ts makes: run it`);
  process.exitCode = 1;
}
