/** A target goes to a file and comes back; a file that is none is refused with what to do. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { BtfBuilder, BtfView, FEATURES, functionList, serialiseTarget, type Target, tracepointList } from '#bpf';
import { EnvironmentError } from '#diagnostics';
import { readSavedTarget, saveTarget } from './saved-target.ts';

const directory = mkdtempSync(join(tmpdir(), 'ringfence-target-'));
after(() => rmSync(directory, { recursive: true }));

function target(): Target {
  const btf = new BtfBuilder();
  btf.struct('file', 8, []);
  return {
    arch: 'aarch64',
    release: '6.12.1',
    btf: new BtfView(btf.toBytes()),
    features: Object.fromEntries(Object.keys(FEATURES).map((name) => [name, { kind: 'yes' }])) as Target['features'],
    functions: functionList(['vfs_open']),
    tracepoints: tracepointList({ 'sched/sched_process_exit': [] }),
  };
}

test('a target is saved, small, and read back', () => {
  const path = join(directory, 'saved.target');
  saveTarget(path, {
    ...target(),
    functions: functionList(Array.from({ length: 1_000 }, (_, at) => `function_${at}`)),
  });
  const read = readSavedTarget(path);
  assert.equal(read.arch, 'aarch64');
  assert.equal(read.release, '6.12.1');
  assert.equal(read.functions.count('function_999'), 1);
  assert.equal(read.tracepoints.format('sched', 'sched_process_exit')?.fields.length, 4);
  assert.equal(read.btf.findStruct('file'), target().btf.findStruct('file'));
});

const plain = Buffer.from(serialiseTarget(target()));

const refused = [
  ['of an older version', plain.with(4, 1), 'RF3103', /version 1, .*save it again/],
  ['another file', Buffer.from('apiVersion: v1'), 'RF3103', /not a saved target/],
  ['empty', Buffer.alloc(0), 'RF3103', /not a saved target/],
  ['cut off', zstdCompressSync(plain).subarray(0, -8), 'RF3103', /damaged/],
  ['cut off before it was compressed', zstdCompressSync(plain.subarray(0, -8)), 'RF3103', /cut off/],
] as const;

for (const [name, bytes, code, message] of refused) {
  test(`a saved target is refused: ${name}`, () => {
    const path = join(directory, 'refused.target');
    writeFileSync(path, bytes);
    assert.throws(
      () => readSavedTarget(path),
      (error) => error instanceof EnvironmentError && error.code === code && message.test(error.message),
    );
  });
}

test('a file that is not there, and one that cannot be written', () => {
  const nowhere = join(directory, 'nowhere', 'x.target');
  assert.throws(() => readSavedTarget(nowhere), { code: 'RF3102', message: /ENOENT/ });
  assert.throws(() => saveTarget(nowhere, target()), { code: 'RF3104', message: /ENOENT/ });
});
