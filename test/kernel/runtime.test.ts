/** The C runtime library on a real kernel: its self-tests, its path walk beside the kernel's own, its state of processes. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import {
  action,
  controlLayout,
  execFlag,
  mode,
  pathFlag,
  policyFlag,
  policyLayout,
  processFlag,
  processLayout,
  recordExecLayout,
  recordKind,
  recordLayout,
  ring,
} from '#abi';
import { BtfView } from '#bpf';
import { type BpfObject, possibleCpus, RingBuffer, runProgram, u32Key } from '#kernel';
import {
  attackDirectly,
  countSignals,
  openRuntime,
  passes,
  readOnly,
  Scene,
  SIGWINCH,
  viewOf,
  words,
} from './harness/index.ts';

const EPERM = 1;
const EACCES = 13;
const STORM_MS = 3_000;
/** More on each CPU than it has slots. */
const OPENERS = 24;

const main = openRuntime('selftest.bpf.o');
after(() => main.close());

describe('self-tests in C', () => {
  for (const name of ['test_scratch_slots', 'test_scratch_clean', 'test_record_no_room', 'test_record_dropped']) {
    test(name, () => void passes(main, name));
  }
  for (const name of ['test_tell_integers', 'test_tell_paths', 'test_tell_unread', 'test_tell_nothing']) {
    test(name, () => void passes(main, name));
  }
});

describe('records', () => {
  for (const [name, ringNumber, map] of [
    ['verdict', ring.verdict, 'rf_verdicts'],
    ['observation', ring.observation, 'rf_observations'],
  ] as const) {
    test(`${name} ring: every byte that arrives was written for this record`, () => {
      using reader = RingBuffer.open(main.map(map));
      reader.drain(() => undefined, 1_000);
      const numbers = new Set<string>();
      for (const length of [0, 1, 7, 8, 9, 255]) {
        passes(main, 'test_record_submit', words(ringNumber, length));
        const records: Buffer[] = [];
        reader.drain((data, offset, size) => records.push(Buffer.from(data.subarray(offset, offset + size))), 1_000);
        assert.equal(records.length, 1);
        const [record] = records;
        assert.ok(record);
        const view = viewOf(record);
        const padded = Math.ceil(length / 8) * 8;
        assert.equal(record.length, recordLayout.bytes + padded);
        assert.equal(view.getUint32(recordLayout.length, true), record.length);
        assert.equal(view.getUint16(recordLayout.ring, true), ringNumber);
        assert.equal(view.getUint32(recordLayout.tid, true), process.pid);
        assert.ok(view.getUint32(recordLayout.cpu, true) < possibleCpus());
        assert.deepEqual(record.subarray(recordLayout.bytes + length), Buffer.alloc(padded - length), 'the padding');
        const sequence = Number(view.getBigUint64(recordLayout.sequence, true));
        // each CPU counts for itself, and this process moves
        const number = `${view.getUint32(recordLayout.cpu, true)}/${sequence}`;
        assert.ok(sequence > 0 && !numbers.has(number), number);
        numbers.add(number);
      }
    });
  }
});

describe('rf_match', () => {
  const kill = action.post | action.sigkill;
  const deny = action.post | action.override;
  type Row = {
    readonly actions: number;
    readonly error?: number;
    readonly unreadable?: boolean;
    readonly signal?: number;
    readonly cannotDeny?: boolean;
    readonly policyMode?: number;
    readonly globalMode?: number;
    readonly verdict: number;
    readonly flags?: number;
    readonly counts: readonly (keyof typeof policyLayout)[];
  };
  const { monitor, enforce } = mode;
  const table: readonly (readonly [string, Row])[] = [
    ['post only', { actions: action.post, verdict: 0, counts: ['matches', 'posted'] }],
    ['neither post nor enforce', { actions: action.nopost, verdict: 0, counts: ['matches'] }],
    ['override', { actions: deny, error: -13, verdict: -13, counts: ['matches', 'posted', 'denied'] }],
    ['no error given', { actions: deny, error: 0, verdict: -EPERM, counts: ['matches', 'posted', 'denied'] }],
    ['a positive error', { actions: deny, error: 7, verdict: -EPERM, counts: ['matches', 'posted', 'denied'] }],
    ['the largest error', { actions: deny, error: -4095, verdict: -4095, counts: ['matches', 'posted', 'denied'] }],
    ['beyond it', { actions: deny, error: -4096, verdict: -EPERM, counts: ['matches', 'posted', 'denied'] }],
    [
      'policy in monitor mode',
      {
        ...{ actions: deny, error: -1, policyMode: monitor, verdict: 0, flags: policyFlag.monitor },
        counts: ['matches', 'posted', 'monitored'],
      },
    ],
    [
      'agent in monitor mode: nobody is killed',
      {
        ...{ actions: kill, error: -1, globalMode: monitor, verdict: 0, flags: policyFlag.monitor },
        counts: ['matches', 'posted', 'monitored'],
      },
    ],
    [
      'unreadable: denied, not killed',
      {
        ...{ actions: kill, error: -1, unreadable: true, verdict: -1, flags: policyFlag.unreadable },
        counts: ['unreadable', 'posted', 'denied'],
      },
    ],
    [
      'a signal: nothing is denied',
      {
        actions: action.post | action.signal,
        signal: SIGWINCH,
        verdict: 0,
        counts: ['matches', 'posted', 'signalled'],
      },
    ],
    [
      'a signal that is held back',
      {
        ...{ actions: action.post | action.signal, signal: SIGWINCH, policyMode: monitor, verdict: 0 },
        ...{ flags: policyFlag.monitor, counts: ['matches', 'posted', 'monitored'] },
      },
    ],
    [
      'unreadable: no signal',
      {
        ...{ actions: deny | action.signal, error: -5, signal: SIGWINCH, unreadable: true, verdict: -5 },
        ...{ flags: policyFlag.unreadable, counts: ['unreadable', 'posted', 'denied'] },
      },
    ],
    [
      'a hook that cannot deny',
      { actions: deny, error: -1, cannotDeny: true, verdict: 0, counts: ['matches', 'posted'] },
    ],
    ['unreadable, not enforcing', { actions: 0, unreadable: true, verdict: 0, counts: ['unreadable'] }],
    [
      'unreadable, monitored',
      {
        ...{ actions: deny, error: -1, unreadable: true, policyMode: monitor, verdict: 0 },
        ...{ flags: policyFlag.unreadable | policyFlag.monitor, counts: ['unreadable', 'posted', 'monitored'] },
      },
    ],
  ];
  const slot = 3;

  for (const [name, row] of table) {
    test(name, async () => {
      setModes(row.policyMode ?? enforce, row.globalMode ?? enforce);
      const context = new Uint8Array(32);
      const view = viewOf(context);
      const where =
        (BigInt(row.actions) << 32n) |
        (BigInt(row.unreadable === true) << 48n) |
        (BigInt(row.signal ?? 0) << 49n) |
        (BigInt(row.cannotDeny === true) << 56n);
      view.setBigUint64(0, where, true);
      view.setUint32(8, slot, true);
      view.setInt32(12, row.error ?? 0, true);
      const expected = Number(row.counts.includes('signalled'));
      const signals = await countSignals(expected, () => {
        const out = viewOf(runProgram(main.program('test_match'), context).context);
        assert.equal(out.getInt32(16, true), row.verdict);
        const tells = (row.actions & action.post) !== 0;
        assert.equal(out.getUint32(28, true), Number(tells), 'whether a record was begun');
        if (!tells) return;
        assert.equal(out.getInt32(20, true), row.verdict);
        assert.equal(out.getUint32(24, true), row.flags ?? 0);
      });
      assert.equal(signals, expected);
      assert.deepEqual(countsOf(slot), new Set(row.counts));
    });
  }

  for (const [name, globalMode, verdict, counts] of [
    ['enforcing', enforce, -EACCES, ['unreadable', 'denied']],
    ['in monitor mode', monitor, 0, ['unreadable', 'monitored']],
  ] as const) {
    test(`rf_fail_closed, ${name}`, () => {
      setModes(enforce, globalMode);
      const context = new Uint8Array(32);
      viewOf(context).setUint32(8, slot, true);
      viewOf(context).setInt32(12, -EACCES, true);
      const out = viewOf(runProgram(main.program('test_fail_closed'), context).context);
      assert.equal(out.getInt32(16, true), verdict);
      assert.deepEqual(countsOf(slot), new Set(counts));
    });
  }

  /** Counters start from zero. */
  function setModes(policyMode: number, globalMode: number): void {
    const policy = new Uint8Array(policyLayout.bytes);
    viewOf(policy).setUint32(policyLayout.mode, policyMode, true);
    main.map('rf_policies').update(u32Key(slot), policy);
    const control = new Uint8Array(controlLayout.bytes);
    viewOf(control).setUint32(controlLayout.mode, globalMode, true);
    main.map('rf_control').update(u32Key(0), control);
  }

  /** Those that are 1; no other value is right. */
  function countsOf(policy: number): Set<string> {
    const value = main.map('rf_policies').lookup(u32Key(policy));
    assert.ok(value);
    const names = ['matches', 'posted', 'killed', 'denied', 'monitored', 'unreadable', 'signalled'] as const;
    const counted = names.map((each) => [each, viewOf(value).getBigUint64(policyLayout[each], true)] as const);
    assert.ok(counted.every(([, count]) => count <= 1n));
    return new Set(counted.filter(([, count]) => count === 1n).map(([each]) => each));
  }
});

describe('the state of a process', () => {
  const spoil = { none: 0, execId: 1, binary: 2, agent: 3 } as const;
  const { late, exempt, binaryUnknown } = processFlag;
  const STALE_START = 12_345n;

  for (const [name, how, made, flags] of [
    ['there is none', spoil.none, 1n, late],
    ['it is of another image', spoil.execId, 1n, late],
    ['the name of the binary could not be read', spoil.binary, 0n, late | exempt],
    ['it holds the mark of the agent and nothing else', spoil.agent, 1n, late | exempt],
  ] as const) {
    test(name, () => {
      if (how === spoil.execId || how === spoil.binary) observeProcess(spoil.none);
      const { failed, times, state } = observeProcess(how);
      assert.equal(failed, 0, 'the line of the self-test that failed');
      assert.equal(times, made);
      const view = viewOf(state);
      assert.equal(view.getUint32(processLayout.flags, true) & ~binaryUnknown, flags);
      assert.equal(view.getUint32(processLayout.flags, true) & binaryUnknown, 0);
      assert.equal(view.getBigUint64(processLayout.keyStartNs, true) === STALE_START, how === spoil.binary);
      assert.equal(view.getUint32(processLayout.parentPid, true), process.ppid);
      const length = view.getUint32(processLayout.binaryLength, true);
      const binary = Buffer.from(state.subarray(processLayout.binary, processLayout.binary + length)).toString();
      assert.equal(binary, realpathSync(process.execPath));
    });
  }

  function observeProcess(how: number) {
    const map = main.map('st_process');
    const value = new Uint8Array(map.valueSize);
    value.set(words(process.pid, how));
    map.update(u32Key(0), value);
    using _link = main.program('st_process_open').attach();
    closeSync(openSync('/proc/version', 'r'));
    const answer = readOnly(main, 'st_process');
    assert.equal(answer.getUint32(8, true), 1, 'it ran');
    return {
      failed: answer.getInt32(12, true),
      times: answer.getBigUint64(16, true),
      state: new Uint8Array(answer.buffer, answer.byteOffset + 24, processLayout.bytes),
    };
  }
});

type Opened = { readonly flags: number; readonly text: Buffer; readonly kernel: Buffer | number; readonly ends?: Ends };

/** Of a path, as far as they could be told without the rest of it. */
type Ends = { readonly head: Buffer; readonly tail: Buffer };

/** What the program saw of the one file that `act` opens in this thread. */
function observe(object: BpfObject, act: () => void): Opened {
  object.map('st_watched').update(u32Key(0), u32Key(process.pid));
  const before = readOnly(object, 'st_opened').getUint32(0, true);
  try {
    act();
  } finally {
    object.map('st_watched').update(u32Key(0), u32Key(0));
  }
  const view = readOnly(object, 'st_opened');
  assert.ok(view.getUint32(0, true) > before, 'a file was opened');
  const [start, length] = [view.getUint32(8, true), view.getUint32(12, true)];
  const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  const kernelLength = Number(view.getBigInt64(16, true));
  return {
    flags: view.getUint32(4, true),
    text: Buffer.from(bytes.subarray(32 + start, 32 + start + length)),
    ...endsOf(bytes.subarray(32 + 2 * 4096)),
    kernel: kernelLength < 0 ? kernelLength : Buffer.from(bytes.subarray(32 + 4096, 32 + 4096 + kernelLength - 1)),
  };
}

/** struct rf_ends, and what came back with it. */
function endsOf(bytes: Buffer): Pick<Opened, 'ends'> {
  if (bytes.readBigInt64LE(24) !== 0n) return {};
  const known = bytes.subarray(16, 24).indexOf(0xff);
  return { ends: { head: bytes.subarray(0, 8), tail: bytes.subarray(8 + known, 16) } };
}

function open(path: string | Buffer): () => void {
  return () => {
    try {
      closeSync(openSync(path, 'r'));
    } catch (error) {
      // what cannot be read can be asked for: a socket, an executable that is busy
      if (!['ENXIO', 'EACCES', 'EPERM', 'EINVAL', 'EIO'].includes((error as NodeJS.ErrnoException).code ?? ''))
        throw error;
    }
  };
}

for (const symbols of [true, false]) {
  describe(symbols ? 'paths' : "paths, without the kernel's global counters", () => {
    let object: BpfObject;
    let directory: string;
    const links: Disposable[] = [];
    before(() => {
      object = openRuntime('selftest.bpf.o', { symbols });
      links.push(object.program('st_file_open').attach());
      directory = realpathSync(mkdtempSync('/tmp/runtime-'));
    });
    after(() => {
      for (const link of links) link[Symbol.dispose]();
      object.close();
      rmSync(directory, { recursive: true, force: true });
    });

    const same = (path: string | Buffer, flags: number = pathFlag.read) => {
      const opened = observe(object, open(path));
      assert.deepEqual([opened.flags, opened.text.toString('latin1')], [flags, Buffer.from(path).toString('latin1')]);
      assert.deepEqual(opened.kernel, opened.text, 'the kernel says the same');
      if (opened.ends === undefined) return opened;
      const { head, tail } = opened.ends;
      const text = Buffer.from(path);
      assert.deepEqual(head, Buffer.concat([text, Buffer.alloc(8)]).subarray(0, 8), 'and so does its beginning');
      const end = Buffer.concat([Buffer.alloc(8), text]).subarray(-tail.length);
      assert.deepEqual([tail, tail.length > 1], [end, true], 'and its end');
      return opened;
    };
    /** Where nothing is renamed, the ends are told without the rest, if they can be told at all. */
    const plain = (path: string | Buffer) => assert.equal(same(path).ends !== undefined, symbols, `${path}`);

    test('the root, directories of it, files', () => {
      for (const path of ['/', '/proc', '/sys/kernel/debug', '/dev/null', realpathSync(process.execPath)]) plain(path);
    });

    test('many files of this machine', () => {
      const found = ['/etc', '/usr/bin', '/usr/lib', '/sys/kernel', '/proc/sys/kernel', '/ringfence/src/kernel']
        .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
        .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() && realpathSync(path) === path)
        .slice(0, 200);
      assert.ok(found.length > 50);
      for (const path of found) plain(path);
    });

    test('a name of each byte value', () => {
      for (let byte = 1; byte < 256; byte += 1) {
        if (byte === 0x2f) continue;
        const name = Buffer.concat([Buffer.from(`${directory}/b`), Buffer.from([byte])]);
        writeFileSync(name, '');
        plain(name);
        unlinkSync(name);
      }
    });

    test('names of 1 and 255 bytes', () => {
      for (const name of ['x', 'y'.repeat(255)]) {
        writeFileSync(join(directory, name), '');
        plain(join(directory, name));
      }
    });

    test('beginnings and ends of any length, below a mount and beside it', () => {
      const names = ['/e', '/e/f', '/e/f/g/h', '/ef/ghi', '/efghij/k', '/efghijk/l', `/${'e'.repeat(40)}`];
      const place = join('/', 'm');
      mkdirSync(place);
      using _place: Disposable = { [Symbol.dispose]: () => rmSync(place, { recursive: true }) };
      using _mounts = mounted(['tmpfs', place, '-t', 'tmpfs']);
      for (const name of names) {
        for (const path of [name, join(place, name)]) {
          mkdirSync(path, { recursive: true });
          plain(path);
          writeFileSync(join(path, 'x'), '');
          plain(join(path, 'x'));
        }
      }
      for (const name of ['/e', '/ef', '/efghij', '/efghijk', `/${'e'.repeat(40)}`]) rmSync(name, { recursive: true });
    });

    test('the longest path that can be named, and a longer one', () => {
      const deep = makeDeep(directory, 4_095);
      same(deep);
      const here = process.cwd();
      try {
        process.chdir(join(deep, '..'));
        mkdirSync('z'.repeat(200));
        process.chdir('z'.repeat(200));
        writeFileSync('leaf', '');
        const opened = observe(object, open('leaf'));
        assert.equal(opened.flags, pathFlag.read | pathFlag.truncated);
        assert.ok(opened.text.length > 4_096 - 256 && opened.text.length <= 4_096);
        assert.match(opened.text.toString(), /^\/.*\/z{200}\/leaf$/);
        assert.ok(typeof opened.kernel === 'number', 'the kernel has no answer');
      } finally {
        process.chdir(here);
      }
    });

    test('a mount on a mount, and a bind mount', () => {
      const place = join(directory, 'mount');
      mkdirSync(place);
      mkdirSync(join(directory, 'source'));
      writeFileSync(join(directory, 'source/file'), '');
      using _mounts = mounted(
        ['tmpfs', place, '-t', 'tmpfs'],
        ['tmpfs', place, '-t', 'tmpfs'],
        [join(directory, 'source'), place, '--bind'],
      );
      same(join(place, 'file'));
      same(place);
    });

    test('overlay', (t: TestContext) => {
      const names = ['lower', 'upper', 'work', 'merged'].map((name) => join(directory, `overlay-${name}`));
      for (const name of names) mkdirSync(name);
      const [lower = '', upper = '', work = '', merged = ''] = names;
      writeFileSync(join(lower, 'file'), 'content');
      try {
        execFileSync('mount', [
          ...['-t', 'overlay', '-o', `lowerdir=${lower},upperdir=${upper},workdir=${work}`, 'overlay', merged],
        ]);
      } catch {
        return t.skip('this kernel has no overlay built in');
      }
      const opened = observe(object, () => closeSync(openSync(join(merged, 'file'), 'r')));
      assert.match(opened.text.toString(), /\/(overlay-merged\/)?file$/);
      execFileSync('umount', [merged]);
    });

    test('a file whose name is gone, and one with a second name', () => {
      const path = join(directory, 'gone');
      const fd = openSync(path, 'w');
      unlinkSync(path);
      const opened = observe(object, open(`/proc/self/fd/${fd}`));
      closeSync(fd);
      assert.equal(opened.flags, pathFlag.read | pathFlag.deleted);
      assert.equal(opened.text.toString(), path);
      assert.equal(opened.kernel.toString(), `${path} (deleted)`);
      writeFileSync(path, '');
      linkSync(path, `${path}-2`);
      same(path);
      same(`${path}-2`);
    });

    test('a pipe has no path', () => {
      const child = execFileSync('sh', ['-c', 'ls -l /proc/self/fd'], { stdio: ['pipe', 'pipe', 'ignore'] });
      assert.match(child.toString(), /pipe|socket/);
      for (const name of readdirSync('/proc/self/fd')) {
        const link = `/proc/self/fd/${name}`;
        if (!statSync(link, { throwIfNoEntry: false })?.isFIFO()) continue;
        const opened = observe(object, () => closeSync(openSync(link, 'r+')));
        if (!/^pipe:/.test(opened.kernel.toString())) continue;
        assert.deepEqual([opened.flags, opened.text.length], [pathFlag.read | pathFlag.unreachable, 0]);
      }
    });

    test('while others rename all the time, everybody else has a path', async () => {
      const path = makeDeep(directory, 600);
      const control = () => readOnly(object, 'rf_control').getBigUint64(controlLayout.pathUnstable, true);
      const unstable = control();
      await using storm = await startStorm(directory);
      let opens = 0;
      for (const end = Date.now() + STORM_MS; Date.now() < end; opens += 1) same(path);
      const renames = await storm.stop();
      assert.ok(renames > 1_000, `${renames} renames`);
      assert.equal(control() - unstable, 0n, `of ${opens} walks none was given up, beside ${renames} renames`);
    });

    test('a path whose own parts are renamed is one of those it had, or none', async () => {
      const one = join(directory, 'swap-one');
      const two = join(directory, 'swap-two-with-a-longer-name-than-the-other');
      mkdirSync(join(one, 'below'), { recursive: true });
      writeFileSync(join(one, 'below/file'), '');
      const fd = openSync(join(one, 'below/file'), 'r');
      await using storm = await startStorm(directory, [one, two]);
      const seen = new Map<string, number>();
      for (const end = Date.now() + STORM_MS; Date.now() < end; ) {
        const opened = observe(object, open(`/proc/self/fd/${fd}`));
        const text = opened.flags & pathFlag.unstable ? 'unstable' : opened.text.toString();
        seen.set(text, (seen.get(text) ?? 0) + 1);
      }
      closeSync(fd);
      assert.ok((await storm.stop()) > 1_000);
      const allowed = [join(one, 'below/file'), join(two, 'below/file'), 'unstable'];
      assert.deepEqual(
        [...seen.keys()].filter((text) => !allowed.includes(text)),
        [],
      );
      assert.ok(seen.has(allowed[0] ?? '') && seen.has(allowed[1] ?? ''), JSON.stringify([...seen]));
    });
  });
}

/** Whether preemption is off while scratch is held; see kprobes/runtime/scratch.bpf.c. */
function staysOnCpu(): boolean {
  const btf = new BtfView(readFileSync('/sys/kernel/btf/vmlinux'));
  const notes = btf.findStruct('bpf_subprog_info');
  return notes !== undefined && btf.findMember(notes, 'might_sleep') !== undefined;
}

describe('preemption', () => {
  test('scratch stays with its invocation when more threads than CPUs run the same program', async (t) => {
    const object = openRuntime('selftest.bpf.o');
    const map = object.map('st_torn');
    const state = new Uint8Array(map.valueSize);
    state.set(words(process.pid));
    map.update(u32Key(0), state);
    const workers = await Promise.all(Array.from({ length: OPENERS }, (_, index) => startOpener(index)));
    const link = object.program('st_torn_open').attach();
    await delay(STORM_MS);
    for (const worker of workers) await worker.terminate();
    link[Symbol.dispose]();
    const counts = ['runs', 'refused', 'torn', 'waited'].map(
      (name, index) => [name, readOnly(object, 'st_torn').getBigUint64(8 + 8 * index, true)] as const,
    );
    object.close();
    const { runs = 0n, refused, torn, waited = 0n } = Object.fromEntries(counts);
    t.diagnostic(counts.map(([name, count]) => `${name} ${count}`).join(', '));
    assert.ok(runs > 100n);
    assert.equal(torn, 0n);
    if (staysOnCpu()) assert.equal(refused, 0n, 'nobody can use up the slots');
    else if (process.env.RINGFENCE_PREEMPT === 'full') assert.ok(waited > 0n, 'programs interrupted each other');
  });
});

describe('exec of a thread that is not the leader', () => {
  test('the new image has the old one of the same process as parent', async () => {
    const scene = new Scene('tmpfs');
    const target = scene.copyProgram('target', join(scene.scratch, 'target'));
    using cleanup = new DisposableStack();
    cleanup.defer(() => scene.remove());
    const object = openRuntime('base.bpf.o');
    cleanup.defer(() => object.close());
    using reader = RingBuffer.open(object.map('rf_verdicts'));
    for (const name of ['rf_task_alloc', 'rf_exec_begin', 'rf_exec', 'rf_fork', 'rf_exit']) {
      cleanup.use(object.program(name).attach());
    }
    const { pid } = await attackDirectly(scene, { way: 'exec-thread', path: target });
    const execs: { key: bigint; parent: bigint; parentPid: number; flags: number }[] = [];
    reader.drain((data, offset, length) => {
      const view = viewOf(data.subarray(offset, offset + length));
      if (view.getUint16(recordLayout.kind, true) !== recordKind.exec) return;
      if (view.getUint32(recordExecLayout.processPid, true) !== pid) return;
      execs.push({
        key: view.getBigUint64(recordExecLayout.processStartNs, true),
        parent: view.getBigUint64(recordExecLayout.parentStartNs, true),
        parentPid: view.getUint32(recordExecLayout.parentPid, true),
        flags: view.getUint32(recordExecLayout.flags, true),
      });
    }, 100_000);
    const [first, second] = execs;
    assert.equal(execs.length, 2);
    assert.deepEqual([second?.parent, second?.parentPid], [first?.key, pid]);
    assert.equal((second?.flags ?? 0) & execFlag.clone, 0);
    assert.equal((first?.flags ?? 0) & execFlag.clone, execFlag.clone);
  });
});

/** A file below `directory` whose path has exactly `bytes` bytes. */
function makeDeep(directory: string, bytes: number): string {
  let path = mkdtempSync(join(directory, 'deep-'));
  while (bytes - path.length > 102) path = join(path, 'd'.repeat(50));
  mkdirSync(path, { recursive: true });
  const file = join(path, 'f'.repeat(bytes - path.length - 1));
  writeFileSync(file, '');
  return file;
}

/** One mount after the other; undone in reverse. */
function mounted(...mounts: readonly (readonly [string, string, ...string[]])[]): Disposable {
  const undo = new DisposableStack();
  for (const [source, target, ...options] of mounts) {
    execFileSync('mount', [...options, source, target]);
    undo.defer(() => execFileSync('umount', [target]));
  }
  return undo;
}

type Storm = AsyncDisposable & { stop(): Promise<number> };

/** Threads that rename, without a pause: files of their own, or one directory between two names. */
async function startStorm(directory: string, names?: readonly [string, string]): Promise<Storm> {
  const pairs =
    names === undefined ? [1, 2].map((index) => [join(directory, `s${index}`), join(directory, `t${index}`)]) : [names];
  const code = `
    const { parentPort, workerData: { names, flag } } = require('node:worker_threads');
    const { renameSync } = require('node:fs');
    let renames = 0;
    parentPort.postMessage('ready');
    while (Atomics.load(flag, 0) === 0) {
      renameSync(names[0], names[1]);
      renameSync(names[1], names[0]);
      renames += 2;
    }
    parentPort.postMessage(renames);`;
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const told = (worker: Worker) => new Promise((resolve) => worker.once('message', resolve));
  const workers = pairs.map((pair) => {
    if (names === undefined) writeFileSync(pair[0] ?? '', '');
    return new Worker(code, { eval: true, workerData: { names: pair, flag } });
  });
  await Promise.all(workers.map(told));
  let total: Promise<number> | undefined;
  const stop = () => {
    total ??= (async () => {
      const counts = workers.map(told);
      Atomics.store(flag, 0, 1);
      const sum = ((await Promise.all(counts)) as number[]).reduce((a, b) => a + b, 0);
      await Promise.all(workers.map((worker) => worker.terminate()));
      return sum;
    })();
    return total;
  };
  return {
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}

/** A thread that opens a file of its own, over and over. */
async function startOpener(index: number): Promise<Worker> {
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    const { openSync, closeSync, writeFileSync } = require('node:fs');
    writeFileSync(workerData, '');
    parentPort.postMessage('ready');
    for (;;) closeSync(openSync(workerData, 'r'));`;
  const worker = new Worker(code, { eval: true, workerData: `/tmp/torn-${'x'.repeat(8 * index)}${index}` });
  await new Promise((resolve) => worker.once('message', resolve));
  return worker;
}
