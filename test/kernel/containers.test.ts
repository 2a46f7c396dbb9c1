/**
 * Containers of runc are known before their first process: what is asked of the kernel's table stands in it then. The
 * number of containers is RINGFENCE_CONTAINERS, as each takes the emulator half a second.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CgroupPaths } from '#kernel';
import type { Pod } from '#process';
import { type CgroupEntry, hierarchyOfNode, RuntimeHooks, Workloads } from '#workloads';
import { Containers } from './harness/index.ts';

const COUNT = Number(process.env.RINGFENCE_CONTAINERS ?? 20);

const run = mkdtempSync(join(tmpdir(), 'ringfence-run-'));
const hierarchy = hierarchyOfNode();
const paths = new CgroupPaths(hierarchy.mount);
const containers = new Containers(run);
const pods: readonly Pod[] = ['shop', 'bank'].map((namespace) => ({
  ...{ uid: randomUUID(), namespace, name: `pod-of-${namespace}`, labels: { app: namespace }, annotations: {} },
  ...{ workload: { kind: 'Deployment', name: namespace }, hostNetwork: false, containers: [] },
}));
const [shop, bank] = pods as readonly [Pod, Pod];

/** What the kernel's table would have; of each container, whether its first process had run when it came to stand there. */
class WatchedTable {
  readonly entries = new Map<bigint, CgroupEntry>();
  readonly first = new Map<bigint, { readonly entry: CgroupEntry; readonly ran: boolean }>();
  begun = '';

  get cgroupIds(): readonly bigint[] {
    return [...this.entries.keys()];
  }

  set(cgroupId: bigint, entry: CgroupEntry): boolean {
    this.entries.set(cgroupId, entry);
    if (entry.kind === 'container') {
      this.first.set(cgroupId, { entry, ran: existsSync(join(containers.out, this.begun)) });
    }
    return true;
  }

  delete(cgroupId: bigint): void {
    this.entries.delete(cgroupId);
  }
}

const table = new WatchedTable();
let workloads: Workloads;
let hooks: RuntimeHooks;

async function startAgent(): Promise<void> {
  workloads = new Workloads({ table, hierarchy, podsFrom: 'kubernetes', pathOf: (id) => paths.pathOf(id) });
  for (const pod of pods) workloads.podChanged(pod);
  hooks = await RuntimeHooks.listen({ directory: run, workloads, deadlineMs: 60_000 });
}

async function stopAgent(): Promise<void> {
  await hooks[Symbol.asyncDispose]();
  workloads[Symbol.dispose]();
}

/** The first process says where it runs, and that it has run. */
async function start(pod: Pod, more: { userNamespace?: boolean; stage?: 'createContainer'; script?: string } = {}) {
  const { script = '', ...rest } = more;
  const spec = { podUid: pod.uid, namespace: pod.namespace, name: 'app', ...rest };
  const command = (id: string) => ['sh', '-c', `echo ran > /out/${id}; cat /proc/self/cgroup; ${script}`];
  const ran = await containers.run({ ...spec, command }, (id) => {
    table.begun = id;
  });
  let cgroup: bigint | undefined;
  for (const [cgroupId] of table.first) if (workloads.find(cgroupId)?.container.id === ran.id) cgroup = cgroupId;
  return { ...ran, cgroup };
}

function checkCaught(started: Awaited<ReturnType<typeof start>>, pod: Pod): void {
  assert.equal(started.status, 0, started.output);
  assert.ok(existsSync(join(containers.out, started.id)), 'its first process ran');
  assert.ok(started.cgroup !== undefined, `it was never in the table: ${started.output}`);
  const { namespace, labels: podLabels } = pod;
  const subject = { namespace, podLabels, containerName: 'app', imageRepo: 'docker.io/library/busybox' };
  assert.deepEqual(table.first.get(started.cgroup), { entry: { kind: 'container', subject }, ran: false });
}

before(startAgent);
after(async () => {
  await stopAgent();
  await containers[Symbol.asyncDispose]();
  rmSync(run, { recursive: true });
});

describe('with the hook', () => {
  test(`the first process of a container is caught ${COUNT} times of ${COUNT}, each as one of its own pod`, async () => {
    for (let each = 0; each < COUNT; each += 1) {
      const pod = each % 2 === 0 ? shop : bank;
      checkCaught(await start(pod), pod);
    }
    assert.equal(hooks.counts.registered, COUNT);
  });

  test('and again while the agent is restarted', async () => {
    for (let each = 0; each < COUNT / 4; each += 1) {
      await stopAgent();
      const running = start(shop);
      await sleep(100 * (each % 8)); // at several points of the start of the container; the result is the same
      await startAgent();
      checkCaught(await running, shop);
    }
  });

  test('where root is nobody of the node, too', async () =>
    checkCaught(await start(shop, { userNamespace: true }), shop));

  test('and from the stage createContainer, in the cgroup namespace of the container', async () =>
    checkCaught(await start(bank, { stage: 'createContainer' }), bank));

  test('a pod that Kubernetes tells of late keeps its container waiting, not open', async () => {
    const late = { ...shop, uid: randomUUID(), labels: { app: 'late' } };
    const running = start(late);
    await sleep(300);
    workloads.podChanged(late);
    checkCaught(await running, late);
    workloads.podGone(late.uid);
  });

  test('a namespace that fails closed starts nothing of a pod that nobody knows', async () => {
    workloads.setFailClosed(new Set(['closed']));
    const refused = await start({ ...shop, uid: randomUUID(), namespace: 'closed' });
    assert.notEqual(refused.status, 0);
    assert.match(refused.output, /Kubernetes has not told of its pod/);
    assert.equal(existsSync(join(containers.out, refused.id)), false, 'its first process did not run');
    assert.equal(hooks.counts.refused, 1);
    workloads.setFailClosed(new Set());
  });
});

describe('cgroups', () => {
  test('what a container makes in its own does not count as another, whatever it is called', async () => {
    const inside = `kubepods/pod${bank.uid}/${'0'.repeat(64)}`;
    const seen = join('/sys/fs/cgroup', hierarchy.controller ?? '', inside);
    const move = `mkdir -p ${seen} && echo $$ > ${seen}/cgroup.procs && touch /out/moved`;
    const running = start(shop, {
      script: `${move}; until [ -e /out/looked ]; do sleep 0.1; done; cat /proc/self/cgroup`,
    });
    try {
      for (let tries = 0; tries < 600 && !existsSync(join(containers.out, 'moved')); tries += 1) await sleep(50);
      const path = join('kubepods/burstable', `pod${shop.uid}`, table.begun, inside);
      const nested = statSync(join(hierarchy.mount, path), { bigint: true }).ino;
      assert.equal(paths.pathOf(nested), `/${path}`);
      assert.equal(workloads.find(nested)?.container.id, table.begun);
    } finally {
      writeFileSync(join(containers.out, 'looked'), '');
    }
    const started = await running;
    checkCaught(started, shop);
    assert.ok(started.output.includes(inside), `it did move: ${started.output}`);
    const others = [...table.first.values()].filter(({ entry }) => JSON.stringify(entry).includes('0'.repeat(64)));
    assert.deepEqual(others, []);
  });

  test('when a container has gone, its cgroup leaves the table by itself', async () => {
    const started = await start(shop);
    checkCaught(started, shop);
    const { cgroup } = started;
    for (let tries = 0; tries < 100 && cgroup !== undefined && table.entries.has(cgroup); tries += 1) await sleep(50);
    assert.equal(cgroup !== undefined && table.entries.has(cgroup), false);
    assert.equal(
      cgroup === undefined ? undefined : workloads.find(cgroup)?.pod?.namespace,
      'shop',
      'late events find it',
    );
  });

  test('without the hook, a new cgroup is noticed, and named by what the runtime keeps of the container', async () => {
    const id = 'e'.repeat(64);
    const bundle = join('/run/containerd/io.containerd.runtime.v2.task/k8s.io', id);
    containers.configure(bundle, id, { podUid: shop.uid, namespace: 'shop', name: 'found', command: () => [] });
    mkdirSync(join(hierarchy.mount, `kubepods/burstable/pod${shop.uid}/${id}`), { recursive: true });
    const named = () => [...table.first.values()].some(({ entry }) => JSON.stringify(entry).includes('"found"'));
    for (let tries = 0; tries < 100 && !named(); tries += 1) await sleep(50);
    assert.ok(named());
  });
});
