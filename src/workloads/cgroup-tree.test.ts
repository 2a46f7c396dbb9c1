import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CgroupPlace } from './cgroup-layout.ts';
import { CgroupTree } from './cgroup-tree.ts';

const ID = '0123456789abcdef'.repeat(4);
const UID = '12345678-9abc-4def-8123-456789abcdef';
const POD = `/kubepods/burstable/pod${UID}`;

const made: string[] = [];
after(() => {
  for (const each of made) rmSync(each, { recursive: true, force: true });
});

/** A directory tree in the place of a hierarchy: the same calls, and the same notifications. */
function setUp(limits: { watchesMax?: number; cgroupsMax?: number } = {}) {
  const mount = mkdtempSync(join(tmpdir(), 'ringfence-cgroups-'));
  made.push(mount);
  const known = new Map<bigint, CgroupPlace>();
  const sink = {
    appeared: (cgroupId: bigint, place: CgroupPlace) => void known.set(cgroupId, place),
    gone: (cgroupId: bigint) => void known.delete(cgroupId),
  };
  const tree = new CgroupTree({ mount, sink, ...limits });
  const make = (path: string) => mkdirSync(join(mount, path), { recursive: true });
  const kinds = () => [...known.values()].map(({ kind }) => kind).toSorted();
  return { mount, known, tree, make, kinds };
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !isSo(); tries += 1) await sleep(20);
}

describe('the cgroup tree', () => {
  test('what is there is found, by the number of its directory', () => {
    const { mount, known, tree, make } = setUp();
    using _tree = tree;
    make(`${POD}/${ID}/nested/${ID}`);
    make(`system.slice/docker-${ID}.scope`);
    make(`user.slice/docker-${ID}.scope`);
    tree.scan();
    const ino = (path: string) => statSync(join(mount, path), { bigint: true }).ino;
    assert.equal(known.get(ino(POD))?.kind, 'pod');
    assert.equal(known.get(ino(`${POD}/${ID}`))?.kind, 'container');
    assert.equal(known.get(ino(`system.slice/docker-${ID}.scope`))?.kind, 'container');
    assert.equal(known.has(ino(`${POD}/${ID}/nested`)), false);
    assert.equal(known.has(ino('user.slice')), false);
    assert.equal(tree.idOf(POD), ino(POD));
    assert.equal(tree.idOf('/nowhere'), undefined);
  });

  test('what comes and goes is noticed, the place of all pods too', async () => {
    const { mount, tree, make, kinds } = setUp();
    using _tree = tree;
    tree.scan();
    make(`${POD}/${ID}`);
    await until(() => kinds().includes('container'));
    assert.deepEqual(kinds(), ['container', 'pod', 'pods', 'pods']);
    rmdirSync(join(mount, `${POD}/${ID}`));
    await until(() => !kinds().includes('container'));
    assert.deepEqual(kinds(), ['pod', 'pods', 'pods']);
    rmSync(join(mount, 'kubepods'), { recursive: true });
    await until(() => kinds().length === 0);
    assert.deepEqual(kinds(), []);
    assert.equal(tree.counts.cgroups, 0);
  });

  test('one that takes the name of another is another', () => {
    const { mount, known, tree, make, kinds } = setUp();
    using _tree = tree;
    make(`${POD}/${ID}`);
    tree.scan();
    const before = [...known.keys()];
    rmdirSync(join(mount, `${POD}/${ID}`));
    make('keeps-the-number');
    make(`${POD}/${ID}`);
    tree.scan();
    assert.deepEqual(kinds(), ['container', 'pod', 'pods', 'pods']);
    assert.notDeepEqual([...known.keys()], before);
  });

  test('what may not be watched is found by looking again', () => {
    const { tree, make, kinds } = setUp({ watchesMax: 1 });
    using _tree = tree;
    make(POD);
    tree.scan();
    assert.equal(tree.counts.unwatched, 3);
    make(`${POD}/${ID}`);
    tree.scan();
    assert.ok(kinds().includes('container'));
  });

  test('what is too many is refused and counted', () => {
    const { tree, make, kinds } = setUp({ cgroupsMax: 3 });
    using _tree = tree;
    make(`${POD}/${ID}`);
    tree.scan();
    assert.deepEqual(kinds(), ['pod', 'pods', 'pods']);
    assert.equal(tree.counts.refused, 1);
  });
});
