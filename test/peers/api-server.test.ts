/** The API server that other tests trust: it knows who asks, refuses whom RBAC does not name, and forgets when told. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { LabUnavailable } from '../lab/index.ts';
import { ApiClient, ApiServer, countRequests } from './index.ts';

let server: ApiServer | undefined;
let reason: string | undefined;

before(async () => {
  try {
    server = await ApiServer.start();
  } catch (error) {
    if (!(error instanceof LabUnavailable)) throw error;
    reason = error.message;
  }
});
after(() => server?.stop());

function withServer(name: string, body: (server: ApiServer) => Promise<void>): void {
  test(name, async (context) => {
    if (server === undefined) return context.skip(reason ?? 'it did not start');
    await body(server);
  });
}

function pod(name: string, nodeName: string): object {
  const spec = { nodeName, containers: [{ name: 'main', image: 'example.org/image:1' }] };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
}

withServer('it says which version it is', async ({ admin }) => {
  const { body } = await admin.get('/version');
  assert.match((body as { readonly gitVersion: string }).gitVersion, /^v1\.\d+\.\d+$/);
});

withServer('a pod is bound to a node without a scheduler, and found by it', async ({ admin }) => {
  await admin.create('/api/v1/namespaces/default/pods', pod('one', 'node-1'));
  await admin.create('/api/v1/namespaces/default/pods', pod('two', 'node-2'));
  const { body } = await admin.get('/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1');
  const { items } = body as { readonly items: readonly { readonly metadata: { readonly name: string } }[] };
  assert.deepEqual(
    items.map(({ metadata }) => metadata.name),
    ['one'],
  );
});

withServer('a user may do what a binding says, and nothing else', async (each) => {
  const jane = ApiClient.ofKubeconfig(await each.kubeconfig({ name: 'jane', groups: ['watchers'] }));
  try {
    assert.equal((await jane.get('/api/v1/namespaces')).status, 403);
    const rules = [{ apiGroups: [''], resources: ['namespaces'], verbs: ['list'] }];
    await each.admin.create('/apis/rbac.authorization.k8s.io/v1/clusterroles', { metadata: { name: 'list' }, rules });
    await each.admin.create('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
      metadata: { name: 'list' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'list' },
      subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'watchers' }],
    });
    let status = 0;
    for (let attempt = 0; attempt < 100 && status !== 200; attempt++) {
      status = (await jane.get('/api/v1/namespaces')).status;
    }
    assert.equal(status, 200);
    assert.equal((await jane.get('/api/v1/pods')).status, 403);
    const asked = countRequests(each.audit().filter(({ user }) => user === 'jane'));
    assert.ok((asked['list namespaces'] ?? 0) >= 2, JSON.stringify(asked));
    assert.equal(asked['list pods'], 1);
  } finally {
    jane.close();
  }
});

withServer('what it was told is there after it was killed, and the past is gone after a compaction', async (each) => {
  const list = await each.admin.get('/api/v1/pods');
  const { resourceVersion } = (list.body as { readonly metadata: { readonly resourceVersion: string } }).metadata;
  await each.admin.create('/api/v1/namespaces/default/configmaps', { metadata: { name: 'later' } });
  await each.admin.create('/api/v1/namespaces/default/pods', pod('three', 'node-1'));
  await each.compact();
  await each.stopApi();
  await each.startApi();
  assert.equal((await each.admin.get('/api/v1/namespaces/default/pods/three')).status, 200);
  const { status, body } = await each.admin.get(
    `/api/v1/pods?watch=true&timeoutSeconds=1&resourceVersion=${resourceVersion}`,
  );
  const told = typeof body === 'string' ? body : JSON.stringify(body);
  assert.ok(status === 410 || /"code":410/.test(told), `${status} ${told}`);
});
