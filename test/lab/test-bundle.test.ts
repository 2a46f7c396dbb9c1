/** Each kernel test has its bundle, and what is bundled still finds its files. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TemporaryDirectory } from './temporary.ts';
import { bundledTest, bundleTests, TEST_BUNDLE } from './test-bundle.ts';

const repository = join(import.meta.dirname, '../..');

test('a bundle of each test, which knows where its sources lie', async () => {
  using scratch = new TemporaryDirectory('test-bundle');
  await bundleTests(join(scratch.path, TEST_BUNDLE));
  const files = globSync('test/kernel/**/*.test.ts', { cwd: repository });
  const missing = files.filter((file) => !existsSync(join(scratch.path, bundledTest(file))));
  assert.ok(files.length > 0);
  assert.deepEqual(missing, []);
  const smoke = readFileSync(join(scratch.path, bundledTest('test/kernel/smoke.test.ts')), 'utf8');
  assert.match(smoke, /"\/ringfence\/test\/kernel\/harness"/);
  for (const file of [...files, 'test/kernel/harness/guarded.ts', 'test/kernel/harness/subscriber.ts']) {
    const text = readFileSync(join(scratch.path, bundledTest(file)), 'utf8');
    assert.doesNotMatch(text, /import\.meta\.(dirname|main|filename)/, file);
  }
});
