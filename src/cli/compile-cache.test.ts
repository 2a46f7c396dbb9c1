/** A command leaves its compiled sources for the next one, beside the dependencies and nowhere else. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const dependencies = join(root, 'node_modules');

test('the cache is used by the owner of the dependencies only', () => {
  const temporary = mkdtempSync(join(tmpdir(), 'ringfence-cache-'));
  try {
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'src/cli/main.ts'), '--version'], {
      env: { ...process.env, TMPDIR: temporary },
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    assert.deepEqual(readdirSync(temporary), []);
    if (statSync(dependencies).uid === process.getuid?.()) {
      assert.ok(existsSync(join(dependencies, '.cache/ringfence')));
    }
  } finally {
    rmSync(temporary, { recursive: true });
  }
});
