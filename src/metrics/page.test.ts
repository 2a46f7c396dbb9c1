/** The checked-in page is the one that the declarations make. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { families } from './families.ts';
import { metricsPage } from './page.ts';

test('the page of metrics is current', () => {
  execFileSync(process.execPath, [fileURLToPath(new URL('generate.ts', import.meta.url)), '--check'], {
    stdio: 'pipe',
  });
});

test('the page has every metric once', () => {
  const found = [...metricsPage().matchAll(/<a id="([\w]+)">/g)].map(([, name]) => name);
  const declared = families.flatMap(([, each]) => each.map(({ name }) => name));
  assert.deepEqual(found.toSorted(), [...declared, 'ringfence_container_pending_seconds'].toSorted());
});
