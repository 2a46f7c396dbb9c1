/**
 * A policy that enforces on canaries first, on a real API server: what each node makes of it, what the cluster is told,
 * and what follows from a label. The kernel alone is missing.
 */
import assert from 'node:assert/strict';
import type { PolicyStatusReport, TracingPolicyStatus } from '#crd';
import { Collector, NodeLink } from '#kubernetes';
import { PolicyRegistry } from '#sensors';
import { FakeLoaded, FakeStore } from '../../src/sensors/testing.ts';
import { QUICK, type Scene, scenes, until } from './harness.ts';

const POLICIES = '/apis/cilium.io/v1alpha1/tracingpolicies';
const STATUSES = '/apis/ringfence.io/v1alpha1/policystatuses';
const REPORTS = '/apis/ringfence.io/v1alpha1/nodepolicystatuses';
const withServer = scenes({
  definitions: true,
  clean: async ({ server: { admin } }) => {
    for (const path of [POLICIES, REPORTS, '/api/v1/nodes']) await admin.delete(path);
  },
});

/** As an agent puts the two together. */
function follow(kubeconfig: string, nodeName: string, signal: AbortSignal): FakeLoaded {
  const loaded = new FakeLoaded();
  const registry = new PolicyRegistry({
    ...{ loaded, store: new FakeStore(), strict: false },
    node: { name: nodeName, labels: undefined },
  });
  const link: NodeLink = new NodeLink({
    place: { kind: 'kubeconfig', path: kubeconfig },
    ...{ nodeName, version: '0.1.0', kernel: '6.12.0', reflectorTimes: QUICK },
    statusTimes: { spreadMs: 20, apartMs: 50 },
    policies: {
      apply: async (batch) => {
        await registry.apply({ origin: 'kubernetes', ...batch });
        link.changed();
      },
      synced: async () => undefined,
      lost: async () => undefined,
    },
    pods: { podChanged: () => undefined, podGone: () => undefined },
    namespaces: { changed: () => undefined, gone: () => undefined },
    node: {
      changed: ({ labels }) => void registry.setNode({ name: nodeName, labels }).then(() => link.changed()),
      gone: () => undefined,
    },
    observed: () => registry.list(),
    held: () => undefined,
    onState: () => undefined,
    onError: (error) => assert.fail(error.message),
  });
  void link.run(signal);
  return loaded;
}

async function statusAt({ server }: Scene, path: string): Promise<unknown> {
  const { status, body } = await server.admin.get(path);
  return status === 200 ? (body as { readonly status?: unknown }).status : undefined;
}

withServer(
  'it enforces on canaries, watches elsewhere, and follows the labels of nodes at once',
  async (scene, signal) => {
    const { admin } = scene.server;
    const kubeconfig = await scene.server.kubeconfig();
    const label = (name: string, labels: object) => admin.merge(`/api/v1/nodes/${name}`, { metadata: { labels } });
    for (const [name, labels] of Object.entries({ a: { canary: 'yes' }, b: {}, c: { pool: 'build' } })) {
      await admin.create('/api/v1/nodes', { metadata: { name, labels } });
    }
    const nodes = new Map(['a', 'b', 'c'].map((name) => [name, follow(kubeconfig, name, signal)]));
    const collector = new Collector({
      client: await scene.client(),
      onError: (error) => assert.fail(error.message),
      onState: () => undefined,
      times: { roundMs: 20, statesMs: 40, numbersMs: 1_000_000, policyMs: 40 },
      reflectorTimes: QUICK,
    });
    void collector.run(signal);
    await admin.create(POLICIES, {
      apiVersion: 'cilium.io/v1alpha1',
      kind: 'TracingPolicy',
      metadata: { name: 'shield', annotations: { 'ringfence.io/canary': 'canary' } },
      spec: {
        nodeSelector: { matchExpressions: [{ key: 'pool', operator: 'NotIn', values: ['build'] }] },
        lsmhooks: [{ hook: 'file_open', args: [{ index: 0, type: 'file' }] }],
      },
    });
    const modes = () => ['a', 'b', 'c'].map((name) => nodes.get(name)?.modes.get('/shield')).join();
    const told = async (expected: Readonly<Record<string, number | string | undefined>>) => {
      const report = (await statusAt(scene, `${STATUSES}/shield`)) as PolicyStatusReport | undefined;
      const inPolicy = (await statusAt(scene, `${POLICIES}/shield`)) as TracingPolicyStatus | undefined;
      return [report, inPolicy].every((status) =>
        Object.entries(expected).every(([key, value]) => status?.[key as keyof TracingPolicyStatus] === value),
      );
    };
    await until('each node has its mode', () => modes() === 'enforce,monitor,');
    const first = { nodes: 2, enforcing: 1, monitoring: 1, outsideCanary: 1, skipped: 1, enforced: '2/2' };
    await until('that is told', () => told(first));

    await label('b', { canary: 'yes' });
    await until('the second canary enforces', () => modes() === 'enforce,enforce,');
    await until('that is told', () => told({ enforcing: 2, monitoring: 0, outsideCanary: undefined, skipped: 1 }));

    await label('a', { canary: null });
    await label('c', { pool: 'web' });
    await until('the others follow', () => modes() === 'monitor,enforce,monitor');
    await until('that is told', () => told({ nodes: 3, enforcing: 1, monitoring: 2, outsideCanary: 2, skipped: 0 }));

    await admin.merge(`${POLICIES}/shield`, { metadata: { annotations: { 'ringfence.io/canary': null } } });
    await until('it enforces everywhere', () => modes() === 'enforce,enforce,enforce');
    await until('that is told', () => told({ nodes: 3, enforcing: 3, outsideCanary: undefined }));
  },
);
