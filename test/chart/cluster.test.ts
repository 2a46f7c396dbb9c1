/** The chart on a real API server: what it takes, what it refuses, what an agent may do there, and the end of a release. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { waitForDetached } from '../../src/cli/cluster-detached.ts';
import { type Scene, scenes, until } from '../kubernetes/harness.ts';
import { CHART, helmOutput } from './helm.ts';
import { AGENT, findHelm, NAMESPACE, RELEASE } from './render.ts';

const { program, skip } = await findHelm();
const withServer =
  skip === false ? scenes({ definitions: false }) : (name: string) => void test(name, { skip }, () => undefined);
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const POLICIES = '/apis/cilium.io/v1alpha1';
const REPORTS = '/apis/ringfence.io/v1alpha1/nodepolicystatuses';
const EXAMPLES = join(import.meta.dirname, '../../policies/examples');

type Item = { readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> } };

function withHelm(name: string, body: (scene: Scene, helmOn: HelmOn) => Promise<void>): void {
  withServer(name, async (scene) => {
    const place = ['--namespace', NAMESPACE, '--kubeconfig', await scene.server.kubeconfig()];
    await body(scene, (verb, ...more) => helmOutput(program, [verb, RELEASE, ...more, ...place]));
  });
}

type HelmOn = (verb: string, ...more: readonly string[]) => Promise<string>;

async function labelsOf({ server }: Scene, definition: string): Promise<Readonly<Record<string, string>> | undefined> {
  const { status, body } = await server.admin.get(`${CRDS}/${definition}`);
  return status === 200 ? ((body as Item).metadata.labels ?? {}) : undefined;
}

async function isServed({ server }: Scene): Promise<boolean> {
  const paths = [`${POLICIES}/tracingpolicies`, `${POLICIES}/tracingpoliciesnamespaced`, REPORTS];
  const answers = await Promise.all(paths.map((path) => server.admin.get(path)));
  return answers.every(({ status }) => status === 200);
}

/** As somebody else's operator has made it. */
const foreign = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'tracingpolicies.cilium.io', labels: { 'io.cilium.k8s.crd.schema.version': '1.8.13' } },
  spec: {
    group: 'cilium.io',
    scope: 'Cluster',
    names: {
      kind: 'TracingPolicy',
      listKind: 'TracingPolicyList',
      plural: 'tracingpolicies',
      singular: 'tracingpolicy',
    },
    versions: [
      {
        ...{ name: 'v1alpha1', served: true, storage: true },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

const hooksBy = (kind: string) => ['--set', `rthooks.enabled=true,rthooks.interface=${kind}`];

withHelm('a definition of somebody else is left alone, for as long as it is there', async (scene, helmOn) => {
  const { admin } = scene.server;
  await admin.create(CRDS, foreign);
  const install = ['--create-namespace', CHART, '--set', 'nats.embedded.enabled=true'];
  await helmOn('install', ...install);
  assert.deepEqual(await labelsOf(scene, foreign.metadata.name), foreign.metadata.labels);
  assert.ok((await labelsOf(scene, 'policystatuses.ringfence.io'))?.['ringfence.io/definition']);
  await helmOn('upgrade', CHART, ...hooksBy('oci-hooks'));
  assert.deepEqual(await labelsOf(scene, foreign.metadata.name), foreign.metadata.labels);

  await admin.delete(`${CRDS}/${foreign.metadata.name}`);
  await until('it is gone', async () => (await labelsOf(scene, foreign.metadata.name)) === undefined);
  await helmOn('upgrade', CHART, ...hooksBy('nri-hook'));
  assert.ok((await labelsOf(scene, foreign.metadata.name))?.['ringfence.io/definition']);
  await until('policies are served', () => isServed(scene));
});

withHelm('an operator that takes a definition over keeps it', async (scene, helmOn) => {
  const label = 'io.cilium.k8s.crd.schema.version';
  const path = `${CRDS}/tracingpoliciesnamespaced.cilium.io`;
  await scene.server.admin.merge(path, {
    metadata: { labels: { [label]: '1.8.13', 'ringfence.io/definition': null } },
  });
  await helmOn('upgrade', CHART);
  const labels = await labelsOf(scene, 'tracingpoliciesnamespaced.cilium.io');
  assert.deepEqual([labels?.[label], labels?.['ringfence.io/definition']], ['1.8.13', undefined]);
  await scene.server.admin.merge(path, { metadata: { labels: { [label]: null, 'ringfence.io/definition': 'v1' } } });
});

withHelm('the API server finds nothing wrong with any form of the chart', async (_, helmOn) => {
  for (const values of [
    'nats.urls[0]=tls://nats:4222,nats.tls.caSecret.name=authority,nats.credentialsSecret.name=login',
    'nats.embedded.enabled=true,nats.embedded.storage.size=1Gi,ringfence.exportFilename=events.json',
    'hostNetwork=false,dnsPolicy=ClusterFirst,priorityClass.create=false,updateStrategy.type=OnDelete,updateStrategy.rollingUpdate=null',
    'ringfence.appArmorProfile=null,ringfence.seLinuxOptions=null,ringfence.resources=null,ringfence.livenessProbe=null',
  ]) {
    await helmOn('upgrade', CHART, '--dry-run=server', '--set', values);
  }
});

/** As much of the operator's definitions as it takes to be asked for them. */
function definitionOfOperator(kind: string, plural: string) {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.monitoring.coreos.com` },
    spec: {
      group: 'monitoring.coreos.com',
      scope: 'Namespaced',
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}

withHelm('with the operator for Prometheus it is asked to scrape, and to alert', async ({ server }, helmOn) => {
  const monitoring = '/apis/monitoring.coreos.com/v1';
  await server.admin.create(CRDS, definitionOfOperator('ServiceMonitor', 'servicemonitors'));
  await server.admin.create(CRDS, definitionOfOperator('PrometheusRule', 'prometheusrules'));
  const parts = ['serviceMonitor', 'rules', 'dashboard'].map((part) => `ringfence.prometheus.${part}.enabled=true`);
  for (const kind of ['servicemonitors', 'prometheusrules']) {
    await until('it is served', async () => (await server.admin.get(`${monitoring}/${kind}`)).status === 200);
  }
  await helmOn('upgrade', CHART, '--set', parts.join(','));
  for (const kind of ['servicemonitors', 'prometheusrules']) {
    const { body } = await server.admin.get(`${monitoring}/namespaces/${NAMESPACE}/${kind}`);
    assert.deepEqual(
      (body as { readonly items: readonly Item[] }).items.map(({ metadata }) => metadata.name),
      [AGENT],
    );
  }
  const maps = `/api/v1/namespaces/${NAMESPACE}/configmaps/${AGENT}-dashboard`;
  assert.equal((await server.admin.get(maps)).status, 200);
  await helmOn('upgrade', CHART, '--reset-values');
  assert.equal((await server.admin.get(maps)).status, 404);
});

const hook = { hook: 'file_open' };
const namespaced = {
  kind: 'TracingPolicyNamespaced',
  path: `${POLICIES}/namespaces/default/tracingpoliciesnamespaced`,
};
const cluster = { kind: 'TracingPolicy', path: `${POLICIES}/tracingpolicies` };

for (const [name, { kind, path }, spec, expected] of [
  ['a hook', cluster, { lsmhooks: [hook] }, undefined],
  ['all of the host', cluster, { lsmhooks: [hook], hostSelector: {} }, undefined],
  ['no host', namespaced, { lsmhooks: [hook], hostSelector: null }, undefined],
  ['a field that there is not', cluster, { lsmhooks: [hook], matchBinares: [] }, /unknown field "spec.matchBinares"/],
  ['hooks of two kinds', cluster, { lsmhooks: [hook], kprobes: [{ call: 'fd_install' }] }, /hooks of one kind/],
  ['no hook', cluster, { options: [] }, /without hooks does nothing/],
  ['an empty list of hooks', cluster, { lsmhooks: [] }, /without hooks does nothing/],
  [
    'some of the host',
    cluster,
    { lsmhooks: [hook], hostSelector: { matchLabels: { a: 'b' } } },
    /spec\.hostSelector: Too many: 1/,
  ],
  [
    'the host, in a namespace',
    namespaced,
    { lsmhooks: [hook], hostSelector: {} },
    /host processes are in no namespace/,
  ],
  [
    'another word',
    cluster,
    { lsmhooks: [{ ...hook, selectors: [{ matchActions: [{ action: 'Stop' }] }] }] },
    /Unsupported value: "Stop"/,
  ],
] as const) {
  withServer(`a policy with ${name} is ${expected === undefined ? 'taken' : 'refused'}`, async ({ server }) => {
    await until('policies are served', async () => (await server.admin.get(path)).status === 200);
    const object = { apiVersion: 'cilium.io/v1alpha1', kind, metadata: { name: 'p' }, spec };
    const { status, body } = await server.admin.send('POST', `${path}?dryRun=All&fieldValidation=Strict`, object);
    if (expected === undefined) assert.equal(status, 201, JSON.stringify(body));
    else assert.match((body as { readonly message: string }).message, expected);
  });
}

withServer('every example is a policy for the API server too', async ({ server }) => {
  for (const file of readdirSync(EXAMPLES)) {
    const policy = parse(readFileSync(join(EXAMPLES, file), 'utf8')) as object;
    const { status, body } = await server.admin.send(
      'POST',
      `${cluster.path}?dryRun=All&fieldValidation=Strict`,
      policy,
    );
    assert.equal(status, 201, `${file}: ${JSON.stringify(body)}`);
  }
});

/** What the kubelet of `node` gives to a pod of the agent there. */
async function tokenOfAgentOn(scene: Scene, node: string): Promise<string> {
  const { admin } = scene.server;
  const pods = `/api/v1/namespaces/${NAMESPACE}/pods`;
  await admin.create('/api/v1/nodes', { metadata: { name: node } });
  const spec = { nodeName: node, serviceAccountName: AGENT, containers: [{ name: 'ringfence', image: 'x' }] };
  const pod = (await admin.create(pods, { metadata: { name: `agent-${node}` }, spec })) as {
    readonly metadata: { readonly uid: string };
  };
  const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name: `agent-${node}`, uid: pod.metadata.uid };
  const { status } = (await admin.create(`/api/v1/namespaces/${NAMESPACE}/serviceaccounts/${AGENT}/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { boundObjectRef },
  })) as { readonly status: { readonly token: string } };
  const file = scene.path(`token-${node}`);
  writeFileSync(file, status.token);
  return file;
}

withServer(
  'an agent, with the rights of the chart and the token of its pod, reports of its own node only',
  async (scene) => {
    const token = await tokenOfAgentOn(scene, 'node-1');
    const agent = scene.clientOf(scene.server.kubeconfigOfToken('agent', token));
    const report = (node: string) =>
      agent.send({
        method: 'PATCH',
        path: `${REPORTS}/${node}?fieldManager=ringfence-agent&force=true`,
        contentType: 'application/apply-patch+yaml',
        body: {
          ...{ apiVersion: 'ringfence.io/v1alpha1', kind: 'NodePolicyStatus', metadata: { name: node } },
          status: {
            ...{ source: 'Synced', reported: new Date().toISOString(), details: [] },
            ...{ policies: 0, enforcing: 0, degraded: 0, refused: 0 },
          },
        },
      });
    await report('node-1');
    const refused = async () => {
      const answer = await report('node-2').catch((error: Error) => error);
      return answer instanceof Error && /reports of its own node only/.test(answer.message);
    };
    await until('the report of another node is refused', refused);
    await report('node-1');
    for (const path of [
      `${POLICIES}/tracingpolicies`,
      `${POLICIES}/tracingpoliciesnamespaced`,
      '/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1',
      '/api/v1/namespaces',
      '/api/v1/nodes?fieldSelector=metadata.name%3Dnode-1',
    ]) {
      await agent.send({ method: 'GET', path });
    }
    for (const path of [`/api/v1/namespaces/${NAMESPACE}/secrets`, '/api/v1/configmaps', CRDS, REPORTS]) {
      await assert.rejects(agent.send({ method: 'GET', path }), /forbidden/, path);
    }
  },
);

/** Everything that says it is of the release, but for definitions, which stay. */
async function left({ server }: Scene): Promise<readonly string[]> {
  const selector = `?labelSelector=app.kubernetes.io%2Finstance%3D${RELEASE}`;
  const inNamespace = ['configmaps', 'secrets', 'services', 'serviceaccounts'].map(
    (kind) => `/api/v1/namespaces/${NAMESPACE}/${kind}`,
  );
  const paths = [
    ...inNamespace,
    ...['daemonsets', 'deployments', 'statefulsets'].map((kind) => `/apis/apps/v1/namespaces/${NAMESPACE}/${kind}`),
    `/apis/batch/v1/namespaces/${NAMESPACE}/jobs`,
    ...['roles', 'rolebindings'].map((kind) => `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}/${kind}`),
    ...['clusterroles', 'clusterrolebindings'].map((kind) => `/apis/rbac.authorization.k8s.io/v1/${kind}`),
    '/apis/scheduling.k8s.io/v1/priorityclasses',
    '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
    '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
  ];
  const found = await Promise.all(
    paths.map(async (path) => {
      const { body } = await server.admin.get(`${path}${selector}`);
      return (body as { readonly items: readonly Item[] }).items.map(({ metadata }) => `${path}/${metadata.name}`);
    }),
  );
  return found.flat();
}

withHelm('helm uninstall waits until every node is detached, and leaves nothing', async (scene, helmOn) => {
  const { admin } = scene.server;
  const sets = `/apis/apps/v1/namespaces/${NAMESPACE}/daemonsets`;
  const detach = `${sets}/${AGENT}-detach`;
  assert.ok((await left(scene)).length > 8);
  let isDone = false;
  const uninstalled = helmOn('uninstall').then(() => {
    isDone = true;
  });
  await until('the nodes are to be detached', async () => (await admin.get(detach)).status === 200);
  assert.equal((await admin.get(`${sets}/${AGENT}`)).status, 404, 'agents are told to end first');
  const job = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs/${AGENT}-detach`;
  await until('a job waits', async () => (await admin.get(job)).status === 200);

  // there are no controllers here: the test says what they would
  const nodes = (ready: number) =>
    admin.merge(`${detach}/status`, {
      status: {
        ...{ observedGeneration: 1, desiredNumberScheduled: 2, currentNumberScheduled: 2, numberMisscheduled: 0 },
        numberReady: ready,
      },
    });
  const ask = async (path: string) => (await admin.get(path)).body;
  const wanted = { namespace: NAMESPACE, daemonset: `${AGENT}-detach`, wait: 0 };
  await nodes(1);
  await assert.rejects(waitForDetached(wanted, ask, 1), /1 of 2 nodes are detached/);
  await nodes(2);
  assert.equal(await waitForDetached(wanted, ask, 1), 2);
  assert.equal(isDone, false);
  const now = new Date().toISOString();
  const condition = (type: string) => ({ type, status: 'True', lastTransitionTime: now, lastProbeTime: now });
  await admin.merge(`${job}/status`, {
    status: {
      ...{ startTime: now, completionTime: now, succeeded: 1 },
      conditions: [condition('SuccessCriteriaMet'), condition('Complete')],
    },
  });
  await uninstalled;
  assert.deepEqual(await left(scene), []);
  assert.ok(await labelsOf(scene, 'tracingpolicies.cilium.io'), 'policies stay');
});
