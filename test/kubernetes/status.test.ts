/** Reports of a node on a real API server: taken as the definition says, written when it matters, by who may. */
import assert from 'node:assert/strict';
import type { NodePolicyStatus } from '#crd';
import { diagnostic, type EnvironmentError } from '#diagnostics';
import { type ObservedAgent, type ObservedPolicy, reportOf, StatusWriter } from '#kubernetes';
import { type Scene, scenes, until } from './harness.ts';

const REPORTS = '/apis/ringfence.io/v1alpha1/nodepolicystatuses';
const AGENT: ObservedAgent = { version: '0.1.0', kernel: '6.12.0', held: undefined, source: 'Synced' };
const TIMES = { spreadMs: 20, apartMs: 50, numbersMs: 1_000_000 };
const withServer = scenes({ definitions: true });

function observed(name: string, more: Partial<ObservedPolicy> = {}): ObservedPolicy {
  return {
    ...{ name, namespace: undefined, origin: 'kubernetes', state: 'loaded', mode: 'enforce', revision: '0a1b2c3d.1' },
    hooks: [{ attached: ['lsm/file_open'], effect: 'blocks', racy: false, mayBeSkipped: false, cost: 'low' }],
    counts: { matches: 3, denied: 2, killed: 1, unreadable: 0 },
    memoryBytes: 5_000,
    diagnostics: [],
    ...more,
  };
}

const span = { file: 'x', line: 12, column: 3, endLine: 12, endColumn: 20, text: '  hook: file_opne' };
const refused = observed('bad', {
  state: 'refused',
  hooks: [],
  counts: undefined,
  memoryBytes: undefined,
  diagnostics: [diagnostic('RF1001', span, { limit: 10 })],
});

async function reported({ server }: Scene, node: string): Promise<NodePolicyStatus | undefined> {
  const { status, body } = await server.admin.get(`${REPORTS}/${node}`);
  return status === 200 ? (body as { readonly status: NodePolicyStatus }).status : undefined;
}

function writesOf({ server }: Scene, node: string): number {
  return server.audit().filter(({ verb, name, resource }) => {
    return verb === 'patch' && resource === 'nodepolicystatuses' && name === node;
  }).length;
}

withServer('a report is what the definition takes, whole, and belongs to its node', async (scene, signal) => {
  const { admin } = scene.server;
  const node = (await admin.create('/api/v1/nodes', { metadata: { name: 'node-1' } })) as {
    readonly metadata: { readonly uid: string };
  };
  const policies = [
    ...[observed('good'), refused, observed('file', { origin: 'file' })],
    observed('newer', { refusedVersion: { revision: '0a1b2c3d.2', diagnostics: refused.diagnostics } }),
    observed('watching', { mode: 'monitor', namespace: 'default' }),
    observed('off', { state: 'disabled' }),
    observed('spent', { mode: 'monitor', demoted: true }),
  ];
  const report = reportOf(policies, AGENT);
  const writer = new StatusWriter({
    client: await scene.client(),
    nodeName: 'node-1',
    nodeUid: () => node.metadata.uid,
    read: () => report,
    onError: (error) => assert.fail(error),
    times: TIMES,
  });
  void writer.run(signal);
  writer.changed();
  await until('it is written', () => writer.writes === 1);
  const { reported: at, ...rest } = (await reported(scene, 'node-1')) ?? assert.fail();
  assert.ok(Date.parse(at) > 0);
  assert.deepEqual(rest, report);
  assert.deepEqual(
    rest.details.map(({ name, state }) => `${name} ${state}`),
    ['bad Refused', 'newer Degraded', 'off Disabled'],
  );
  assert.deepEqual(rest.asWanted, [
    'good 0a1b2c3d.1 Enforcing effect=Blocks cost=Low memoryKiB=5 matches=3 denied=2 killed=1 hooks=lsm/file_open',
    'default/watching 0a1b2c3d.1 Monitoring reason=ByPolicy effect=Blocks cost=Low memoryKiB=5 matches=3 denied=2 killed=1 hooks=lsm/file_open',
    'spent 0a1b2c3d.1 Monitoring reason=KillBudgetSpent effect=Blocks cost=Low memoryKiB=5 matches=3 denied=2 killed=1 hooks=lsm/file_open',
  ]);
  assert.match(rest.details[0]?.message ?? '', /^line 12 \(hook: file_opne\): /);
  assert.deepEqual([rest.policies, rest.enforcing, rest.degraded, rest.refused], [6, 1, 1, 1]);
  const { body } = await admin.get(`${REPORTS}/node-1`);
  const { metadata } = body as { readonly metadata: { readonly ownerReferences: readonly { readonly uid: string }[] } };
  assert.equal(metadata.ownerReferences[0]?.uid, node.metadata.uid);
});

withServer('the largest report there can be is taken', async (scene) => {
  const long = { ...refused, diagnostics: [diagnostic('RF2002', { ...span, text: 'é'.repeat(600) }, anything)] };
  const report = reportOf(
    Array.from({ length: 600 }, (_, index) => ({ ...long, name: `policy-${index}`.padEnd(253, 'x') })),
    AGENT,
  );
  assert.deepEqual([report.details.length, report.detailsOmitted], [512, 88]);
  const writer = new StatusWriter({
    client: await scene.client(),
    nodeName: 'node-large',
    nodeUid: () => undefined,
    read: () => report,
    onError: (error) => assert.fail(error),
    times: TIMES,
  });
  const stop = new AbortController();
  void writer.run(stop.signal);
  writer.changed();
  await until('it is written', () => writer.writes === 1);
  stop.abort();
  assert.equal((await reported(scene, 'node-large'))?.details.length, 512);
});

/** Whatever the sentence wants to know. */
const anything = new Proxy({}, { get: () => 'x' });

withServer('numbers are not worth a write, and a storm of changes is a few', async (scene, signal) => {
  let matches = 0;
  let names = ['one'];
  const read = () =>
    reportOf(
      names.map((name) => observed(name, { counts: { matches, denied: 0, killed: 0, unreadable: 0 } })),
      AGENT,
    );
  const client = await scene.client();
  const errors: unknown[] = [];
  const onError = (error: EnvironmentError) => errors.push(error);
  const writer = new StatusWriter({
    client,
    nodeName: 'node-2',
    nodeUid: () => undefined,
    read,
    onError,
    times: TIMES,
  });
  void writer.run(signal);
  writer.changed();
  await until('it is written', () => writer.writes === 1);
  for (matches = 1; matches < 100; matches++) {
    writer.changed();
    await new Promise((resolve) => setImmediate(resolve));
  }
  names = ['one', 'two'];
  writer.changed();
  await until('the new one is written', async () => (await reported(scene, 'node-2'))?.policies === 2);
  await until('it is counted', () => writer.writes > 1);
  assert.equal(writer.writes, 2);
  for (let round = 0; round < 100; round++) {
    names = [`round-${round}`];
    writer.changed();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until(
    'the last one is written',
    async () => (await reported(scene, 'node-2'))?.asWanted?.[0]?.startsWith('round-99 ') === true,
  );
  assert.ok(writer.writes < 20, `${writer.writes} writes for 102 changes`);
  await until('the server has counted as many', () => writesOf(scene, 'node-2') === writer.writes);
  assert.deepEqual(errors, []);
});

withServer('who may not write is told so, and writes when it may', async (scene, signal) => {
  const agent = { name: 'agent-3' };
  const errors: EnvironmentError[] = [];
  const writer = new StatusWriter({
    client: await scene.client(agent),
    nodeName: 'node-3',
    nodeUid: () => undefined,
    read: () => reportOf([observed('one')], AGENT),
    onError: (error) => errors.push(error),
    times: TIMES,
  });
  void writer.run(signal);
  writer.changed();
  await until('it is refused', () => errors.length > 0);
  assert.equal(errors[0]?.code, 'RF6005');
  await scene.allow(agent, [
    { apiGroups: ['ringfence.io'], resources: ['nodepolicystatuses'], verbs: ['create', 'patch'] },
  ]);
  await until('it is written', () => writer.writes === 1);
  assert.equal((await reported(scene, 'node-3'))?.enforcing, 1);
});
