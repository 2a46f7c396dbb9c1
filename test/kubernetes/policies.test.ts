/** Policies from a real API server: each change once, whatever happens to the server, the wire and the credentials. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { type ApiClient, type PolicyBatch, type PolicyKey, PolicySource, type SourceState } from '#kubernetes';
import { type Policy, parsePolicies } from '#policy';
import { installDefinitions } from '../peers/index.ts';
import { QUICK, type Scene, scenes, until } from './harness.ts';

const EXAMPLES = join(import.meta.dirname, '../../policies/examples');
const CLUSTER = '/apis/cilium.io/v1alpha1/tracingpolicies';
const namespaced = (namespace: string) => `/apis/cilium.io/v1alpha1/namespaces/${namespace}/tracingpoliciesnamespaced`;
const withServer = scenes({ definitions: false, clean });

/** What a registry would have. */
class Registry {
  readonly texts = new Map<string, string>();
  readonly batches: PolicyBatch[] = [];
  readonly said: string[] = [];
  readonly states = new Map<string, SourceState[]>();
  readonly errors: unknown[] = [];
  inFlightMax = 0;
  #inFlight = 0;
  #delayMs = 0;

  static follow(client: ApiClient, signal: AbortSignal, more: { delayMs?: number; silenceMsMax?: number } = {}) {
    const registry = new Registry();
    registry.#delayMs = more.delayMs ?? 0;
    const source = new PolicySource({
      client,
      sink: registry,
      times: { ...QUICK, ...(more.silenceMsMax === undefined ? {} : { silenceMsMax: more.silenceMsMax }) },
      onError: (error) => registry.errors.push(error),
      onState: (kind, state) => registry.states.set(kind, [...(registry.states.get(kind) ?? []), state]),
    });
    void source.run(signal);
    return registry;
  }

  async apply(batch: PolicyBatch): Promise<void> {
    this.#inFlight += 1;
    this.inFlightMax = Math.max(this.inFlightMax, this.#inFlight);
    await sleep(this.#delayMs);
    this.batches.push(batch);
    for (const policy of batch.put) this.texts.set(keyOf(policy), policy.text);
    for (const policy of batch.remove) this.texts.delete(keyOf(policy));
    this.#inFlight -= 1;
  }

  async synced(policies: readonly PolicyKey[]): Promise<void> {
    this.said.push(`synced ${policies.map(keyOf).toSorted().join(' ')}`.trim());
  }

  async lost(): Promise<void> {
    this.said.push('lost');
  }

  state(kind = 'tracingpolicies'): SourceState | undefined {
    return this.states.get(kind)?.at(-1);
  }

  get isHeard(): boolean {
    return this.said.at(-1)?.startsWith('synced') === true;
  }

  get keys(): readonly string[] {
    return [...this.texts.keys()].toSorted();
  }
}

function keyOf({ name, namespace }: PolicyKey): string {
  return `${namespace ?? ''}/${name}`;
}

function policy(name: string, value: string, kind = 'TracingPolicy'): object {
  const selectors = [{ matchArgs: [{ index: 0, operator: 'Equal', values: [value] }] }];
  const lsmhooks = [{ hook: 'file_open', args: [{ index: 0, type: 'file' }], selectors }];
  return { apiVersion: 'cilium.io/v1alpha1', kind, metadata: { name }, spec: { lsmhooks } };
}

async function clean({ server: { admin } }: Scene): Promise<void> {
  await admin.delete(CLUSTER);
  for (const namespace of ['default', 'kube-system']) await admin.delete(namespaced(namespace));
}

withServer('a kind that is not installed is waited for, and is no loop of errors', async (scene, signal) => {
  const registry = Registry.follow(await scene.client(), signal);
  await until('both are absent', () => registry.state()?.kind === 'absent' && registry.states.size === 2);
  assert.equal(registry.state()?.reason?.code, 'RF6006');
  await installDefinitions(scene.server);
  await until('both are synced', () => registry.said.includes('synced'));
  assert.equal(registry.states.get('tracingpolicies')?.filter(({ kind }) => kind === 'absent').length, 1);
  assert.deepEqual(registry.errors, []);
});

withServer('each policy is told, as it changes and goes; two of one name are two', async (scene, signal) => {
  const { admin } = scene.server;
  const registry = Registry.follow(await scene.client(), signal);
  await admin.create(CLUSTER, policy('same', '/cluster'));
  await admin.create(namespaced('default'), policy('same', '/default', 'TracingPolicyNamespaced'));
  await admin.create(namespaced('kube-system'), policy('same', '/system', 'TracingPolicyNamespaced'));
  await until('three are there', () => registry.texts.size === 3);
  assert.deepEqual(registry.keys, ['/same', 'default/same', 'kube-system/same']);
  const [wanted] = registry.batches.flatMap(({ put }) => put).filter(({ namespace }) => namespace === 'default');
  assert.equal(wanted?.source, 'default/tracingpoliciesnamespaced/same');
  assert.match(wanted?.revision ?? '', /^[0-9a-f]{8}\.1$/);

  await admin.merge(`${CLUSTER}/same`, { metadata: { annotations: { 'example.org/note': 'changed' } } });
  await until('the annotation came', () => registry.texts.get('/same')?.includes('changed') === true);
  const before = registry.batches.length;
  await admin.merge(`${CLUSTER}/same/status`, { status: tally });
  await admin.delete(`${namespaced('default')}/same`);
  await until('one is gone', () => registry.texts.size === 2);
  assert.equal(registry.batches.length, before + 1, 'a status is no change of the policy');
  await clean(scene);
  await until('all are gone', () => registry.texts.size === 0);
  assert.deepEqual(registry.errors, []);
});

const tally = {
  ...{ revision: '1.1', nodes: 1, enforced: '1/1', enforcing: 1, monitoring: 0, degraded: 0, refused: 0, pending: 0 },
};

withServer('what comes out of the server is the policy that went in', async (scene, signal) => {
  const registry = Registry.follow(await scene.client(), signal);
  const files = readdirSync(EXAMPLES).filter((file) => file.endsWith('.yaml'));
  const written = files.map((file) => readFileSync(join(EXAMPLES, file), 'utf8'));
  for (const text of written) await scene.server.admin.create(CLUSTER, parse(text) as object);
  await until('all are there', () => registry.texts.size === written.length);
  for (const text of written) {
    const [before] = parsePolicies(text, 'before').policies;
    const [after] = parsePolicies(registry.texts.get(`/${before?.name}`) ?? '', 'after').policies;
    assert.ok(before !== undefined && after !== undefined, text);
    assert.deepEqual(meaning(after), meaning(before));
  }
});

/** Without the places in the text. */
function meaning(policy: Policy): unknown {
  return JSON.parse(
    JSON.stringify(policy, (key, value) => {
      if (key === 'span' || key === 'source' || key === 'text') return undefined;
      return typeof value === 'bigint' ? String(value) : value;
    }),
  );
}

withServer('a wire that breaks loses nothing: what was deleted meanwhile is gone', async (scene, signal) => {
  const { admin } = scene.server;
  const { client, wire } = await scene.wired();
  const registry = Registry.follow(client, signal);
  await admin.create(CLUSTER, policy('kept', '/kept'));
  await admin.create(CLUSTER, policy('deleted', '/deleted'));
  await until('two are there, by a watch that can break', () => registry.texts.size === 2 && registry.isHeard);
  wire.cut();
  await until('it says so', () => registry.state()?.kind === 'stale' && registry.said.at(-1) === 'lost');
  assert.equal(registry.state()?.reason?.code, 'RF6003');
  assert.equal(registry.texts.size, 2, 'what is loaded goes on');
  await admin.delete(`${CLUSTER}/deleted`);
  await admin.create(CLUSTER, policy('new', '/new'));
  wire.mend();
  await until('it has caught up', () => registry.keys.join() === '/kept,/new');
  await until('it says so', () => registry.isHeard);
  assert.deepEqual(registry.keys, ['/kept', '/new']);
});

withServer('a server that was killed, and has forgotten the past, is listed anew', async (scene, signal) => {
  const { server } = scene;
  const { client, wire } = await scene.wired();
  const registry = Registry.follow(client, signal);
  await server.admin.create(CLUSTER, policy('kept', '/kept'));
  await server.admin.create(CLUSTER, policy('deleted', '/deleted'));
  await until('two are there, by a watch that can break', () => registry.texts.size === 2 && registry.isHeard);
  wire.cut();
  await server.admin.delete(`${CLUSTER}/deleted`);
  await server.admin.create(CLUSTER, policy('new', '/new'));
  await server.compact();
  await server.stopApi();
  await server.startApi();
  const lists = countLists(scene);
  wire.mend();
  await until('it has caught up', () => registry.keys.join() === '/kept,/new');
  await until('it says so', () => registry.isHeard);
  assert.deepEqual(registry.keys, ['/kept', '/new']);
  assert.ok(countLists(scene) > lists, 'the version before is gone, so it asked for all');
  await clean(scene);
  await until('and it hears on', () => registry.texts.size === 0);
});

function countLists({ server }: Scene): number {
  const entries = server.audit().filter(({ userAgent, verb }) => userAgent === 'ringfence-test' && verb === 'list');
  return entries.filter(({ resource }) => resource === 'tracingpolicies').length;
}

withServer('a connection that has gone silent is given up', async (scene, signal) => {
  const { client, wire } = await scene.wired();
  const registry = Registry.follow(client, signal, { silenceMsMax: 1_000 });
  await until('it is synced', () => registry.state()?.kind === 'synced');
  wire.freeze();
  await scene.server.admin.create(CLUSTER, policy('new', '/new'));
  await until('the policy is there', () => registry.texts.size === 1);
  const reasons = registry.states.get('tracingpolicies')?.map(({ reason }) => reason?.message ?? '') ?? [];
  assert.ok(
    reasons.some((reason) => reason.includes('said nothing')),
    reasons.join('\n'),
  );
});

withServer('who may not list is told which right is missing, and is heard when it is there', async (scene, signal) => {
  const agent = { name: 'agent-without-rights' };
  const registry = Registry.follow(await scene.client(agent), signal);
  await until('it is refused', () => registry.state()?.reason?.code === 'RF6005');
  assert.equal(registry.state()?.kind, 'waiting');
  assert.match(registry.state()?.reason?.message ?? '', /may not list and watch tracingpolicies\.cilium\.io/);
  await scene.allow(agent, [{ apiGroups: ['cilium.io'], resources: ['*'], verbs: ['list', 'watch'] }]);
  await until('it is synced', () => registry.said.length > 0);
  assert.deepEqual(registry.said, ['synced']);
});

withServer('a token that does not count is read again until one does', async (scene, signal) => {
  const { server } = scene;
  const user = { name: 'system:serviceaccount:default:agent' };
  await server.admin.create('/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'agent' } });
  await scene.allow(user, [{ apiGroups: ['cilium.io'], resources: ['*'], verbs: ['list', 'watch'] }]);
  const tokenFile = scene.path('token');
  writeFileSync(tokenFile, 'expired\n');
  const registry = Registry.follow(scene.clientOf(server.kubeconfigOfToken('agent', tokenFile)), signal);
  await until('it is refused', () => registry.state()?.reason?.code === 'RF6004');
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const path = '/api/v1/namespaces/default/serviceaccounts/agent/token';
  const { status } = (await server.admin.create(path, request)) as { readonly status: { readonly token: string } };
  writeFileSync(tokenFile, status.token);
  await until('it is synced', () => registry.said.length > 0);
  const users = server.audit().filter(({ verb, status: code }) => verb === 'watch' && code === 200);
  assert.ok(users.some((entry) => entry.user === user.name));
});

withServer('a thousand changes are few deliveries, one at a time, and the newest wins', async (scene, signal) => {
  const { admin } = scene.server;
  const registry = Registry.follow(await scene.client(), signal, { delayMs: 200 });
  const names = Array.from({ length: 20 }, (_, index) => `storm-${index}`);
  for (const name of names) await admin.create(CLUSTER, policy(name, '/0'));
  for (let round = 1; round <= 50; round++) {
    await Promise.all(names.map((name) => admin.merge(`${CLUSTER}/${name}`, pick(policy(name, `/${round}`)))));
  }
  await until('the newest of each is there', () => {
    return registry.texts.size === 20 && [...registry.texts.values()].every((text) => text.includes('/50'));
  });
  assert.equal(registry.inFlightMax, 1);
  const told = registry.batches.flatMap(({ put }) => put).length;
  assert.ok(told < 1_020, `${told} of 1020 changes were told`);
  assert.ok(registry.batches.length < 500, `${registry.batches.length} deliveries`);
  assert.deepEqual(registry.errors, []);
});

function pick(object: object): object {
  return { spec: (object as { readonly spec: object }).spec };
}
