/** What all nodes say of a policy, on a real API server: its report, its status, and one event for each change of word. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { NodePolicyState, PolicyOnNode, PolicyStatusReport } from '#crd';
import { type ApiClient, Collector, type CollectorOptions } from '#kubernetes';
import { QUICK, type Scene, scenes, until } from './harness.ts';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const POLICIES = '/apis/cilium.io/v1alpha1/tracingpolicies';
const NAMESPACED = '/apis/cilium.io/v1alpha1/namespaces/default/tracingpoliciesnamespaced';
const STATUSES = '/apis/ringfence.io/v1alpha1/policystatuses';
const REPORTS = '/apis/ringfence.io/v1alpha1/nodepolicystatuses';
const withServer = scenes({ definitions: true, clean });

async function clean({ server: { admin } }: Scene): Promise<void> {
  for (const path of [POLICIES, NAMESPACED, REPORTS]) await admin.delete(path);
}

const COLLECTOR_RULES = [
  {
    apiGroups: ['cilium.io'],
    resources: ['tracingpolicies', 'tracingpoliciesnamespaced'],
    verbs: ['get', 'list', 'watch'],
  },
  {
    apiGroups: ['cilium.io'],
    resources: ['tracingpolicies/status', 'tracingpoliciesnamespaced/status'],
    verbs: ['patch'],
  },
  { apiGroups: ['ringfence.io'], resources: ['nodepolicystatuses'], verbs: ['list', 'watch'] },
  {
    apiGroups: ['ringfence.io'],
    resources: ['policystatuses', 'policystatusesnamespaced'],
    verbs: ['get', 'create', 'patch'],
  },
  { apiGroups: [''], resources: ['events'], verbs: ['create'] },
];

type Created = { readonly metadata: { readonly uid: string; readonly generation: number } };

async function collect(client: ApiClient, signal: AbortSignal, times: CollectorOptions['times'] = {}) {
  const errors: Error[] = [];
  const collector = new Collector({
    client,
    onError: (error) => errors.push(error),
    onState: () => undefined,
    times: { roundMs: 20, statesMs: 40, numbersMs: 1_000_000, policyMs: 40, ...times },
    reflectorTimes: QUICK,
  });
  void collector.run(signal);
  return { collector, errors };
}

function policy(name: string, kind = 'TracingPolicy'): object {
  const spec = { lsmhooks: [{ hook: 'file_open', args: [{ index: 0, type: 'file' }] }] };
  return { apiVersion: 'cilium.io/v1alpha1', kind, metadata: { name }, spec };
}

async function create({ server }: Scene, path: string, object: object): Promise<string> {
  const { metadata } = (await server.admin.create(path, object)) as Created;
  return `${metadata.uid.slice(0, 8)}.${metadata.generation}`;
}

/** As the agent of `node` reports it. */
async function report({ server }: Scene, node: string, details: readonly PolicyOnNode[]): Promise<void> {
  const body = {
    apiVersion: 'ringfence.io/v1alpha1',
    kind: 'NodePolicyStatus',
    metadata: { name: node },
    status: {
      ...{ source: 'Synced', reported: new Date().toISOString(), policies: details.length },
      ...{ enforcing: 0, degraded: 0, refused: 0, details },
    },
  };
  const path = `${REPORTS}/${node}?fieldManager=${node}&force=true`;
  const { status, body: answer } = await server.admin.send('PATCH', path, body, 'application/apply-patch+yaml');
  assert.ok(status < 300, JSON.stringify(answer));
}

function said(name: string, revision: string, state: NodePolicyState, more: Partial<PolicyOnNode> = {}): PolicyOnNode {
  return { name, revision, state, ...more };
}

async function statusOf({ server }: Scene, path: string): Promise<PolicyStatusReport | undefined> {
  const { body } = await server.admin.get(path);
  return (body as { readonly status?: PolicyStatusReport | string }).status as PolicyStatusReport | undefined;
}

async function eventsOn({ server }: Scene, name: string): Promise<readonly string[]> {
  const { body } = await server.admin.get(`/api/v1/events?fieldSelector=involvedObject.name%3D${name}`);
  const { items } = body as { readonly items: readonly { readonly type: string; readonly reason: string }[] };
  return items.map(({ type, reason }) => `${type} ${reason}`).toSorted();
}

withServer(
  'what kubectl prints of a policy follows what its nodes say, with these rights and no others',
  async (scene, signal) => {
    const identity = { name: 'collector' };
    await scene.allow(identity, COLLECTOR_RULES);
    const revision = await create(scene, POLICIES, policy('one'));
    const { errors } = await collect(await scene.client(identity), signal);
    await until('it is there', async () => (await statusOf(scene, `${STATUSES}/one`))?.revision === revision);
    await report(scene, 'node-2', [said('one', revision, 'Refused', { reason: 'RF1001', message: 'line 3' })]);
    await until('an event says so', async () => (await eventsOn(scene, 'one')).includes('Warning Refused'));
    await report(scene, 'node-1', [said('one', revision, 'Enforcing', { effect: 'Blocks' })]);
    await until('both have said', async () => (await statusOf(scene, `${POLICIES}/one`))?.enforced === '1/2');
    await until('both have said', async () => (await statusOf(scene, `${POLICIES}/one`))?.refused === 1);
    const { exceptions, reason, conditions } = (await statusOf(scene, `${STATUSES}/one`)) ?? assert.fail();
    assert.deepEqual(exceptions, [{ node: 'node-2', state: 'Refused', reason: 'RF1001', message: 'line 3' }]);
    assert.equal(reason, 'RF1001');
    assert.equal(conditions.find(({ type }) => type === 'Accepted')?.status, 'False');

    await report(scene, 'node-2', [said('one', revision, 'Enforcing', { effect: 'Blocks' })]);
    await until('both enforce', async () => (await statusOf(scene, `${POLICIES}/one`))?.enforced === '2/2');
    await until('an event says so', async () => (await eventsOn(scene, 'one')).includes('Normal Enforced'));
    await scene.server.admin.delete(`${REPORTS}/node-1`);
    await until('a node is gone', async () => (await statusOf(scene, `${POLICIES}/one`))?.enforced === '1/1');
    assert.deepEqual(await eventsOn(scene, 'one'), ['Normal Enforced', 'Warning Refused']);
    assert.deepEqual(errors, []);
  },
);

withServer(
  'of one name, each in its namespace; a new version counts nobody until it is heard of',
  async (scene, signal) => {
    const { admin } = scene.server;
    const wide = await create(scene, POLICIES, policy('same'));
    const narrow = await create(scene, NAMESPACED, policy('same', 'TracingPolicyNamespaced'));
    await collect(await scene.client(), signal);
    await report(scene, 'node-1', [
      said('same', wide, 'Enforcing'),
      said('same', narrow, 'Monitoring', { namespace: 'default' }),
    ]);
    await report(scene, 'node-2', [said('same', wide, 'Enforcing')]);
    const path = '/apis/ringfence.io/v1alpha1/namespaces/default/policystatusesnamespaced/same';
    await until('the wide one', async () => (await statusOf(scene, `${STATUSES}/same`))?.enforced === '2/2');
    await until('the narrow one', async () => (await statusOf(scene, path))?.monitoring === 1);
    assert.equal((await statusOf(scene, path))?.pending, 1);
    const lsmhooks = [{ hook: 'bprm_check_security', args: [{ index: 0, type: 'linux_binprm' }] }];
    await admin.merge(`${POLICIES}/same`, { spec: { lsmhooks } });
    await until('the new version', async () => (await statusOf(scene, `${POLICIES}/same`))?.enforced === '0/2');
    const { body } = await admin.get(path);
    const { ownerReferences } = (body as { readonly metadata: { readonly ownerReferences: readonly object[] } })
      .metadata;
    assert.partialDeepStrictEqual(ownerReferences, [{ kind: 'TracingPolicyNamespaced', name: 'same' }]);
  },
);

withServer('numbers alone are seldom written, and who may not write is told so', async (scene, signal) => {
  const identity = { name: 'collector-without-rights' };
  const revision = await create(scene, POLICIES, policy('quiet'));
  await report(scene, 'node-1', [said('quiet', revision, 'Enforcing', { matches: 1 })]);
  const { collector } = await collect(await scene.client(), signal);
  await until(
    'it is written',
    async () => (await statusOf(scene, `${STATUSES}/quiet`))?.enforced?.startsWith('1/') === true,
  );
  const { writes } = collector;
  for (let matches = 2; matches < 50; matches++) {
    await report(scene, 'node-1', [said('quiet', revision, 'Enforcing', { matches })]);
  }
  await report(scene, 'node-1', [said('quiet', revision, 'Degraded', { matches: 50 })]);
  await until('the state is written', async () => (await statusOf(scene, `${STATUSES}/quiet`))?.degraded === 1);
  assert.equal((await statusOf(scene, `${STATUSES}/quiet`))?.matches, 50);
  assert.ok(collector.writes <= writes + 2, `${collector.writes - writes} writes for 49 reports`);

  await scene.allow(
    identity,
    COLLECTOR_RULES.filter(({ verbs }) => verbs.includes('list')),
  );
  const { errors } = await collect(await scene.client(identity), signal);
  await until('it is refused', () => errors.length > 0);
  assert.match(errors[0]?.message ?? '', /may not patch policystatuses\.ringfence\.io/);
});

withServer('the command does it as a process of its own, and ends when it is told to', async (scene) => {
  const revision = await create(scene, POLICIES, policy('by-command'));
  await report(scene, 'node-9', [said('by-command', revision, 'Enforcing')]);
  const argv = [MAIN, 'collect', '--kubeconfig', await scene.server.kubeconfig()];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  try {
    await until('it is written', async () => (await statusOf(scene, `${STATUSES}/by-command`))?.enforcing === 1);
  } finally {
    child.kill('SIGTERM');
  }
  assert.equal(await ended, 0, log);
  assert.match(log, /tracingpolicies\.cilium\.io: synced/);
});
