/** What is in the maps while lists come and go; bits stay with their lists. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FollowList } from '#compiler';
import { binaryMembers, FollowLists, pidMembers } from './follow-lists.ts';

const encoder = new TextEncoder();
const shells: FollowList = {
  ...{ kind: 'binaries', bit: 0, key: 'shells' },
  paths: ['/bin/sh', '/bin/bash'].map((path) => encoder.encode(path)),
};
const bash: FollowList = { kind: 'binaries', bit: 5, key: 'bash', paths: [encoder.encode('/bin/bash')] };
const first: FollowList = { kind: 'pids', bit: 1, key: 'first', pids: [1, 2], inNamespace: false };
const inner: FollowList = { kind: 'pids', bit: 63, key: 'inner', pids: [1], inNamespace: true };

test('a binary of two lists has the bits of both, and its key ends with the NUL', () => {
  const members = binaryMembers([shells, bash, first]);
  assert.deepEqual([...members.values()], [0b1n, 0b100001n]);
  const key = Buffer.from([...members.keys()][1] ?? '', 'hex');
  assert.deepEqual([key.length, key.readUInt32LE(0)], [260, 8 * 10]);
  assert.equal(key.toString('latin1', 4, 16), '/bin/bash\0\0\0');
});

test('a pid of the host and one of a namespace are two', () => {
  const members = pidMembers([shells, first, inner]);
  assert.deepEqual(
    [...members],
    [
      ['0100000000000000', 0b10n],
      ['0200000000000000', 0b10n],
      ['0100000001000000', 1n << 63n],
    ],
  );
});

/** A map in memory, by the key as hexadecimal digits. */
function fakeMap(maxEntries = 10) {
  const entries = new Map<string, bigint>();
  const name = (key: Uint8Array) => Buffer.from(key).toString('hex');
  return {
    entries,
    maxEntries,
    update: (key: Uint8Array, value: Uint8Array) => void entries.set(name(key), Buffer.from(value).readBigUInt64LE()),
    delete: (key: Uint8Array) => entries.delete(name(key)),
    keys: () => Array.from(entries.keys(), (key) => Uint8Array.from(Buffer.from(key, 'hex'))).values(),
  };
}

test('what an earlier agent left becomes what its lists were, and nothing is stale', () => {
  const [binaries, pids] = [fakeMap(), fakeMap()];
  const maps = { binaries, pids, classifyAnew: () => assert.fail('nothing is new') };
  new FollowLists({ ...maps, classifyAnew: () => undefined }).add([shells, bash, first]);
  const later = new FollowLists(maps);
  later.restore([bash, inner]);
  assert.deepEqual([...binaries.entries.values()], [1n << 5n]);
  assert.deepEqual([...pids.entries.values()], [1n << 63n]);
  assert.deepEqual(
    [...later.bits],
    [
      ['bash', 5],
      ['inner', 63],
    ],
  );
  later.add([bash, inner]);
});

test('lists come before their programs and go after them; only a new one makes processes stale', () => {
  const [binaries, pids] = [fakeMap(), fakeMap()];
  let generations = 0;
  const added: number[] = [];
  const follow = new FollowLists({
    ...{ binaries, pids },
    classifyAnew: (bits) => {
      generations += 1;
      added.push(...bits);
    },
  });
  follow.add([shells, first]);
  follow.keep([shells, first]);
  assert.deepEqual(
    [...follow.bits],
    [
      ['shells', 0],
      ['first', 1],
    ],
  );
  assert.deepEqual([binaries.entries, pids.entries], [binaryMembers([shells]), pidMembers([first])]);

  follow.add([bash, first]);
  assert.deepEqual(binaries.entries, binaryMembers([shells, bash]), 'those of the programs before are still there');
  follow.keep([bash, first]);
  assert.deepEqual([binaries.entries, pids.entries], [binaryMembers([bash]), pidMembers([first])]);
  assert.deepEqual([...follow.bits.keys()].toSorted(), ['bash', 'first']);

  follow.add([first]);
  follow.keep([]);
  assert.deepEqual([binaries.entries.size, pids.entries.size, generations], [0, 0, 2]);
  assert.deepEqual(added, [0, 1, 5], 'of a list that was there nobody loses the bit');
});

test('more members than there is room for', () => {
  const follow = new FollowLists({ binaries: fakeMap(2), pids: fakeMap(2), classifyAnew: () => undefined });
  follow.add([shells]);
  assert.deepEqual(follow.check([bash, first]), []);
  assert.deepEqual(
    follow.check([first, inner]).map((each) => each.message),
    ['the loaded policies follow the descendants of more than 2 process ids'],
  );
});
