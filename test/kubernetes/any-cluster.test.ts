/**
 * The least that must work on any cluster: on the one that KUBECONFIG names, where our definitions are installed, else
 * on an API server of the test's own. It leaves nothing behind.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { ApiClient, ApiError, PolicySource, reportOf, StatusWriter } from '#kubernetes';
import { LabUnavailable } from '../lab/index.ts';
import { type Cluster, installDefinitions, startCluster } from '../peers/index.ts';
import { QUICK, until } from './harness.ts';

const POLICIES = '/apis/cilium.io/v1alpha1';
const REPORTS = '/apis/ringfence.io/v1alpha1/nodepolicystatuses';
const NAME = `ringfence-test-${randomBytes(4).toString('hex')}`;

async function open(): Promise<Cluster | string> {
  try {
    const cluster = await startCluster();
    if (cluster.server !== undefined) await installDefinitions(cluster.server);
    return cluster;
  } catch (error) {
    if (error instanceof LabUnavailable) return error.message;
    throw error;
  }
}

test('a policy comes from the cluster, and a report goes there', async (context) => {
  const cluster = await open();
  if (typeof cluster === 'string') return context.skip(cluster);
  const client = new ApiClient({ kind: 'kubeconfig', path: cluster.kubeconfig }, 'ringfence-test');
  const stop = new AbortController();
  try {
    if (!(await knows(client))) return context.skip('the cluster of KUBECONFIG lacks the definitions of the chart');
    const path = `${POLICIES}/namespaces/${NAME}/tracingpoliciesnamespaced`;
    await client.send({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: NAME } } });
    const told = new Map<string, string>();
    const source = new PolicySource({
      client,
      sink: {
        apply: async ({ put, remove }) => {
          for (const { namespace, name, text } of put) told.set(`${namespace}/${name}`, text);
          for (const { namespace, name } of remove) told.delete(`${namespace}/${name}`);
        },
        synced: async () => undefined,
        lost: async () => undefined,
      },
      times: QUICK,
      onError: (error) => assert.fail(String(error)),
      onState: () => undefined,
    });
    void source.run(stop.signal);
    await client.send({ method: 'POST', path, body: policy() });
    await until('it is told', () => told.get(`${NAME}/one`)?.includes('file_open') === true);
    await client.send({ method: 'DELETE', path: `${path}/one` });
    await until('it is gone', () => !told.has(`${NAME}/one`));

    const agent = { version: '0.1.0', kernel: '6.12.0', held: undefined, source: 'Synced' } as const;
    const writer = new StatusWriter({
      ...{ client, nodeName: NAME, nodeUid: () => undefined, read: () => reportOf([], agent) },
      onError: (error) => assert.fail(error),
      times: { spreadMs: 10 },
    });
    void writer.run(stop.signal);
    writer.changed();
    await until('it is written', () => writer.writes === 1);
    const body = await client.send({ method: 'GET', path: `${REPORTS}/${NAME}` });
    assert.partialDeepStrictEqual(body, { status: { source: 'Synced', policies: 0 } });
  } finally {
    stop.abort();
    for (const path of [`${REPORTS}/${NAME}`, `/api/v1/namespaces/${NAME}`]) {
      await client.send({ method: 'DELETE', path }).catch(() => undefined); // it may not be there
    }
    client.close();
    await cluster.stop();
  }
});

function policy(): object {
  const spec = { lsmhooks: [{ hook: 'file_open', args: [{ index: 0, type: 'file' }] }] };
  return { apiVersion: 'cilium.io/v1alpha1', kind: 'TracingPolicyNamespaced', metadata: { name: 'one' }, spec };
}

async function knows(client: ApiClient): Promise<boolean> {
  try {
    for (const path of [`${POLICIES}/tracingpoliciesnamespaced?limit=1`, `${REPORTS}?limit=1`]) {
      await client.send({ method: 'GET', path });
    }
    return true;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false;
    throw error;
  }
}
