import assert from 'node:assert/strict';
import { test } from 'node:test';
import { execFlag } from '#abi';
import { bootClock } from './boot-clock.ts';
import type { ForkFacts, ProcessFacts, ProcessKey } from './process.ts';
import { ProcessTable, type ProcessTableOptions } from './process-table.ts';
import { noText, textOf } from './text.ts';

const SECOND = 1_000_000_000n;

function table(options: Partial<ProcessTableOptions> = {}): ProcessTable {
  return new ProcessTable({ nodeName: 'node', clock: bootClock(0n), ...options });
}

function key(pid: number, startNs: bigint | number): ProcessKey {
  return { pid, startNs: BigInt(startNs) };
}

function exec(own: ProcessKey, parent: ProcessKey, binary = `/bin/${own.pid}`, execFlags = 0): ProcessFacts {
  return {
    key: own,
    parent,
    tid: own.pid,
    cwd: noText,
    binary: textOf(binary),
    arguments: noText,
    flags: 'execve',
    execFlags,
    cgroupId: 0n,
    namespacePid: own.pid,
    credentials: undefined,
    namespaces: undefined,
    file: undefined,
  };
}

function fork(own: ProcessKey, parent: ProcessKey): ForkFacts {
  return { key: own, parent, tid: own.pid, cgroupId: 0n, namespacePid: own.pid };
}

test('exec_id is base64 of node, start and pid', () => {
  assert.equal(table().find(key(42, 1234)).execId, 'bm9kZToxMjM0OjQy');
});

test('the parent of init is the idle task, whatever its key says', () => {
  const processes = table();
  const init = processes.exec(exec(key(1, 100), key(0, 0)));
  assert.equal(init.parentExecId, btoa('node:1:0'));
  assert.equal(processes.parentOf(init)?.binary.text, '<kernel>');
  assert.equal(processes.parentOf(init)?.execId, btoa('node:1:0'));
});

test('an exec without a fork has the previous image as its parent', () => {
  const processes = table();
  const shell = processes.exec(exec(key(10, 100), key(1, 1), '/bin/sh'));
  const ls = processes.exec(exec(key(10, 200), shell.key, '/bin/ls'));
  assert.equal(ls.parentExecId, shell.execId);
  assert.equal(processes.parentOf(ls)?.binary.text, '/bin/sh');
  assert.equal(processes.counts.exitsMissed, 0);
});

test('a fork and the exec after it have the same parent, and no exit was missed', () => {
  const processes = table();
  const shell = processes.exec(exec(key(10, 100), key(1, 1), '/bin/sh'));
  const child = processes.fork(fork(key(11, 200), shell.key));
  assert.deepEqual([child.binary.text, child.flags, child.parentExecId], ['/bin/sh', 'clone', shell.execId]);
  processes.exec(exec(key(11, 300), shell.key));
  assert.equal(processes.counts.exitsMissed, 0);
});

test('a pid that begins again without an exit is counted', () => {
  const processes = table();
  processes.exec(exec(key(10, 100), key(1, 1)));
  processes.fork(fork(key(10, 900), key(1, 1)));
  assert.equal(processes.counts.exitsMissed, 1);
});

test('the rings are not in order: a fork before the exec of its parent gets the image later', () => {
  const processes = table();
  const child = key(11, 200);
  assert.equal(processes.fork(fork(child, key(10, 100))).flags, 'unknown');
  processes.exec(exec(key(10, 100), key(1, 1), '/bin/sh'));
  assert.equal(processes.find(child).binary.text, '/bin/sh');
  assert.equal(processes.find(child).flags, 'clone');
});

test('the rings are not in order: an exit, then the fork', () => {
  const processes = table({ deadKeepNs: 10n });
  processes.exec(exec(key(10, 100), key(1, 1), '/bin/sh'));
  assert.equal(processes.exit(key(11, 200), 300n).known, false);
  assert.equal(processes.fork(fork(key(11, 200), key(10, 100))).binary.text, '/bin/sh');
  processes.exec(exec(key(12, 400), key(10, 100)));
  assert.equal(processes.size, 2, 'the child is dead, and was let go');
});

test('the rings are not in order: an exec, then the fork before it', () => {
  const processes = table();
  processes.exec(exec(key(10, 100), key(1, 1), '/bin/sh'));
  processes.exec(exec(key(11, 300), key(10, 100), '/bin/ls'));
  processes.fork(fork(key(11, 200), key(10, 100)));
  assert.equal(processes.find(key(11, 300)).binary.text, '/bin/ls');
  assert.equal(processes.find(key(11, 200)).binary.text, '/bin/sh');
  assert.equal(processes.counts.unknown, 0);
});

test('a process that executes itself again and again does not fill the table', () => {
  const processes = table({ deadKeepNs: 10n });
  for (let startNs = 100; startNs < 2000; startNs++) processes.exec(exec(key(10, startNs), key(10, startNs - 1)));
  assert.ok(processes.size < 20, `${processes.size}`);
  assert.equal(processes.parentOf(processes.find(key(10, 1999)))?.known, true);
});

test('a late fork is dead from the start: it goes before the living', () => {
  const processes = table({ capacity: 3 });
  processes.exec(exec(key(10, 100), key(1, 1)));
  processes.exec(exec(key(11, 300), key(10, 100)));
  processes.fork(fork(key(11, 200), key(10, 100)));
  processes.exec(exec(key(12, 400), key(1, 1)));
  assert.equal(processes.peek(key(11, 200)), undefined);
  assert.equal(processes.counts.evictedDead, 1);
});

test('an older image stays when the newest of its pid goes first', () => {
  const processes = table({ capacity: 3 });
  processes.exec(exec(key(11, 300), key(1, 1), '/bin/ls'));
  processes.exit(key(11, 300), 301n);
  processes.fork(fork(key(11, 200), key(1, 1)));
  processes.exec(exec(key(12, 400), key(1, 1)));
  processes.exec(exec(key(13, 500), key(1, 1)));
  assert.equal(processes.peek(key(11, 300)), undefined);
  assert.notEqual(processes.peek(key(11, 200)), undefined);
});

test('what is seeded does not replace what an exec told', () => {
  const processes = table();
  processes.exec(exec(key(10, 100), key(1, 1), '/told'));
  processes.exec(exec(key(10, 100), key(1, 1), '/seeded', execFlag.seeded));
  assert.equal(processes.find(key(10, 100)).binary.text, '/told');
});

test('a dead process answers for a while, and for as long as a child needs its parent', () => {
  const processes = table({ deadKeepNs: SECOND });
  processes.exec(exec(key(10, 100), key(1, 1), '/bin/sh'));
  const child = processes.exec(exec(key(11, 200), key(10, 100)));
  processes.exit(key(10, 100), SECOND);
  processes.exec(exec(key(12, 100n * SECOND), key(1, 1)));
  assert.equal(processes.parentOf(child)?.binary.text, '/bin/sh');
  processes.exit(key(11, 200), 101n * SECOND);
  processes.exec(exec(key(13, 200n * SECOND), key(1, 1)));
  assert.equal(processes.size, 2, 'the child is gone, and its parent with it');
});

test('a full table gives up the dead, then dead parents, then the live that were not met for longest', () => {
  const processes = table({ capacity: 4 });
  processes.exec(exec(key(10, 10), key(1, 1)));
  processes.exec(exec(key(11, 11), key(10, 10)));
  processes.exec(exec(key(12, 12), key(1, 1)));
  processes.exec(exec(key(13, 13), key(1, 1)));
  processes.exit(key(10, 10), 20n);
  processes.exit(key(12, 12), 21n);

  const present = () => [10, 11, 12, 13, 14, 15, 16, 17].filter((pid) => processes.peek(key(pid, pid)) !== undefined);
  processes.exec(exec(key(14, 30), key(1, 1)));
  assert.deepEqual([processes.counts.evictedDead, processes.counts.evictedParents], [1, 0]);
  assert.deepEqual(present(), [10, 11, 13]);
  processes.exec(exec(key(15, 31), key(1, 1)));
  assert.equal(processes.counts.evictedParents, 1);
  assert.deepEqual(present(), [11, 13]);
  processes.find(key(11, 11));
  processes.exec(exec(key(16, 32), key(1, 1)));
  assert.equal(processes.counts.evictedLive, 1);
  assert.deepEqual(present(), [11]);
  assert.equal(processes.size, 4);
});

/** The same, with nothing but a list. */
class Model {
  readonly images = new Map<string, { binary: string; parent: string | undefined }>();

  exec(own: ProcessKey, parent: ProcessKey, binary: string): void {
    this.images.set(name(own), { binary, parent: name(parent) });
  }

  fork(own: ProcessKey, parent: ProcessKey): void {
    const image = this.images.get(name(parent));
    this.images.set(name(own), { binary: image?.binary ?? '', parent: name(parent) });
  }
}

function name({ pid, startNs }: ProcessKey): string {
  return `${pid}@${startNs}`;
}

test('property: a table with room agrees with a list of everything', () => {
  const seed = Date.now() % 1_000_000;
  console.log(`seed ${seed}`);
  let state = seed;
  const below = (limit: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >> 8) % limit;
  };
  const processes = table({ capacity: 5000, deadKeepNs: 1_000_000n });
  const model = new Model();
  const init = key(1, 1);
  processes.exec(exec(init, key(0, 0), '/init'));
  model.exec(init, key(0, 0), '/init');
  const live = [init];
  let now = 10;
  for (let step = 0; step < 4000; step++) {
    now += 1 + below(3);
    const index = below(live.length);
    const actor = live[index] ?? init;
    const dice = below(10);
    if (dice < 4) {
      // A few pids only, so that they are reused: by a free one, as the kernel does.
      const free = [...Array(60).keys()].map((each) => each + 2).find((pid) => live.every((each) => each.pid !== pid));
      if (free === undefined) continue;
      const child = key(free, now);
      processes.fork(fork(child, actor));
      model.fork(child, actor);
      live.push(child);
    } else if (dice < 7) {
      const image = key(actor.pid, now);
      processes.exec(exec(image, actor, `/bin/${step}`));
      model.exec(image, actor, `/bin/${step}`);
      live[index] = image;
    } else if (dice < 9 && actor !== live[0]) {
      processes.exit(actor, BigInt(now));
      live.splice(index, 1);
    } else {
      const found = processes.find(actor);
      const expected = model.images.get(name(actor));
      assert.equal(found.binary.text, expected?.binary, `seed ${seed} step ${step} ${name(actor)}`);
      const parent = processes.parentOf(found);
      if (parent !== undefined && found.parent !== undefined && found.parent.pid !== 0) {
        assert.equal(
          parent.binary.text,
          model.images.get(name(found.parent))?.binary,
          `seed ${seed} step ${step} parent`,
        );
      }
    }
  }
  assert.deepEqual(processes.counts, { unknown: 0, exitsMissed: 0, evictedDead: 0, evictedParents: 0, evictedLive: 0 });
  assert.equal(processes.size, model.images.size);
});

test('property: whatever happens, the table stays within its capacity and keeps the live before the dead', () => {
  const seed = Date.now() % 1_000_000;
  console.log(`seed ${seed}`);
  let state = seed;
  const below = (limit: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >> 8) % limit;
  };
  const processes = table({ capacity: 50, deadKeepNs: 200n });
  for (let step = 1; step <= 20_000; step++) {
    const own = key(2 + below(100), step - below(20));
    const other = key(2 + below(100), step - below(40));
    const act = below(4);
    if (act === 0) processes.exec(exec(own, other));
    else if (act === 1) processes.fork(fork(own, other));
    else if (act === 2) processes.exit(own, BigInt(step));
    else processes.parentOf(processes.find(own));
    assert.ok(processes.size <= 50, `seed ${seed} step ${step}`);
  }
  const { evictedDead, evictedParents, evictedLive } = processes.counts;
  assert.ok(evictedDead + evictedParents + evictedLive > 0);
});
