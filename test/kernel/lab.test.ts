/** The guest is what was asked for: without this, no other kernel test would mean what it says. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { availableParallelism, release } from 'node:os';
import { test } from 'node:test';

const EXT4_MAGIC = 0xef53;
const TMPFS_MAGIC = 0x01021994;
const { RINGFENCE_KERNEL = '', RINGFENCE_PREEMPT } = process.env;

test('the kernel is the one asked for', { skip: RINGFENCE_KERNEL === 'newest' && 'has no fixed version' }, () => {
  assert.match(release(), new RegExp(`^${RINGFENCE_KERNEL.replace('.', '\\.')}\\.`));
});

test('BPF is among the active security modules', () => {
  assert.ok(readFileSync('/sys/kernel/security/lsm', 'utf8').trim().split(',').includes('bpf'));
});

test('the kernel carries its types', () => {
  assert.equal(readFileSync('/sys/kernel/btf/vmlinux').readUInt16LE(0), 0xeb9f);
});

test('/mnt/ext4 is a writable ext4 on a disk', () => {
  assert.equal(statfsSync('/mnt/ext4').type, EXT4_MAGIC);
  writeFileSync('/mnt/ext4/lab', 'written');
  assert.equal(readFileSync('/mnt/ext4/lab', 'utf8'), 'written');
});

test('/tmp is a tmpfs', () => assert.equal(statfsSync('/tmp').type, TMPFS_MAGIC));

test('two processors run', () => assert.equal(availableParallelism(), 2));

test('the preemption model is the one asked for', () => {
  const models = readFileSync('/sys/kernel/debug/sched/preempt', 'utf8');
  const active = /\((\w+)\)/.exec(models)?.[1];
  if (RINGFENCE_PREEMPT === undefined) assert.notEqual(active, 'full');
  else assert.equal(active, RINGFENCE_PREEMPT);
});

for (const path of ['/sys/fs/bpf', '/sys/fs/cgroup/cgroup.procs', '/sys/kernel/tracing/events', '/proc/self/fd']) {
  test(`${path} is there`, () => assert.ok(existsSync(path)));
}
