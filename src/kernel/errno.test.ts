/** Which code an errno becomes, and what it says. */
import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import { errnoName, missingCapabilities, refused } from './errno.ts';

for (const [number, name] of [
  [1, 'EPERM'],
  [11, 'EAGAIN'],
  [524, 'ENOTSUPP'],
  [4711, 'errno 4711'],
] as const) {
  test(`errno: ${number} is ${name}`, () => assert.equal(errnoName(number), name));
}

const capabilities = [
  ['root', '000001ffffffffff', []],
  ['CAP_SYS_ADMIN alone', '0000000000200000', []],
  ['CAP_BPF and CAP_PERFMON', '000000c000000000', ['CAP_SYS_ADMIN']],
  ['nobody', '0000000000000000', ['CAP_SYS_ADMIN', 'CAP_BPF', 'CAP_PERFMON']],
] as const;

for (const [name, mask, missing] of capabilities) {
  test(`capabilities: ${name}`, () => {
    assert.deepEqual(missingCapabilities(`Name:\tnode\nCapEff:\t${mask}\nCapBnd:\t0\n`), missing);
  });
}

test('refused: names the call and keeps what libbpf said as the cause', () => {
  const error = refused('bpf_map_create(ring)', constants.errno.EINVAL, ['libbpf: one', 'libbpf: two']);
  assert.equal(error.code, 'RF3002');
  assert.equal(error.message, 'bpf_map_create(ring) failed: EINVAL');
  assert.ok(error.cause instanceof Error);
  assert.equal(error.cause.message, 'libbpf: one\nlibbpf: two');
  assert.equal(refused('mmap', constants.errno.ENOMEM).cause, undefined);
});
