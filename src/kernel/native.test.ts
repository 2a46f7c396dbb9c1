/** The whole way on this machine's kernel: link, open, load, run, attach, read; and every way in which it refuses. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { EnvironmentError } from '#diagnostics';
import { AssertionFailed } from '#std';
import { readIterator } from './attachment.ts';
import { programInfoById } from './info.ts';
import { linkObjects } from './linker.ts';
import { BPF_F_NO_PREALLOC, BPF_F_RDONLY_PROG, BpfMap, mapTypes, openPidfd, possibleCpus, u32Key } from './map.ts';
import { BpfObject } from './object.ts';
import { runProgram } from './program-run.ts';
import { RingBuffer } from './ring-buffer.ts';
import { RingWaiter } from './ring-waiter.ts';
import { compileBpf, openDescriptors, skipReason } from './testdata/native.ts';
import { LoadRejected } from './verifier-log.ts';

const skip = skipReason();
const runtime = skip === false ? compileBpf('runtime.bpf.c') : new Uint8Array();
const exercise = skip === false ? compileBpf('exercise.bpf.c') : new Uint8Array();
const image = skip === false ? linkObjects([runtime, exercise]) : new Uint8Array();

function loaded(first = 0n): BpfObject {
  const object = BpfObject.open(image, { name: 'exercise' });
  object.setReadOnlyData(words(first));
  object.load();
  return object;
}

/** The words of `.bss`, in the order of exercise.bpf.c. */
const [CALLS, WATCHED, SEEN, LOST] = [0, 1, 2, 3];

function words(...values: bigint[]): Uint8Array {
  return new Uint8Array(BigUint64Array.from(values).buffer);
}

/** Runs `produce`: count in, then count, process and emitted out. */
function produce(object: BpfObject, count: number) {
  const run = runProgram(object.program('produce'), words(BigInt(count), 0n, 0n));
  const [, tgid = 0n, emitted = 0n] = new BigUint64Array(run.context.buffer);
  return { returnValue: run.returnValue, tgid, emitted: Number(emitted) };
}

test('kernel: link, open, load, run; records arrive in the ring', { skip }, () => {
  using object = loaded(100n);
  using ring = RingBuffer.open(object.map('ring'));
  const run = produce(object, 7);
  assert.equal(run.returnValue, -7);
  assert.equal(run.emitted, 7);
  const seen: bigint[] = [];
  const records = ring.drain((data, offset, length) => {
    assert.equal(length, 16);
    const record = new DataView(data.buffer, data.byteOffset + offset, length);
    seen.push(record.getBigUint64(0, true));
    assert.equal(record.getBigUint64(8, true), record.getBigUint64(0, true) ** 2n);
  }, 100);
  assert.deepEqual(seen, [100n, 101n, 102n, 103n, 105n, 106n], 'the record of 104 was discarded');
  assert.equal(records, 6);
  assert.equal(ring.fill(), 0);
});

test('kernel: the ring wraps many times and loses nothing; when full the program is told', { skip }, () => {
  using object = loaded();
  using ring = RingBuffer.open(object.map('ring'));
  let records = 0;
  for (let round = 0; round < 50; round += 1) {
    assert.equal(produce(object, 2000).emitted, 2000);
    records += ring.drain(() => undefined, 1_000_000);
  }
  assert.equal(records, 50 * 1600);
  const capacity = ring.dataBytes / 24;
  assert.equal(produce(object, 4000).emitted, Math.floor(capacity - 0.001));
});

test('kernel: a waiter sleeps on the ring and is woken by the kernel', { skip }, async () => {
  using object = loaded();
  const map = object.map('ring');
  using ring = RingBuffer.open(map);
  const arrived = Promise.withResolvers<void>();
  const idle = Promise.withResolvers<void>();
  let records = 0;
  using waiter = new RingWaiter(
    [
      {
        ring,
        fd: map.fd,
        visit: () => {
          records += 1;
          if (records === 8) arrived.resolve();
        },
      },
    ],
    { idleCheckMs: 1_000_000, onIdle: idle.resolve, onError: arrived.reject },
  );
  waiter.start();
  await idle.promise;
  await new Promise(setImmediate);
  assert.equal(waiter.awake, false);
  produce(object, 10);
  await arrived.promise;
});

test('kernel: what another process causes meanwhile arrives complete and in order', { skip }, async (context) => {
  using object = BpfObject.open(image, { name: 'exercise' });
  object.setMaxEntries('ring', 16 * 1024 * 1024); // room for all, so that the counts are exact on a busy machine too
  object.load();
  using memory = object.map('.bss').mapMemory({ writable: true });
  const bss = new BigUint64Array(memory.buffer, 0, 4);
  if (produce(object, 0).tgid !== BigInt(process.pid)) {
    context.skip('process ids here are not those that the kernel counts in');
    return;
  }
  const map = object.map('ring');
  using ring = RingBuffer.open(map);
  let last = -1n;
  let records = 0n;
  const visit = (data: Uint8Array, offset: number, length: number): void => {
    const sequence = new DataView(data.buffer, data.byteOffset + offset, length).getBigUint64(0, true);
    assert.ok(sequence > last, `${sequence} after ${last}`);
    last = sequence;
    records += 1n;
  };
  const failure = Promise.withResolvers<never>();
  using waiter = new RingWaiter([{ ring, fd: map.fd, visit }], { onError: failure.reject });
  using _link = object.program('stream').attach();
  waiter.start();
  const child = spawn('sh', ['-c', 'read go; exec dd if=/dev/zero of=/dev/null bs=1 count=200000 status=none']);
  bss[WATCHED] = BigInt(child.pid ?? 0);
  child.stdin.write('go\n');
  await Promise.race([once(child, 'exit'), failure.promise]);
  while (waiter.drainNow() > 0);
  const { [SEEN]: seen = 0n, [LOST]: lost } = bss;
  assert.ok(seen > 400_000n);
  assert.equal(lost, 0n);
  assert.equal(records, seen - seen / 5n, 'all but every fifth, which is discarded');
});

test('kernel: attach counts what happens while the link lives', { skip }, () => {
  using object = loaded();
  using memory = object.map('.bss').mapMemory({ writable: true });
  const bss = new BigUint64Array(memory.buffer, 0, 4);
  bss[WATCHED] = produce(object, 0).tgid;
  assert.equal(bss[CALLS], 1n);
  const link = object.program('watch').attach();
  process.cpuUsage(); // any system call
  assert.deepEqual(programInfoById(link.info().programId), object.program('watch').info());
  link.destroy();
  const seen = bss[SEEN];
  assert.ok(seen !== undefined && seen > 0n);
  openDescriptors();
  assert.equal(bss[SEEN], seen);
});

test('kernel: what the kernel says of a program', { skip }, () => {
  using object = loaded();
  const info = object.program('produce').info();
  assert.equal(info.name, 'produce');
  assert.match(info.tag, /^[0-9a-f]{16}$/);
  assert.equal(info.recursionMisses, 0n);
  assert.ok((info.verifiedInstructions ?? 0) > 10);
  using again = loaded();
  assert.equal(again.program('watch').info().tag, object.program('watch').info().tag);
});

test('kernel: a refused program is named, with the place, the reason and the lines that led there', { skip }, () => {
  using object = BpfObject.open(image, { name: 'exercise' });
  object.setAutoload('refused', true);
  assert.throws(
    () => object.load(),
    (error) => {
      assert.ok(error instanceof LoadRejected);
      assert.equal(error.code, 'RF3006');
      assert.equal(error.program, 'refused');
      assert.match(error.reason, /^R0 invalid mem access 'map_value_or_null'/);
      assert.ok(error.instruction !== undefined && error.instruction > 0);
      assert.equal(error.lines.at(-1)?.text, 'return *value;');
      assert.ok(error.cause instanceof EnvironmentError);
      return true;
    },
  );
  assert.throws(() => object.map('ring'), AssertionFailed);
});

test('kernel: a program that is not taken costs nothing and has no descriptor', { skip }, () => {
  using object = BpfObject.open(image, { name: 'exercise' });
  object.setAutoload('watch', false);
  object.load();
  assert.equal(object.program('watch').autoload, false);
  assert.throws(() => object.program('watch').fd, AssertionFailed);
  assert.equal(produce(object, 1).emitted, 1);
});

test('kernel: maps: look up, update, delete, list, refuse', { skip }, () => {
  using object = BpfObject.open(image, { name: 'exercise' });
  object.setMaxEntries('numbers', 2);
  object.load();
  const map = object.map('numbers');
  assert.deepEqual({ ...map.shape }, { type: 1, name: 'numbers', keySize: 4, valueSize: 8, maxEntries: 2, flags: 0 });
  assert.equal(map.lookup(u32Key(5)), undefined);
  map.update(u32Key(5), words(50n));
  map.update(u32Key(6), words(60n), 'new');
  assert.deepEqual(map.lookup(u32Key(5)), words(50n));
  assert.deepEqual([...map.keys()].map(String).sort(), ['5,0,0,0', '6,0,0,0']);
  assert.throws(() => map.update(u32Key(7), words(70n)), /bpf_map_update_elem\(numbers\) failed: E2BIG/);
  assert.throws(() => map.update(u32Key(5), words(0n), 'new'), /EEXIST/);
  assert.equal(map.delete(u32Key(5)), true);
  assert.equal(map.delete(u32Key(5)), false);
  assert.throws(() => map.lookup(new Uint8Array(8)), AssertionFailed);
});

test('kernel: a map of one object serves another, and outlives the first', { skip }, () => {
  const first = loaded();
  first.map('numbers').update(u32Key(1), words(11n));
  using kept = first.map('numbers').duplicate();
  using second = BpfObject.open(image, { name: 'second' });
  second.reuseMap('numbers', kept);
  second.load();
  first.close();
  assert.equal(second.map('numbers').id, kept.id);
  assert.deepEqual(second.map('numbers').lookup(u32Key(1)), words(11n));
  second.map('numbers').update(u32Key(1), words(12n));
  assert.deepEqual(kept.lookup(u32Key(1)), words(12n));
});

test('kernel: a per-CPU map gives one value per possible CPU; a frozen one takes no more', { skip }, () => {
  const shape = { type: mapTypes.percpuArray, name: 'percpu', keySize: 4, valueSize: 4, maxEntries: 1, flags: 0 };
  using map = BpfMap.create(shape);
  assert.equal(map.lookup(u32Key(0))?.length, 8 * possibleCpus());
  using frozen = BpfMap.create({ ...shape, type: mapTypes.array, valueSize: 8 });
  frozen.update(u32Key(0), words(1n));
  frozen.freeze();
  assert.throws(() => frozen.update(u32Key(0), words(2n)), /EPERM/);
  assert.deepEqual(frozen.lookup(u32Key(0)), words(1n));
});

test('kernel: a set of ten thousand values is filled at once, found by the longest prefix, and then frozen', {
  skip,
}, () => {
  const flags = BPF_F_NO_PREALLOC | BPF_F_RDONLY_PROG;
  const shape = { type: mapTypes.lpmTrie, name: 'a_name_of_more_than_15', keySize: 20, valueSize: 8, flags };
  using map = BpfMap.create({ ...shape, maxEntries: 10_000 });
  const key = (text: string): Uint8Array => {
    const bytes = new Uint8Array(20);
    bytes.set(Buffer.from(text), 4);
    new DataView(bytes.buffer).setUint32(0, 8 * text.length, true);
    return bytes;
  };
  const entries = Array.from({ length: 10_000 }, (_, index) => ({
    key: key(`/a/${index}/`),
    value: words(BigInt(index)),
  }));
  const startedMs = performance.now();
  map.fill(entries);
  assert.ok(performance.now() - startedMs < 1_000, `${performance.now() - startedMs} ms`);
  assert.deepEqual(map.lookup(key('/a/9999/b')), words(9_999n));
  assert.deepEqual(map.lookup(key('/a/17/b')), words(17n));
  assert.equal(map.lookup(key('/b/17/b')), undefined);
  map.fill([]);
  assert.throws(() => map.fill([{ key: key('/more'), value: words(1n) }]), /ENOSPC/);
  map.freeze();
  assert.throws(() => map.fill(entries.slice(0, 1)), /EPERM/);
});

test('kernel: a kind of map that takes no batches is filled one by one', { skip }, () => {
  using object = loaded();
  runProgram(object.program('remember'), words(77n, 0n, 0n));
  using self = openPidfd(process.pid);
  object.map('tasks').fill([{ key: u32Key(self.fd), value: words(78n) }]);
  assert.deepEqual(object.map('tasks').lookup(u32Key(self.fd)), words(78n));
});

test('kernel: what is kept with a task is read through its pidfd', { skip }, () => {
  using object = loaded();
  assert.equal(runProgram(object.program('remember'), words(77n, 0n, 0n)).returnValue, 0);
  using self = openPidfd(process.pid);
  using other = openPidfd(process.ppid);
  assert.deepEqual(object.map('tasks').lookup(u32Key(self.fd)), words(77n));
  assert.equal(object.map('tasks').lookup(u32Key(other.fd)), undefined);
});

test('kernel: an iterator tells every thread once', { skip }, (context) => {
  using object = BpfObject.open(compileBpf('iterate.bpf.c'), { name: 'iterate' });
  try {
    object.load();
  } catch (error) {
    assert.ok(error instanceof EnvironmentError);
    context.skip(error.message); // tracing programs may be refused by the owner of the kernel
    return;
  }
  using link = object.program('threads').attachIterator();
  const tids: number[] = [];
  let rest = Buffer.alloc(0);
  for (const chunk of readIterator(link)) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 4) {
      tids.push(rest.readInt32LE(0));
      rest = rest.subarray(4);
    }
  }
  assert.equal(new Set(tids).size, tids.length);
  for (const own of readdirSync('/proc/self/task')) assert.ok(tids.includes(Number(own)), `our thread ${own}`);
});

test('kernel: what cannot be linked or opened says why', { skip }, () => {
  assert.throws(
    () => linkObjects([runtime, runtime]),
    (error) => {
      assert.ok(error instanceof EnvironmentError && error.cause instanceof Error);
      assert.match(error.message, /^bpf_linker__add_file\(object 1\) failed: EINVAL$/);
      assert.match(error.cause.message, /^libbpf: conflicting non-weak symbol/);
      return true;
    },
  );
  const truncated = image.slice(0, 128);
  assert.throws(() => BpfObject.open(truncated, { name: 'cut' }), /bpf_object__open\(cut\) failed: /);
  assert.throws(() => BpfObject.open(new Uint8Array(64), { name: 'zeroes' }), AssertionFailed);
  assert.throws(() => linkObjects([runtime, new Uint8Array(64)]), AssertionFailed);
  assert.deepEqual(linkObjects([runtime, exercise]), image, 'the same bytes every time');
});

test('kernel: after disposal everything asserts, nothing crashes', { skip }, () => {
  const object = loaded();
  const program = object.program('watch');
  const map = object.map('numbers');
  const link = program.attach();
  const ring = RingBuffer.open(object.map('ring'));
  const memory = object.map('.bss').mapMemory({ writable: true });
  const stale = new BigUint64Array(memory.buffer, 0, 3);
  link.destroy();
  link.destroy();
  ring[Symbol.dispose]();
  memory[Symbol.dispose]();
  memory[Symbol.dispose]();
  object.close();
  object.close();
  const uses: (() => unknown)[] = [
    () => program.attach(),
    () => program.fd,
    () => program.info(),
    () => runProgram(program),
    () => map.lookup(u32Key(0)),
    () => map.fd,
    () => link.fd,
    () => link.pin('/sys/fs/bpf/never'),
    () => ring.drain(() => undefined, 1),
    () => memory.buffer,
    () => object.load(),
    () => object.map('numbers'),
    () => object.maps,
  ];
  for (const use of uses) assert.throws(use, AssertionFailed, use.toString());
  assert.deepEqual(stale, BigUint64Array.of(0n, 0n, 0n), 'a view that someone kept reads zeroes');
});

test('kernel: no descriptor is left behind, whatever happens', { skip }, () => {
  const once = (): void => {
    using object = loaded();
    using ring = RingBuffer.open(object.map('ring'));
    using link = object.program('watch').attach();
    using kept = object.map('numbers').duplicate();
    using pidfd = openPidfd(process.pid);
    assert.ok([ring.fill(), link.fd, kept.fd, pidfd.fd].every((each) => each >= 0));
    linkObjects([runtime, exercise]);
    assert.throws(() => linkObjects([runtime, runtime]));
    using refused = BpfObject.open(image, { name: 'exercise' });
    refused.setAutoload('refused', true);
    assert.throws(() => refused.load());
  };
  once(); // the first time opens what stays open, as the event loop does
  const before = openDescriptors();
  for (let round = 0; round < 10; round += 1) once();
  assert.equal(openDescriptors(), before);
});
