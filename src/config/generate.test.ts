/** The checked-in page is the one that the schema makes. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { configurationPage } from './page.ts';
import { optionNames } from './schema.ts';

test('the page of options is current', () => {
  execFileSync(process.execPath, [fileURLToPath(new URL('generate.ts', import.meta.url)), '--check'], {
    stdio: 'pipe',
  });
});

test('the page has every option once', () => {
  const found = [...configurationPage().matchAll(/<a id="([\w-]+)">/g)].map(([, name]) => name);
  assert.deepEqual(found.toSorted(), [...optionNames].toSorted());
});
