/**
 * From `kubectl apply` to a process that is dead, without a kubelet: a real API server beside the guest, an agent with
 * the rights that the chart gives it, containers that runc makes.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ControlClient } from '#control';
import { detachAll } from '#sensors';
import { hierarchyOfNode } from '#workloads';
import {
  type Agent,
  Cluster,
  Containers,
  type CreatedPod,
  metricsFlags,
  scrape,
  startAgent,
  until,
} from './harness/index.ts';

const cluster = await Cluster.open();
const skip = cluster === undefined ? 'no cluster beside this guest: `npm test` puts one there' : false;
const directory = mkdtempSync(join(tmpdir(), 'cluster-'));
const run = join(directory, 'run');
const place = { pins: '/sys/fs/bpf/ringfence-cluster', run, state: join(directory, 'state') };
const KILLED = 128 + 9;

describe('a cluster', { skip }, () => {
  if (cluster === undefined) return;
  const { admin, wire } = cluster;
  const containers = new Containers(run);
  let agent: Agent;
  let shop: CreatedPod;
  let bank: CreatedPod;

  const start = () => startAgent({ policies: [], place, args: [...cluster.agentFlags, ...metricsFlags] });

  before(async () => {
    for (const name of ['secret', 'ledger', 'notes']) writeFileSync(join(containers.out, name), `${name}\n`);
    await admin.create('/api/v1/nodes', { metadata: { name: cluster.nodeName } });
    for (const name of ['shop', 'bank']) await admin.create('/api/v1/namespaces', { metadata: { name } });
    const annotations = { 'ringfence.io/fail-closed': 'true' };
    await admin.create('/api/v1/namespaces', { metadata: { name: 'vault', annotations } });
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-5d9c', uid: 'of-nobody', controller: true };
    const labels = { app: 'a', 'pod-template-hash': '5d9c' };
    shop = await cluster.createPod({ namespace: 'shop', name: 'web-5d9c-x', labels, ownerReferences: [owner] });
    bank = await cluster.createPod({ namespace: 'bank', name: 'till', labels: { app: 'b' } });
    agent = await start();
    await until('the agent has heard of both pods', async () => (await status()).agent.containers?.pods === 2);
  });

  after(async () => {
    await agent.stop();
    detachAll(place);
    await containers[Symbol.asyncDispose]();
    cluster.close();
    rmSync(directory, { recursive: true });
  });

  const status = () => new ControlClient({ path: join(run, 'control.sock') }).status();
  const left = (id: string) => existsSync(join(containers.out, `left-${id}`));

  /** A container of this pod reads a file of its own; what became of it, and whether it had what it wanted. */
  async function reading(pod: CreatedPod, file = 'secret'): Promise<'read' | 'killed'> {
    const {
      id,
      status: ended,
      output,
    } = await containers.run({
      ...{ podUid: pod.uid, namespace: pod.namespace, name: 'app' },
      command: (own) => ['sh', '-c', `read text < /out/${file} && echo "$text" > /out/left-${own}`],
    });
    if (ended === 0 && left(id)) return 'read';
    if (ended === KILLED && !left(id)) return 'killed';
    return assert.fail(`status ${ended}, ${left(id) ? 'read' : 'not read'}: ${output}\n${agent.log}`);
  }

  /** A container that reads the file, over and over, as soon as the test wants it to, until it is killed. */
  async function reader(pod: CreatedPod, file = 'secret') {
    let id = '';
    const script = (own: string) =>
      `touch /out/up-${own}; until [ -e /out/go-${own} ]; do sleep 0.1; done; while read text < /out/${file}; do sleep 0.05; done`;
    const ended = containers.run(
      { podUid: pod.uid, namespace: pod.namespace, name: 'app', command: (own) => ['sh', '-c', script(own)] },
      (own) => {
        id = own;
      },
    );
    await until('the container runs', () => existsSync(join(containers.out, `up-${id}`)));
    return { id, ended, go: () => writeFileSync(join(containers.out, `go-${id}`), '') };
  }

  test('what is applied kills in the pod that it names, where it runs already, and nowhere else', async (context) => {
    assert.deepEqual([await reading(shop), await reading(bank)], ['read', 'read']);
    const running = await reader(shop);
    running.go();
    await cluster.tellContainer(shop, running.id);
    const appliedMs = performance.now();
    await cluster.apply(killing('only-a', '/out/secret', { podSelector: { matchLabels: { app: 'a' } } }));
    const { status: ended } = await running.ended;
    context.diagnostic(`from the request to the end of the container: ${Math.round(performance.now() - appliedMs)} ms`);
    assert.equal(ended, KILLED);
    assert.deepEqual([await reading(shop), await reading(bank)], ['killed', 'read']);

    const [event] = await agent.eventsWhere(
      'the kill in the container that ran',
      ({ process_lsm: lsm }) => lsm?.process?.pod?.container?.id?.endsWith(running.id) ?? false,
    );
    assert.partialDeepStrictEqual(event, {
      process_lsm: {
        policy_name: 'only-a',
        action: 'KPROBE_ACTION_SIGKILL',
        process: {
          pod: {
            ...{ namespace: 'shop', name: 'web-5d9c-x', uid: shop.uid, workload: 'web', workload_kind: 'Deployment' },
            container: { name: 'app', image: { name: 'docker.io/library/busybox:1' } },
          },
        },
      },
      node_name: cluster.nodeName,
    });
  });

  test('how long its containers were not known is measured, by whether their runtime waited', async () => {
    const metrics = await scrape();
    const count = (announced: boolean) =>
      metrics.get(`ringfence_container_pending_seconds_count{announced="${announced}"}`);
    assert.ok((count(true) ?? 0) > 0, `${count(true)} announced`);
    assert.equal(metrics.get('ringfence_api_source_state{resource="pods",state="synced"}'), 1);
    assert.equal(metrics.get('ringfence_pods'), 2);
  });

  test('it is reported to the cluster', async () => {
    await until('it enforces', async () => (await cluster.report())?.enforcing === 1);
    const { source, asWanted = [] } = (await cluster.report()) ?? assert.fail();
    assert.equal(source, 'Synced');
    assert.match(asWanted.join('\n'), /^only-a [0-9a-f]{8}\.1 Enforcing/);
  });

  test('labels that change move it from one pod to the other', async () => {
    await cluster.label(shop, { app: 'b' });
    await cluster.label(bank, { app: 'a' });
    await until('it is where it should be', async () => (await reading(bank)) === 'killed');
    assert.equal(await reading(shop), 'read');
  });

  test('a namespaced policy is about its namespace', async () => {
    await cluster.apply(killing('ledger', '/out/ledger', {}, 'shop'));
    await until('it enforces', async () => (await reading(shop, 'ledger')) === 'killed');
    assert.equal(await reading(bank, 'ledger'), 'read');
  });

  test('one that is wrong is refused with its line, and the others enforce', async () => {
    await cluster.apply(killing('wrong', '/out/notes', {}, undefined, 5));
    const refused = async () => (await cluster.report())?.details?.find(({ name }) => name === 'wrong');
    await until('its refusal is reported', async () => (await refused()) !== undefined);
    const { state, reason, message = '' } = (await refused()) ?? assert.fail();
    assert.deepEqual([state, reason], ['Refused', 'RF1302']);
    assert.match(message, /^line \d+ \(.*index: 5.*\): no argument with index 5/);
    assert.deepEqual([await reading(bank), await reading(shop, 'ledger')], ['killed', 'killed']);
    await cluster.deletePolicy('wrong');
  });

  const heard = async (wanted: 'synced' | 'stale') =>
    (await status()).agent.cluster?.sources.every(({ state }) => state === wanted) ?? false;

  test('without its API server it goes on, says so, and so does the agent that follows', async () => {
    await cluster.apply(killing('everywhere', join(containers.out, 'notes'), {}));
    await until('it enforces', async () => (await status()).policies.length === 3);
    wire.cut();
    await until('it is stale', () => heard('stale'));
    const metrics = await scrape();
    assert.equal(metrics.get('ringfence_api_source_state{resource="pods",state="stale"}'), 1);
    assert.ok((metrics.get('ringfence_api_source_stale_seconds{resource="pods"}') ?? 0) > 0);
    // a watch that is cut was answered; the next one is not
    const failed = 'ringfence_api_requests_failed_total{method="GET"}';
    await until('requests fail', async () => ((await scrape()).get(failed) ?? 0) > 0);
    assert.deepEqual([await reading(bank), await reading(shop, 'ledger')], ['killed', 'killed']);
    const running = await reader(bank);
    await agent.stop();
    agent = await start();
    assert.deepEqual(
      (await status()).policies.map(({ name, state, origin }) => `${name} ${state} ${origin}`).toSorted(),
      ['everywhere', 'ledger', 'only-a'].map((name) => `${name} loaded kubernetes`),
    );
    running.go();
    assert.equal((await running.ended).status, KILLED);
  });

  test('nor does it need what the kernel has kept: its copies are enough', async () => {
    const notes = () => spawnSync('cat', [join(containers.out, 'notes')], { encoding: 'utf8' });
    assert.equal(notes().signal, 'SIGKILL');
    await agent.stop();
    assert.equal(notes().signal, 'SIGKILL', 'the kernel enforces without an agent');
    detachAll(place);
    await until('nothing enforces', () => notes().stdout === 'notes\n');
    agent = await start();
    assert.equal(notes().signal, 'SIGKILL');
    assert.match(readFileSync(join(run, 'hook.rules'), 'utf8'), /^fail-closed vault$/m);
  });

  test('what was deleted while it could not hear of it is gone when it does, and so is what is deleted then', async () => {
    await cluster.deletePolicy('only-a');
    wire.mend();
    await until('it hears of all again', () => heard('synced'));
    await until('it is gone', async () => (await reading(bank)) === 'read');
    assert.equal(await reading(shop, 'ledger'), 'killed');
    await cluster.deletePolicy('ledger', 'shop');
    await until('that one too', async () => (await reading(shop, 'ledger')) === 'read');
  });

  test('in a namespace that fails closed nothing is executed in a container that nobody knows', async () => {
    const vault = await cluster.createPod({ namespace: 'vault', name: 'safe', labels: {} });
    await until('the agent has heard of it', async () => (await status()).agent.containers?.pods === 3);
    const before = await status();
    // as the kubelet does, before there is a container
    mkdirSync(join(hierarchyOfNode().mount, `kubepods/burstable/pod${vault.uid}`), { recursive: true });
    const cgroups = before.agent.containers?.cgroups ?? 0;
    await until('its cgroup is known', async () => ((await status()).agent.containers?.cgroups ?? 0) > cgroups);
    const names = readdirSync(containers.out).length;
    const { status: ended, output } = await containers.run({
      ...{ podUid: vault.uid, namespace: 'vault', name: 'app', stage: 'never' },
      command: (own) => ['sh', '-c', `touch /out/left-${own}`],
    });
    assert.notEqual(ended, 0, output);
    assert.equal(readdirSync(containers.out).length, names, 'its first process did not run');
    assert.ok(((await status()).agent.containers?.execsHeld ?? 0) > 0);
    assert.equal(await reading(vault), 'read', 'one that is announced runs');
  });
});

/** `index` is that of the argument, which there is one of. */
function killing(name: string, path: string, scope: object, namespace?: string, index = 0) {
  const matchArgs = [{ index, operator: 'Equal', values: [path] }];
  const selectors = [{ matchArgs, matchActions: [{ action: 'Sigkill' }] }];
  return {
    apiVersion: 'cilium.io/v1alpha1',
    kind: namespace === undefined ? 'TracingPolicy' : 'TracingPolicyNamespaced',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    spec: { ...scope, lsmhooks: [{ hook: 'file_open', args: [{ index: 0, type: 'file' }], selectors }] },
  };
}
