/** An agent's whole talk with a real API server, with exactly the rights of the chart, and how much of it there is. */
import assert from 'node:assert/strict';
import type { NodePolicyStatus } from '#crd';
import { NodeLink, type ObservedPolicy, type PolicyBatch } from '#kubernetes';
import type { Pod } from '#process';
import { countRequests, rulesOfChart } from '../peers/index.ts';
import { QUICK, type Scene, scenes, until } from './harness.ts';

const POLICIES = '/apis/cilium.io/v1alpha1/tracingpolicies';
const REPORTS = '/apis/ringfence.io/v1alpha1/nodepolicystatuses';
const withServer = scenes({
  definitions: true,
  clean: async ({ server }) => void (await server.admin.delete(POLICIES)),
});

/** As much of an agent as its API server sees. */
class Agent {
  readonly policies = new Map<string, ObservedPolicy>();
  readonly pods = new Map<string, Pod>();
  readonly namespaces = new Set<string>();
  readonly labels: string[] = [];
  readonly errors: unknown[] = [];
  syncs = 0;
  readonly link: NodeLink;

  constructor(kubeconfig: string, nodeName: string) {
    this.link = new NodeLink({
      place: { kind: 'kubeconfig', path: kubeconfig },
      ...{ nodeName, version: '0.1.0', kernel: '6.12.0', reflectorTimes: QUICK },
      statusTimes: { spreadMs: 20, apartMs: 50 },
      policies: {
        apply: async (batch) => this.#apply(batch),
        synced: async () => {
          this.syncs += 1;
        },
        lost: async () => undefined,
      },
      pods: {
        podChanged: (pod) => void this.pods.set(pod.uid, pod),
        podGone: (uid) => void this.pods.delete(uid),
      },
      namespaces: {
        changed: ({ name }) => void this.namespaces.add(name),
        gone: (name) => void this.namespaces.delete(name),
      },
      node: { changed: ({ labels }) => void this.labels.push(labels.zone ?? ''), gone: () => undefined },
      observed: () => [...this.policies.values()],
      held: () => undefined,
      onState: () => undefined,
      onError: (error) => this.errors.push(error),
    });
  }

  #apply({ put, remove }: PolicyBatch): void {
    for (const { name, namespace, revision } of put) {
      const state = { origin: 'kubernetes', state: 'loaded', mode: 'enforce', hooks: [], counts: undefined } as const;
      this.policies.set(`${namespace ?? ''}/${name}`, {
        ...{ name, namespace, revision, ...state, memoryBytes: 1_024, diagnostics: [] },
      });
    }
    for (const { name, namespace } of remove) this.policies.delete(`${namespace ?? ''}/${name}`);
    this.link.changed();
  }
}

function policy(name: string): object {
  const spec = { lsmhooks: [{ hook: 'file_open', args: [{ index: 0, type: 'file' }] }] };
  return { apiVersion: 'cilium.io/v1alpha1', kind: 'TracingPolicy', metadata: { name }, spec };
}

async function reportOf({ server }: Scene, node: string): Promise<NodePolicyStatus | undefined> {
  const { status, body } = await server.admin.get(`${REPORTS}/${node}`);
  return status === 200 ? (body as { readonly status: NodePolicyStatus }).status : undefined;
}

withServer(
  'with the rights of the chart it does all it has to, asks little, and is refused nothing',
  async (scene, signal) => {
    const { admin } = scene.server;
    const identity = { name: 'agent-of-chart' };
    await scene.allow(identity, rulesOfChart());
    await admin.create('/api/v1/nodes', { metadata: { name: 'node-1', labels: { zone: 'a' } } });
    await admin.create('/api/v1/namespaces/default/pods', {
      metadata: { name: 'web' },
      spec: { nodeName: 'node-1', containers: [{ name: 'main', image: 'example.org/app:1' }] },
    });
    for (const name of ['one', 'two', 'three']) await admin.create(POLICIES, policy(name));
    const agent = new Agent(await scene.server.kubeconfig(identity), 'node-1');
    void agent.link.run(signal);
    await until('all is heard', () => agent.policies.size === 3 && agent.pods.size === 1 && agent.labels.length === 1);
    await until('it is reported', async () => {
      const report = await reportOf(scene, 'node-1');
      return report?.enforcing === 3 && report.source === 'Synced';
    });
    assert.ok(agent.namespaces.has('kube-system'));
    const { asWanted = [] } = (await reportOf(scene, 'node-1')) ?? assert.fail();
    assert.equal(asWanted.length, 3);
    for (const line of asWanted) assert.match(line, /^(one|two|three) [0-9a-f]{8}\.1 Enforcing memoryKiB=1$/);
    const { body } = await admin.get(`${REPORTS}/node-1`);
    assert.partialDeepStrictEqual(body, { metadata: { ownerReferences: [{ kind: 'Node', name: 'node-1' }] } });
    for (let change = 0; change < 20; change++) {
      await admin.merge(`${POLICIES}/one`, { metadata: { labels: { change: `${change}` } } });
    }
    await admin.delete(`${POLICIES}/three`);
    await until('the last one is reported', async () => (await reportOf(scene, 'node-1'))?.enforcing === 2);
    assert.deepEqual(agent.errors, []);
    const mine = scene.server.audit().filter(({ user }) => user === identity.name);
    assert.deepEqual(
      mine.filter(({ status }) => status >= 400),
      [],
    );
    const { 'patch nodepolicystatuses': patches = 0, ...asked } = countRequests(mine);
    assert.ok(patches < 10, `${patches} reports`);
    const once = (resource: string) => ({ [`list ${resource}`]: 1, [`watch ${resource}`]: 1 });
    const resources = ['tracingpolicies', 'tracingpoliciesnamespaced', 'pods', 'nodes', 'namespaces'];
    assert.deepEqual(asked, Object.assign({}, ...resources.map(once)));
    assert.equal(agent.link.states.size, resources.length);
    assert.deepEqual(
      agent.link.counts.requests.toSorted((a, b) => a.method.localeCompare(b.method)),
      [
        { method: 'GET', count: 2 * resources.length, failed: 0 },
        { method: 'PATCH', count: patches, failed: 0 },
      ],
    );
    await admin.delete(POLICIES);
    await until('all are gone', () => agent.policies.size === 0);
  },
);

withServer('an agent whose server is away goes on, and says afterwards that it was', async (scene, signal) => {
  const { wire, kubeconfig } = await scene.wired();
  await scene.server.admin.create(POLICIES, policy('kept'));
  const agent = new Agent(kubeconfig, 'node-2');
  void agent.link.run(signal);
  await until('it is reported', async () => (await reportOf(scene, 'node-2'))?.enforcing === 1);
  await until('a watch can break', () => agent.link.states.get('tracingpolicies')?.kind === 'synced');
  wire.cut();
  await until('it is stale', () => agent.link.states.get('tracingpolicies')?.kind === 'stale');
  assert.equal(agent.policies.size, 1);
  const failedGets = () => agent.link.counts.requests.find(({ method }) => method === 'GET')?.failed ?? 0;
  await until('it counts what has no answer', () => failedGets() > 0);
  await scene.server.stopApi();
  await scene.server.startApi();
  const { syncs } = agent;
  wire.mend();
  await until('it is synced', () => agent.syncs > syncs);
  await until('it says so', async () => (await reportOf(scene, 'node-2'))?.source === 'Synced');
  assert.equal(agent.policies.size, 1);
});
