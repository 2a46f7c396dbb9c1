/** What is in the maps while workloads and policies come and go, and when another agent takes over. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bound, scopesLayout, workloadFlag, workloadLayout, workloadPlace } from '#abi';
import type { WorkloadScope } from '#compiler';
import { parsePolicies } from '#policy';
import { known } from '#std';
import { type WorkloadEntry, type WorkloadMaps, WorkloadTable } from './workload-table.ts';

/** Maps in memory, read as programs read them. */
class FakeMaps implements WorkloadMaps {
  readonly memory = new ArrayBuffer(bound.workloadMax * workloadLayout.bytes);
  readonly #indexes = new Map<bigint, number>();
  readonly #view = new DataView(this.memory);
  readonly index = {
    update: (key: Uint8Array, value: Uint8Array) => {
      const id = idOf(key);
      assert.ok(!this.#indexes.has(id), 'the index of a cgroup does not change');
      this.#indexes.set(id, Buffer.from(value).readUInt32LE());
    },
    delete: (key: Uint8Array) => this.#indexes.delete(idOf(key)),
    lookup: (key: Uint8Array) => new Uint8Array(Uint32Array.of(known(this.#indexes.get(idOf(key)), 'index')).buffer),
    keys: () => [...this.#indexes.keys()].map((id) => new Uint8Array(BigUint64Array.of(id).buffer)).values(),
  };

  /** The bits that count for a cgroup, and its flags; what is not listed is the host. */
  seen(id: bigint): { readonly bits: readonly number[]; readonly flags: number } {
    const at = (this.#indexes.get(id) ?? 0) * workloadLayout.bytes;
    const state = this.#view.getUint32(at + workloadLayout.state, true);
    const words = at + workloadLayout.scopes + (state & workloadFlag.second ? scopesLayout.bytes : 0);
    const isSet = (bit: number) => (this.#view.getUint32(words + 4 * (bit >> 5), true) >>> (bit & 31)) & 1;
    const bits = Array.from({ length: bound.scopeMax }, (_, bit) => bit).filter((bit) => isSet(bit) === 1);
    return { bits, flags: state & ~workloadFlag.second };
  }

  indexOf(id: bigint): number | undefined {
    return this.#indexes.get(id);
  }
}

function idOf(key: Uint8Array): bigint {
  return Buffer.from(key).readBigUInt64LE();
}

function scope(bit: number, selector: string): WorkloadScope {
  const text = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: test}
spec:
  ${selector}
  lsmhooks: [{hook: file_open}]
`;
  return {
    bit,
    key: selector,
    selector: known(parsePolicies(text, 'policy.yaml').policies[0]?.scope, 'scope'),
  };
}

const host = scope(0, 'hostSelector: {}');
const pods = scope(63, 'podSelector: {}');
const web = scope(64, 'podSelector: {matchLabels: {app: web}}');
const shop = scope(511, 'podSelector: {matchLabels: {app: shop}}');

function container(app: string): WorkloadEntry {
  const subject = { namespace: 'test', podLabels: { app }, containerName: 'main', imageRepo: 'image' };
  return { kind: 'container', subject };
}

test('each cgroup has the bits of the scopes that select it', () => {
  const maps = new FakeMaps();
  const table = new WorkloadTable(maps);
  table.add([host, web]);
  assert.ok(table.set(10n, container('web')));
  assert.ok(table.set(11n, container('shop')));
  assert.ok(table.set(12n, { kind: 'host' }));
  assert.ok(table.set(13n, { kind: 'pending', holdExec: false }));
  assert.ok(table.set(14n, { kind: 'pending', holdExec: true }));
  table.add([pods, shop]);
  assert.deepEqual(maps.seen(10n), { bits: [63, 64], flags: 0 });
  assert.deepEqual(maps.seen(11n), { bits: [63, 511], flags: 0 });
  assert.deepEqual(maps.seen(12n), { bits: [0], flags: 0 });
  assert.deepEqual(maps.seen(13n), { bits: [63], flags: workloadFlag.pending });
  assert.deepEqual(maps.seen(14n), { bits: [63], flags: workloadFlag.pending | workloadFlag.hold });
  assert.deepEqual(maps.seen(99n), { bits: [0], flags: 0 });
});

test('of a cgroup that can not be read nobody can tell', () => {
  const maps = new FakeMaps();
  new WorkloadTable(maps);
  const words = new BigUint64Array(maps.memory, workloadPlace.unreadable * workloadLayout.bytes);
  const unknown = (workloadLayout.scopes + scopesLayout.unknown) / 8;
  assert.deepEqual([words[unknown], words[unknown + scopesLayout.bytes / 8]], [1n, 1n]);
});

test('what changes keeps its place, and is something else at once', () => {
  const maps = new FakeMaps();
  const table = new WorkloadTable(maps);
  table.add([host, pods, web, shop]);
  table.set(10n, { kind: 'pending', holdExec: true });
  for (const app of ['web', 'shop', 'web']) {
    table.set(10n, container(app));
    assert.deepEqual(maps.seen(10n), { bits: [63, app === 'web' ? 64 : 511], flags: 0 });
  }
  table.delete(10n);
  table.delete(10n);
  assert.deepEqual(maps.seen(10n).bits, [0]);
  assert.deepEqual(table.counts(), { entries: 0, refused: 0 });
});

test('a bit that stands for another scope selects what that one does', () => {
  const maps = new FakeMaps();
  const table = new WorkloadTable(maps);
  table.add([web]);
  table.set(10n, container('web'));
  table.set(11n, container('shop'));
  table.keep([]);
  table.add([{ ...shop, bit: web.bit }]);
  assert.deepEqual([maps.seen(10n).bits, maps.seen(11n).bits], [[], [64]]);
  assert.deepEqual([...table.bits], [[shop.key, 64]]);
});

test('what there is no room for is refused and counted, and a place is used again as late as possible', () => {
  const maps = new FakeMaps();
  const table = new WorkloadTable(maps);
  for (let id = 1n; id < BigInt(bound.workloadMax) - 1n; id += 1n) assert.ok(table.set(id, { kind: 'host' }));
  assert.equal(table.set(99_999n, container('web')), false);
  assert.deepEqual(table.counts(), { entries: bound.workloadMax - 2, refused: 1 });
  assert.ok(table.set(7n, container('web')), 'what is there can change');
  for (const id of [7n, 8n]) table.delete(id);
  table.set(99_999n, container('web'));
  table.set(99_998n, container('web'));
  assert.deepEqual([maps.indexOf(99_999n), maps.indexOf(99_998n)], [8, 9]);
});

test('another agent goes on with what is there, and what it does not know stays as it was', () => {
  const maps = new FakeMaps();
  const before = new WorkloadTable(maps);
  before.add([host, pods, web, shop]);
  before.set(10n, container('web'));
  before.set(11n, container('shop'));
  before.set(12n, { kind: 'pending', holdExec: true });

  const table = new WorkloadTable(maps);
  // of the other scopes nobody knows what they were, and programs ask for them
  table.restore([web]);
  assert.deepEqual([...table.cgroupIds], [10n, 11n, 12n]);
  assert.deepEqual(
    [...table.bits.values()].toSorted((a, b) => a - b),
    [0, 63, 64, 511],
  );
  table.set(10n, container('web'));
  assert.deepEqual(maps.seen(10n), { bits: [63, 64], flags: 0 });
  table.set(11n, container('web'));
  assert.deepEqual(maps.seen(11n), { bits: [63, 64, 511], flags: 0 });
  // new ones select what is known, and of what is not known nothing
  table.add([
    { ...shop, bit: 5 },
    { ...pods, bit: 6 },
  ]);
  assert.deepEqual(maps.seen(11n).bits, [6, 63, 64, 511]);
  assert.deepEqual(maps.seen(12n), { bits: [6, 63], flags: workloadFlag.pending | workloadFlag.hold });
  // nobody asks for the older ones any more
  table.keep([web, { ...shop, bit: 5 }]);
  table.set(11n, container('shop'));
  assert.deepEqual(maps.seen(11n), { bits: [5], flags: 0 });
  assert.deepEqual([...table.bits.values()], [64, 5]);
});

test('what an earlier agent made of the host stays, too', () => {
  const maps = new FakeMaps();
  new WorkloadTable(maps).add([host]);
  const table = new WorkloadTable(maps);
  table.restore([]);
  assert.deepEqual([...table.bits.values()], [host.bit]);
  table.keep([]);
  assert.deepEqual([...table.bits.values()], []);
});

test('what an earlier agent listed is found by its id, and its place is not given to others', () => {
  const maps = new FakeMaps();
  new WorkloadTable(maps).set(10n, container('web'));
  const table = new WorkloadTable(maps);
  table.set(11n, container('web'));
  assert.notEqual(maps.indexOf(10n), maps.indexOf(11n));
  table.delete(10n);
  assert.deepEqual([...table.cgroupIds], [11n]);
});
