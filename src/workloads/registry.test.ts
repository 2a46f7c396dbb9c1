import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EnvironmentError } from '#diagnostics';
import type { ContainerFacts, Pod } from '#process';
import { type ContainerClaim, claimOf } from './claim.ts';
import { WorkloadRegistry } from './registry.ts';
import type { CgroupEntry, CgroupTable } from './table.ts';

class FakeTable implements CgroupTable {
  readonly entries = new Map<bigint, CgroupEntry>();
  sets = 0;
  max = Number.POSITIVE_INFINITY;

  get cgroupIds(): readonly bigint[] {
    return [...this.entries.keys()];
  }

  set(cgroupId: bigint, entry: CgroupEntry): boolean {
    this.sets += 1;
    if (!this.entries.has(cgroupId) && this.entries.size >= this.max) return false;
    this.entries.set(cgroupId, entry);
    return true;
  }

  delete(cgroupId: bigint): void {
    this.entries.delete(cgroupId);
  }
}

const POD_CGROUP = 100n;
const CGROUP = 200n;
const PENDING: CgroupEntry = { kind: 'pending', holdExec: false };
const HELD: CgroupEntry = { kind: 'pending', holdExec: true };

const factsOf = (id: string, name = 'app'): ContainerFacts => ({
  ...{ id, name, image: { id: 'sha256:1', name: 'registry:5000/team/app:1.2' } },
  ...{ startedNs: 5n, privileged: false },
});
const podOf = (containers: readonly ContainerFacts[], more: Partial<Pod> = {}): Pod => ({
  ...{ uid: 'uid', namespace: 'shop', name: 'web-1', labels: { app: 'web' }, annotations: {} },
  ...{ workload: { kind: 'Deployment', name: 'web' }, hostNetwork: false, containers },
  ...more,
});
const subject = {
  namespace: 'shop',
  podLabels: { app: 'web' },
  containerName: 'app',
  imageRepo: 'registry:5000/team/app',
};
const claimed = (more: Record<string, string> = {}): ContainerClaim =>
  claimOf('id', {
    'io.kubernetes.cri.container-type': 'container',
    'io.kubernetes.cri.sandbox-uid': 'uid',
    'io.kubernetes.cri.sandbox-namespace': 'shop',
    'io.kubernetes.cri.sandbox-name': 'web-1',
    'io.kubernetes.cri.container-name': 'app',
    'io.kubernetes.cri.image-name': 'registry:5000/team/app:1.2',
    ...more,
  });
const place = (id = 'id', podUid: string | undefined = 'uid') => ({
  ...({ kind: 'container', id, podUid, runtime: undefined, path: '' } as const),
});
const podPlace = { kind: 'pod', podUid: 'uid', path: '' } as const;

function setUp(options: { podsFrom?: 'kubernetes' | 'runtime'; containersMax?: number; podsMax?: number } = {}) {
  const table = new FakeTable();
  const registry = new WorkloadRegistry({ table, podsFrom: 'kubernetes', departedMax: 2, ...options });
  return { table, registry };
}

type Setting = ReturnType<typeof setUp>;

const steps: Readonly<Record<string, (setting: Setting) => void>> = {
  'the pod': ({ registry }) => registry.podChanged(podOf([])),
  'the status of the container': ({ registry }) => registry.podChanged(podOf([factsOf('id')])),
  'the cgroup of the pod': ({ registry }) => registry.cgroupAppeared(POD_CGROUP, podPlace),
  'the cgroup of the container': ({ registry }) => registry.cgroupAppeared(CGROUP, place()),
  'the hook': ({ registry }) => registry.claimed(claimed(), { cgroupId: CGROUP, podUid: 'uid' }),
};

function permutations<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  if (items.length === 0) return [[]];
  return items.flatMap((first, at) => permutations(items.toSpliced(at, 1)).map((rest) => [first, ...rest]));
}

describe('whatever comes first', () => {
  const orders = permutations(Object.keys(steps));
  test(`it is the same in the end, in ${orders.length} orders`, () => {
    for (const order of orders) {
      // Kubernetes does not take back what it told
      if (order.indexOf('the pod') > order.indexOf('the status of the container')) continue;
      const setting = setUp();
      for (const name of order) steps[name]?.(setting);
      const { table, registry } = setting;
      const expected: ReadonlyMap<bigint, CgroupEntry> = new Map<bigint, CgroupEntry>([
        [POD_CGROUP, PENDING],
        [CGROUP, { kind: 'container', subject }],
      ]);
      assert.deepEqual(new Map([...table.entries].toSorted()), expected, order.join(', '));
      assert.equal(registry.find(CGROUP)?.pod?.name, 'web-1');
      assert.equal(registry.find(CGROUP)?.container.startedNs, 5n);
      assert.equal(registry.counts.pending, 0);
    }
  });

  test('the hook is enough to name a container whose pod is known, and the pod to have it selected', () => {
    const { table, registry } = setUp();
    registry.claimed(claimed(), { cgroupId: CGROUP, podUid: 'uid' });
    assert.deepEqual(table.entries.get(CGROUP), PENDING);
    assert.equal(registry.find(CGROUP)?.pod?.name, 'web-1', 'events need not wait for Kubernetes');
    assert.equal(registry.counts.pending, 1);
    registry.podChanged(podOf([]));
    assert.deepEqual(table.entries.get(CGROUP), { kind: 'container', subject });
    assert.equal(registry.counts.pending, 0);
  });

  test('labels that the runtime told at the start do until Kubernetes tells, and are not lost', () => {
    const { table, registry } = setUp();
    const at = { cgroupId: CGROUP, podUid: 'uid' };
    registry.claimed({ ...claimed(), podLabels: { app: 'early' } }, at);
    registry.claimed(claimed(), at);
    assert.deepEqual(table.entries.get(CGROUP), {
      kind: 'container',
      subject: { ...subject, podLabels: { app: 'early' } },
    });
    registry.podChanged(podOf([]));
    assert.deepEqual(table.entries.get(CGROUP), { kind: 'container', subject });
  });

  test('without Kubernetes the runtime is believed', () => {
    const { table, registry } = setUp({ podsFrom: 'runtime' });
    registry.claimed(claimed(), { cgroupId: CGROUP, podUid: 'uid' });
    assert.deepEqual(table.entries.get(CGROUP), { kind: 'container', subject: { ...subject, podLabels: {} } });
  });
});

describe('how long policies could not select a container', () => {
  function measured() {
    const gaps: (readonly [isMeasured: boolean, announced: boolean])[] = [];
    const onKnown = (ms: number, { announced }: { readonly announced: boolean }) => gaps.push([ms > 0, announced]);
    const registry = new WorkloadRegistry({ table: new FakeTable(), podsFrom: 'kubernetes', onKnown });
    return { registry, gaps };
  }

  test('is told once, when they can', () => {
    const { registry, gaps } = measured();
    registry.cgroupAppeared(CGROUP, place());
    assert.deepEqual(gaps, []);
    registry.podChanged(podOf([factsOf('id')]));
    registry.podChanged(podOf([factsOf('id')], { labels: { app: 'shop' } }));
    assert.deepEqual(gaps, [[true, false]]);
  });

  test('is nothing where the pod was known first', () => {
    const { registry, gaps } = measured();
    registry.podChanged(podOf([factsOf('id')]));
    registry.cgroupAppeared(CGROUP, place());
    assert.deepEqual(gaps, [[false, false]]);
  });

  test('matters less where the runtime waits for it', () => {
    const { registry, gaps } = measured();
    registry.cgroupAppeared(CGROUP, place());
    registry.claimed(claimed(), { cgroupId: CGROUP, podUid: 'uid', announced: true });
    registry.podChanged(podOf([]));
    assert.deepEqual(gaps, [[true, true]]);
  });

  test('is nothing where an earlier agent knew it', () => {
    const gaps: number[] = [];
    const table = new FakeTable();
    table.entries.set(CGROUP, { kind: 'container', subject });
    const registry = new WorkloadRegistry({ table, podsFrom: 'kubernetes', onKnown: (ms) => gaps.push(ms) });
    registry.cgroupAppeared(CGROUP, place());
    registry.podChanged(podOf([factsOf('id')]));
    assert.deepEqual(gaps, [0]);
  });
});

describe('changes', () => {
  test('labels count at once, and what did not change is not written again', () => {
    const { table, registry } = setUp();
    registry.podChanged(podOf([factsOf('id')]));
    registry.cgroupAppeared(CGROUP, place());
    const sets: number = table.sets;
    registry.podChanged(podOf([factsOf('id')], { labels: { app: 'web' } }));
    assert.equal(table.sets, sets);
    registry.podChanged(podOf([factsOf('id')], { labels: { app: 'db' } }));
    assert.deepEqual(table.entries.get(CGROUP), {
      kind: 'container',
      subject: { ...subject, podLabels: { app: 'db' } },
    });
    assert.equal(table.sets, sets + 1);
  });

  test('a container that has gone is found for a while, and not in the table', () => {
    const { table, registry } = setUp();
    for (const each of [1n, 2n, 3n]) {
      registry.podChanged(podOf([factsOf(`id${each}`)]));
      registry.cgroupAppeared(each, place(`id${each}`));
      registry.cgroupGone(each);
    }
    assert.equal(table.entries.size, 0);
    assert.equal(registry.find(1n), undefined, 'two are kept');
    assert.equal(registry.find(2n)?.container.id, 'id2');
    assert.equal(registry.find(3n)?.container.id, 'id3');
  });

  test('a pod that is deleted and still runs stays what it was', () => {
    const { table, registry } = setUp();
    registry.podChanged(podOf([factsOf('id')]));
    registry.cgroupAppeared(POD_CGROUP, podPlace);
    registry.cgroupAppeared(CGROUP, place());
    registry.podGone('uid');
    assert.deepEqual(table.entries.get(CGROUP), { kind: 'container', subject });
    registry.cgroupGone(CGROUP);
    registry.cgroupGone(POD_CGROUP);
    assert.equal(table.entries.size, 0);
    assert.deepEqual([registry.counts.pods, registry.counts.containers], [0, 0]);
  });

  test('a static pod has another uid on the node than in the API', () => {
    const { table, registry } = setUp();
    const annotations = { 'kubernetes.io/config.mirror': 'digest' };
    registry.cgroupAppeared(CGROUP, place('id', 'digest'));
    registry.podChanged(podOf([factsOf('id')], { uid: 'api', annotations }));
    assert.deepEqual(table.entries.get(CGROUP), { kind: 'container', subject });
    registry.podGone('other');
    registry.cgroupGone(CGROUP);
    registry.podGone('api');
    assert.equal(registry.counts.pods, 0);
  });

  test('the container that holds a pod together is of the pod, and has no name', () => {
    const { table, registry } = setUp();
    registry.podChanged(podOf([]));
    const sandbox = claimed({ 'io.kubernetes.cri.container-type': 'sandbox' });
    registry.claimed(sandbox, { cgroupId: CGROUP, podUid: 'uid' });
    const expected = { ...subject, containerName: '' };
    assert.deepEqual(table.entries.get(CGROUP), { kind: 'container', subject: expected });
  });

  test('where it runs decides whose container it is, not what its annotations say', () => {
    const { table, registry } = setUp();
    registry.podChanged(podOf([], { uid: 'other', namespace: 'bank', name: 'vault' }));
    registry.claimed(claimed({ 'io.kubernetes.cri.sandbox-uid': 'other' }), { cgroupId: CGROUP, podUid: 'uid' });
    assert.deepEqual(table.entries.get(CGROUP), PENDING);
    assert.equal(registry.counts.contradictions, 1);
    registry.podChanged(podOf([factsOf('id', 'true-name')]));
    assert.deepEqual(table.entries.get(CGROUP), {
      kind: 'container',
      subject: { ...subject, containerName: 'true-name' },
    });
  });

  test('what no pod has is the host, and told of by its id', () => {
    const { table, registry } = setUp();
    registry.cgroupAppeared(CGROUP, { ...place(), podUid: undefined });
    registry.cgroupAppeared(300n, { kind: 'host' });
    assert.equal(table.entries.size, 0);
    assert.deepEqual(registry.find(CGROUP)?.container.id, 'id');
    assert.equal(registry.find(CGROUP)?.pod, undefined);
    registry.cgroupAppeared(400n, { kind: 'monitor', path: '' });
    assert.deepEqual(table.entries.get(400n), { kind: 'host' });
  });
});

describe('fail closed', () => {
  test('a namespace holds execs back in its pods until their containers are known', () => {
    const { table, registry } = setUp();
    registry.podChanged(podOf([]));
    registry.cgroupAppeared(POD_CGROUP, podPlace);
    registry.cgroupAppeared(CGROUP, place());
    assert.deepEqual([table.entries.get(POD_CGROUP), table.entries.get(CGROUP)], [PENDING, PENDING]);
    registry.setFailClosed(new Set(['shop']));
    assert.deepEqual([table.entries.get(POD_CGROUP), table.entries.get(CGROUP)], [HELD, HELD]);
    registry.podChanged(podOf([factsOf('id')]));
    assert.deepEqual(table.entries.get(CGROUP), { kind: 'container', subject });
    registry.setFailClosed(new Set());
    assert.deepEqual(table.entries.get(POD_CGROUP), PENDING);
  });

  test('pods that nobody told of can be held as well', () => {
    const table = new FakeTable();
    const registry = new WorkloadRegistry({ table, podsFrom: 'kubernetes', holdUnknownPods: true });
    registry.cgroupAppeared(1n, { kind: 'pods', path: '' });
    registry.cgroupAppeared(POD_CGROUP, podPlace);
    assert.deepEqual([table.entries.get(1n), table.entries.get(POD_CGROUP)], [HELD, HELD]);
    registry.podChanged(podOf([]));
    assert.deepEqual([table.entries.get(1n), table.entries.get(POD_CGROUP)], [HELD, PENDING]);
  });
});

describe('waiting', () => {
  test('a hook waits until the pod is known', async () => {
    const { registry } = setUp();
    registry.claimed(claimed(), { cgroupId: CGROUP, podUid: 'uid' });
    const settled = registry.settled('id', AbortSignal.timeout(60_000));
    registry.podChanged(podOf([]));
    assert.equal(await settled, true);
  });

  test('and no longer than it said', async () => {
    const { registry } = setUp();
    registry.claimed(claimed(), { cgroupId: CGROUP, podUid: 'uid' });
    const abort = new AbortController();
    const settled = registry.settled('id', abort.signal);
    abort.abort();
    assert.equal(await settled, false);
    assert.equal(await registry.settled('nobody', abort.signal), false);
  });

  test('what the table has no room for is not registered', async () => {
    const { table, registry } = setUp();
    table.max = 0;
    registry.podChanged(podOf([factsOf('id')]));
    registry.cgroupAppeared(CGROUP, place());
    assert.equal(await registry.settled('id', AbortSignal.abort()), false);
    assert.equal(registry.counts.notWritten, 1);
    table.max = 1;
    registry.podChanged(podOf([factsOf('id')], { labels: { app: 'web', more: 'x' } }));
    assert.equal(await registry.settled('id', AbortSignal.abort()), true);
  });

  test('what the kernel refuses is no end of the agent', async () => {
    const { table, registry } = setUp();
    table.set = () => {
      throw new EnvironmentError('RF3002', { call: 'bpf_map_update_elem', errno: 'ENOMEM' });
    };
    registry.podChanged(podOf([factsOf('id')]));
    registry.cgroupAppeared(CGROUP, place());
    assert.equal(await registry.settled('id', AbortSignal.abort()), false);
    assert.equal(registry.counts.notWritten, 1);
    assert.equal(registry.find(CGROUP)?.pod?.name, 'web-1', 'events know it all the same');
  });
});

describe('after an earlier agent', () => {
  test('what it knew is in force until more is known', () => {
    const table = new FakeTable();
    const before: CgroupEntry = { kind: 'container', subject: { ...subject, containerName: 'before' } };
    for (const each of [CGROUP, 300n, POD_CGROUP]) table.entries.set(each, before);
    const registry = new WorkloadRegistry({ table, podsFrom: 'kubernetes' });
    registry.cgroupAppeared(POD_CGROUP, podPlace);
    registry.cgroupAppeared(CGROUP, place());
    registry.cgroupsListed();
    assert.deepEqual(table.entries.get(CGROUP), before);
    assert.deepEqual(table.entries.get(POD_CGROUP), PENDING, 'of a pod nothing is inherited');
    assert.equal(table.entries.has(300n), false, 'it has gone');
    registry.podChanged(podOf([factsOf('id')]));
    assert.deepEqual(table.entries.get(CGROUP), { kind: 'container', subject });
  });
});

describe('bounds', () => {
  test('a pod of 300 containers is written once for each', () => {
    const { table, registry } = setUp();
    const containers = Array.from({ length: 300 }, (_, index) => factsOf(`id${index}`, `c${index}`));
    registry.podChanged(podOf(containers));
    for (let index = 0; index < 300; index += 1) registry.cgroupAppeared(BigInt(1000 + index), place(`id${index}`));
    assert.equal(table.sets, 300);
    registry.podChanged(podOf(containers, { labels: { app: 'db' } }));
    assert.equal(table.sets, 600);
    registry.podChanged(podOf(containers.slice(1), { labels: { app: 'db' } }));
    assert.equal(table.sets, 601, 'it runs and is not in the status: what it is called is not known any more');
  });

  test('5,000 pods that come and go leave nothing, and write four times each', () => {
    const { table, registry } = setUp();
    for (let index = 0; index < 5000; index += 1) {
      const [uid, id] = [`uid${index}`, `id${index}`];
      const [group, cgroup] = [BigInt(index * 2 + 10), BigInt(index * 2 + 11)];
      registry.podChanged(podOf([], { uid }));
      registry.cgroupAppeared(group, { kind: 'pod', podUid: uid, path: '' });
      registry.cgroupAppeared(cgroup, place(id, uid));
      registry.podChanged(podOf([factsOf(id)], { uid }));
      registry.cgroupGone(cgroup);
      registry.podGone(uid);
      registry.cgroupGone(group);
    }
    assert.equal(table.entries.size, 0);
    assert.ok(table.sets <= 4 * 5000, `${table.sets}`);
    const { pods, containers, pending, departed } = registry.counts;
    assert.deepEqual({ pods, containers, pending, departed }, { pods: 0, containers: 0, pending: 0, departed: 2 });
  });

  test('what is too many is refused and counted', async () => {
    const { table, registry } = setUp({ containersMax: 1, podsMax: 1 });
    registry.podChanged(podOf([factsOf('id'), factsOf('second')]));
    registry.podChanged(podOf([], { uid: 'other' }));
    registry.cgroupAppeared(CGROUP, place());
    registry.cgroupAppeared(300n, place('second'));
    assert.equal(table.entries.size, 1);
    assert.deepEqual([registry.counts.containersRefused, registry.counts.podsRefused], [2, 1]);
  });

  test('a container of a pod that there is no room for is not the host', async () => {
    const { table, registry } = setUp({ podsMax: 1 });
    registry.podChanged(podOf([], { uid: 'other' }));
    registry.cgroupAppeared(CGROUP, place());
    assert.deepEqual(table.entries.get(CGROUP), PENDING);
    assert.equal(await registry.settled('id', AbortSignal.abort()), false);
  });
});
