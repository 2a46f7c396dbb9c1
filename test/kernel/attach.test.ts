/** Each kind of attach point through libbpf: attached, run, counted, pinned; and what is said where it cannot be. */
import assert from 'node:assert/strict';
import { closeSync, mkdirSync, openSync, unlinkSync } from 'node:fs';
import { release } from 'node:os';
import { describe, test } from 'node:test';
import { type AttachPoint, sectionOf } from '#bpf';
import { AttachRefused, BpfObject, Link, LoadRejected } from '#kernel';
import { countingObject, readCounts, Trigger } from './harness/index.ts';

const OPENS = 10;
const PINS = '/sys/fs/bpf/attach-test';

function openSome(): void {
  for (let each = 0; each < OPENS; each += 1) closeSync(openSync('/proc/self/stat', 'r'));
}

/** The function of a system call, as x86-64 has it. */
const OPENAT = '__x64_sys_openat';

const opens: readonly AttachPoint[] = [
  { kind: 'lsm', hook: 'file_open' },
  { kind: 'fentry', function: 'do_sys_openat2' },
  { kind: 'fexit', function: 'do_sys_openat2' },
  { kind: 'fentry', function: OPENAT },
  { kind: 'kprobe', function: OPENAT },
  { kind: 'kretprobe', function: OPENAT },
  { kind: 'tp_btf', event: 'sys_enter' },
  { kind: 'tracepoint', subsystem: 'syscalls', event: 'sys_exit_openat' },
];

test('every kind attaches, and runs for as long as its link is there', () => {
  using object = BpfObject.open(countingObject(opens), { name: 'attach' });
  object.load();
  const links = opens.map((_, index) => object.program(`count_${index}`).attach());
  openSome();
  for (const link of links) link.destroy();
  const counts = readCounts(object);
  for (const [index, point] of opens.entries()) {
    const count = counts[index] ?? 0;
    assert.ok(count >= OPENS, `${sectionOf(point)} ran ${count} times`);
  }
  openSome();
  assert.deepEqual(readCounts(object), counts, 'none runs any more');
});

test('system calls without arguments have no types, and a breakpoint serves them', async () => {
  using object = BpfObject.open(countingObject([{ kind: 'kprobe', function: '__x64_sys_getpid' }]), { name: 'getpid' });
  object.load();
  using _link = object.program('count_0').attach();
  await using trigger = await Trigger.start();
  const [before = 0] = readCounts(object);
  await trigger.call('getpid');
  const [after = 0] = readCounts(object);
  assert.ok(after > before, `${before} before, ${after} after`);
});

test('a pinned link of each kind outlives its object, and is known by its program', () => {
  mkdirSync(PINS, { recursive: true });
  for (const [index, point] of opens.entries()) {
    const object = BpfObject.open(countingObject([point]), { name: 'pin' });
    object.load();
    const link = object.program('count_0').attach();
    const { programId } = link.info();
    const path = `${PINS}/${index}`;
    link.pin(path);
    link.destroy();
    object.close();
    using again = Link.openPinned(path);
    assert.equal(again.info().programId, programId, sectionOf(point));
    unlinkSync(path);
  }
});

test('a probe tells how many hits it missed, where the kernel counts them', () => {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  using object = BpfObject.open(countingObject([{ kind: 'kprobe', function: OPENAT }]), { name: 'missed' });
  object.load();
  using link = object.program('count_0').attach();
  assert.equal(link.info().missed, major > 6 || (major === 6 && minor >= 7) ? 0n : undefined);
});

const noType = /^failed to find kernel BTF type ID of 'no_such'/;

const notLoaded = [
  [{ kind: 'lsm', hook: 'no_such' }, noType],
  [{ kind: 'fentry', function: 'no_such' }, noType],
  [{ kind: 'fexit', function: 'no_such' }, noType],
  [{ kind: 'tp_btf', event: 'no_such' }, noType],
] as const;

const notAttached = [
  [{ kind: 'kprobe', function: 'no_such' }, /No such file or directory$/],
  [{ kind: 'kretprobe', function: 'no_such' }, /No such file or directory$/],
  [{ kind: 'kprobe', function: 'kprobe_dispatcher' }, /Invalid argument$/],
  [{ kind: 'tracepoint', subsystem: 'syscalls', event: 'no_such' }, /No such file or directory$/],
] as const;

describe('what cannot be attached says why', () => {
  for (const [point, reason] of notLoaded) {
    test(sectionOf(point), () => {
      using object = BpfObject.open(countingObject([opens[0] ?? point, point]), { name: 'refused' });
      assert.throws(
        () => object.load(),
        (error) => error instanceof LoadRejected && error.program === 'count_1' && reason.test(error.reason),
      );
    });
  }
  for (const [point, reason] of notAttached) {
    test(sectionOf(point), () => {
      using object = BpfObject.open(countingObject([point]), { name: 'refused' });
      object.load();
      assert.throws(
        () => object.program('count_0').attach(),
        (error) => error instanceof AttachRefused && error.program === 'count_0' && reason.test(error.reason),
      );
    });
  }
});
