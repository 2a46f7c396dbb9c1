/** Pods, namespaces and the node from a real API server: only those of this node, and only what matters of them. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Labelled, LabelSource, PodSource } from '#kubernetes';
import type { Pod } from '#process';
import { QUICK, type Scene, scenes, until } from './harness.ts';

const PODS = '/api/v1/namespaces/default/pods';
/** RINGFENCE_TEST_PODS=5000 for what a busy node of a large cluster sees. */
const CHURN = Number(process.env.RINGFENCE_TEST_PODS ?? 500);
const AT_ONCE = 16;
const withServer = scenes({ definitions: false });

class Node {
  readonly pods = new Map<string, Pod>();
  readonly gone: string[] = [];
  told = 0;
  readonly source: PodSource;

  constructor(scene: Awaited<ReturnType<Scene['client']>>, nodeName: string, podsMax?: number) {
    this.source = new PodSource({
      client: scene,
      nodeName,
      sink: this,
      times: QUICK,
      onState: () => undefined,
      ...(podsMax === undefined ? {} : { podsMax }),
    });
  }

  podChanged(pod: Pod): void {
    this.told += 1;
    this.pods.set(pod.uid, pod);
  }

  podGone(uid: string): void {
    this.gone.push(uid);
    this.pods.delete(uid);
  }

  named(name: string): Pod | undefined {
    return [...this.pods.values()].find((pod) => pod.name === name);
  }
}

function pod(name: string, nodeName: string, more: object = {}): object {
  const containers = [{ name: 'main', image: 'example.org/app:1', securityContext: { privileged: true } }];
  const labels = { app: 'web', 'example.org/odd.key_1': 'A-b_c.9' };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels, ...more }, spec: { nodeName, containers } };
}

const running = {
  status: {
    phase: 'Running',
    containerStatuses: [
      {
        ...{ name: 'main', image: 'example.org/app:1', imageID: 'example.org/app@sha256:12', ready: true },
        ...{
          restartCount: 0,
          containerID: 'containerd://c0ffee',
          state: { running: { startedAt: '2026-11-21T20:00:00Z' } },
        },
      },
    ],
  },
};

withServer('a pod is told with what its status brings, and not with every heartbeat', async (scene, signal) => {
  const { admin } = scene.server;
  const node = new Node(await scene.client(), 'node-1');
  void node.source.run(signal);
  await admin.create(PODS, pod('web-1', 'node-1'));
  await admin.create(PODS, pod('elsewhere', 'node-2'));
  await until('the pod is there', () => node.pods.size === 1);
  assert.deepEqual(node.named('web-1')?.containers, []);
  await admin.merge(`${PODS}/web-1/status`, running);
  await until('its container is there', () => node.named('web-1')?.containers.length === 1);
  const { containers, labels, workload, hostNetwork } = node.named('web-1') ?? assert.fail();
  assert.deepEqual(containers, [
    {
      id: 'c0ffee',
      name: 'main',
      image: { id: 'example.org/app@sha256:12', name: 'example.org/app:1' },
      startedNs: 1_795_291_200_000_000_000n,
      privileged: true,
    },
  ]);
  assert.deepEqual(labels, { app: 'web', 'example.org/odd.key_1': 'A-b_c.9' });
  assert.deepEqual([workload, hostNetwork], [{ kind: 'Pod', name: 'web-1' }, false]);

  const { told } = node;
  const conditions = [{ type: 'Ready', status: 'True', lastProbeTime: '2026-11-21T20:00:10Z' }];
  await admin.merge(`${PODS}/web-1/status`, { status: { conditions } });
  await admin.merge(`${PODS}/web-1`, { metadata: { labels: { app: 'other' } } });
  await until('its label is another', () => node.named('web-1')?.labels.app === 'other');
  assert.equal(node.told, told + 1);
  await admin.delete(`${PODS}/web-1?gracePeriodSeconds=0`);
  await until('it is gone', () => node.pods.size === 0);
  assert.equal(node.gone.length, 1);
  await admin.delete(`${PODS}/elsewhere?gracePeriodSeconds=0`);
});

withServer(`${CHURN} pods that come and go are each told once, and none stays`, async (scene, signal) => {
  const { admin } = scene.server;
  const { client, wire } = await scene.wired();
  const node = new Node(client, 'busy');
  void node.source.run(signal);
  const names = Array.from({ length: CHURN }, (_, index) => `churn-${index}`);
  const each = async (work: (name: string) => Promise<unknown>) => {
    const left = [...names];
    const worker = async () => {
      for (let name = left.shift(); name !== undefined; name = left.shift()) await work(name);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  };
  await each((name) => admin.create(PODS, pod(name, 'busy')));
  await until('all are there', () => node.pods.size === CHURN);
  assert.equal(node.told, CHURN);
  const deleted = each((name) => admin.delete(`${PODS}/${name}?gracePeriodSeconds=0`));
  await until('some are gone', () => node.pods.size < CHURN);
  wire.cut();
  await sleep(200);
  wire.mend();
  await deleted;
  await until('all are gone', () => node.pods.size === 0);
  assert.equal(new Set(node.gone).size, CHURN);
  assert.equal(node.gone.length, CHURN);
  assert.equal(node.source.refused, 0);
});

withServer('more pods than a node can have are refused and counted', async (scene, signal) => {
  const { admin } = scene.server;
  const node = new Node(await scene.client(), 'small', 2);
  for (const name of ['one', 'two', 'three']) await admin.create(PODS, pod(name, 'small'));
  void node.source.run(signal);
  await until('two are there and one is counted', () => node.source.refused === 1);
  assert.equal(node.source.count, 2);
});

withServer('labels of namespaces and of the node come without the rest of the objects', async (scene, signal) => {
  const { admin } = scene.server;
  await admin.create('/api/v1/nodes', { metadata: { name: 'node-1', labels: { zone: 'a' } } });
  await admin.create('/api/v1/nodes', { metadata: { name: 'node-2', labels: { zone: 'b' } } });
  const told: string[] = [];
  const client = await scene.client();
  const follow = (of: ConstructorParameters<typeof LabelSource>[0]['of']) => {
    const sink = {
      changed: ({ name, labels }: Labelled) => void told.push(`${name} ${labels.zone ?? labels.team ?? ''}`.trim()),
      gone: (name: string) => void told.push(`-${name}`),
    };
    void new LabelSource({ client, of, sink, times: QUICK, onState: () => undefined }).run(signal);
  };
  follow({ kind: 'node', name: 'node-1' });
  await until('the node is there', () => told.length === 1);
  await admin.merge('/api/v1/nodes/node-1/status', { status: { conditions: [{ type: 'Ready', status: 'True' }] } });
  await admin.merge('/api/v1/nodes/node-1', { metadata: { labels: { zone: 'c' } } });
  await until('the node is relabelled', () => told.length === 2);
  assert.deepEqual(told.splice(0), ['node-1 a', 'node-1 c']);

  follow({ kind: 'namespaces' });
  await until('namespaces are there', () => told.includes('default'));
  await admin.create('/api/v1/namespaces', { metadata: { name: 'shop', labels: { team: 'red' } } });
  await until('the new one is there', () => told.includes('shop red'));
  await admin.merge('/api/v1/namespaces/shop', { metadata: { labels: { team: null } } });
  await until('its label is gone', () => told.includes('shop'));
});
