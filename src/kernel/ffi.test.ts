/** Finding libbpf: each case in a process of its own, since a library is loaded once. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const SCRIPT = `
  import { loadLibbpf } from ${JSON.stringify(join(import.meta.dirname, 'ffi.ts'))};
  try {
    loadLibbpf();
    console.log('loaded');
  } catch (error) {
    console.log(error.code, error.message);
  }
`;

const table = [
  ['a file that is not there', '/nonexistent/libbpf.so.1', /^RF3003 the library \/nonexistent\/libbpf\.so\.1 cannot/],
  ['a library that is not libbpf', 'libc.so.6', /^RF3003 the library libc\.so\.6 cannot be loaded/],
] as const;

for (const [name, path, expected] of table) {
  test(`libbpf: ${name}`, () => {
    const options = { encoding: 'utf8', env: { ...process.env, RINGFENCE_LIBBPF: path } } as const;
    const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', SCRIPT], {
      ...options,
      cwd: join(import.meta.dirname, '../..'),
    });
    assert.match(stdout, expected);
    assert.equal(status, 0);
  });
}
