/** The evidence leaves the node: a subscriber in another process receives the kill, from a server of its own. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  type Agent,
  attackDirectly,
  hasNatsServer,
  type NatsServer,
  pathsOf,
  policyText,
  Scene,
  type Subscriber,
  startAgent,
  startNatsServer,
  startSubscriber,
} from './harness/index.ts';

const nodeName = 'node-under-test';
const DELIVERY_TIMEOUT_MS = 30_000;

const scene = new Scene('tmpfs');
const text = policyText({
  name: 'evidence',
  hooks: ['file_open'],
  rules: [{ paths: [scene.secret.path], action: 'Sigkill' }],
});

after(() => scene.remove());

describe('nats', { skip: hasNatsServer() ? false : 'there is no nats-server on PATH' }, () => {
  let server: NatsServer;
  let subscriber: Subscriber;
  let agent: Agent;

  before(async () => {
    server = await startNatsServer();
    subscriber = await startSubscriber(server.url);
    agent = await startAgent({ policies: [text], args: ['--nats', server.url, '--node-name', nodeName] });
  });
  after(async () => {
    await agent.stop();
    await subscriber.stop();
    await server.stop();
  });

  test('a subscriber receives the kill', async () => {
    const { pid, signal, evidence } = await attackDirectly(scene, { way: 'openat', path: scene.secret.path });
    assert.equal(signal, 'SIGKILL');
    assert.equal(evidence.length, 0);

    const message = await subscriber.first(({ event }) => event.process_lsm?.process?.pid === pid, DELIVERY_TIMEOUT_MS);
    assert.ok(message, 'it arrived');
    assert.match(message.subject, /^ringfence\.v1\.evt\.[^.]+\.node-under-test\._host\._\.file\.killed$/);
    assert.equal(message.event.node_name, nodeName);
    assert.equal(message.event.ringfence?.verdict, 'killed');
    assert.equal(message.event.process_lsm?.policy_name, 'evidence');
    assert.equal(message.event.process_lsm?.process?.binary, scene.intruder);
    assert.deepEqual(pathsOf(message.event.process_lsm ?? {}), [scene.secret.path]);
  });

  test('what the subscriber receives is what the agent prints', async () => {
    const { pid } = await attackDirectly(scene, { way: 'openat', path: scene.secret.path });
    const [printed] = await agent.eventsWhere('the kill', ({ process_lsm }) => process_lsm?.process?.pid === pid);
    const message = await subscriber.first(({ event }) => event.process_lsm?.process?.pid === pid, DELIVERY_TIMEOUT_MS);
    assert.deepEqual(message?.event, printed);
  });
});
