/** The control socket costs no second HTTP client. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

/** What of Node itself is loaded once `module` is. */
function loadedBy(module: string): string[] {
  const script = `import(${JSON.stringify(module)}).then(() => console.log(process.moduleLoadList.join('\\n')))`;
  const { stdout } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  return stdout.split('\n').filter((each) => /undici|^NativeModule _http_server$/.test(each));
}

test('the server and the client of the control socket load no undici', () => {
  assert.deepEqual(loadedBy(join(import.meta.dirname, 'index.ts')), ['NativeModule _http_server']);
  assert.ok(loadedBy('node:http').includes('NativeModule internal/deps/undici/undici'), 'the control');
});
