/** The agent as the real helm renders it: its rights on the node and in the cluster, and what it sees of the node. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadSettings } from '#config';
import { definitions } from '#crd';
import { serviceCapabilities } from '../kernel/harness/capabilities.ts';
import { CHART, helmOutput } from './helm.ts';
import {
  AGENT,
  agentOf,
  findHelm,
  KUBERNETES,
  type Manifest,
  type Manifests,
  NAMESPACE,
  RELEASE,
  type Rules,
  render,
  type Workload,
} from './render.ts';

const { program, skip } = await findHelm();
const rendered = skip === false ? await render(program) : undefined;

function plain(): Manifests {
  assert.ok(rendered);
  return rendered;
}

test('helm lint finds nothing', { skip }, async () => {
  const output = await helmOutput(program, ['lint', '--strict', CHART]);
  assert.match(output, /1 chart\(s\) linted, 0 chart\(s\) failed/);
});

test('the agent has the capabilities that a kernel test enforces with, and is not privileged', { skip }, () => {
  const { agent } = agentOf(plain());
  assert.deepEqual(agent.securityContext.capabilities, {
    drop: ['ALL'],
    add: Object.keys(serviceCapabilities).map((name) => name.replace('CAP_', '')),
  });
  assert.partialDeepStrictEqual(agent.securityContext, {
    privileged: false,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    seccompProfile: { type: 'RuntimeDefault' },
    appArmorProfile: { type: 'Unconfined' },
  });
});

test('before 1.30 the profile of AppArmor is an annotation', { skip }, async () => {
  const { pod, agent } = agentOf(await render(program, {}, KUBERNETES.oldest));
  assert.equal(agent.securityContext.appArmorProfile, undefined);
  assert.equal(pod.metadata.annotations['container.apparmor.security.beta.kubernetes.io/ringfence'], 'unconfined');
});

test('of the node the agent sees processes and network, and these directories', { skip }, () => {
  const { pod, agent } = agentOf(plain());
  assert.partialDeepStrictEqual(pod.spec, { hostPID: true, hostNetwork: true });
  assert.equal(pod.spec.hostIPC, undefined);
  const mounts = new Map(agent.volumeMounts.map((mount) => [mount.name, mount]));
  const ofNode = pod.spec.volumes.flatMap(({ name, hostPath }) =>
    hostPath === undefined ? [] : [[hostPath.path, mounts.get(name)?.mountPath, mounts.get(name)?.readOnly === true]],
  );
  assert.deepEqual(ofNode, [
    ['/sys/fs/bpf', '/sys/fs/bpf', false],
    ['/run/ringfence', '/run/ringfence', false],
    ['/var/lib/ringfence', '/var/lib/ringfence', false],
    ['/etc/ringfence', '/etc/ringfence', true],
    ['/sys/kernel/tracing', '/sys/kernel/tracing', true],
    ['/sys/kernel/security', '/sys/kernel/security', true],
    ['/sys/fs/cgroup', '/sys/fs/cgroup', true],
    ['/etc/cni/net.d', '/etc/cni/net.d', true],
  ]);
});

test('its account is not mounted where nothing is asked of the API server', { skip }, async () => {
  const { pod } = agentOf(plain());
  assert.equal(pod.spec.automountServiceAccountToken, true);
  const alone = await render(program, { 'ringfence.enableK8sAPI': false });
  assert.equal(agentOf(alone).pod.spec.automountServiceAccountToken, false);
  const name = `${NAMESPACE}-${AGENT}`;
  for (const kind of ['ClusterRole', 'ClusterRoleBinding']) {
    assert.equal(
      plain()
        .of(kind)
        .some(({ metadata }) => metadata.name === name),
      true,
    );
    assert.equal(
      alone.of(kind).some(({ metadata }) => metadata.name === name),
      false,
    );
  }
});

test('directories of the node are those that the agent uses by default', { skip }, async () => {
  const { settings } = await loadSettings({ flags: { config: '', configDir: '' }, environment: {} });
  const paths = agentOf(plain()).pod.spec.volumes.flatMap(({ hostPath }) => hostPath?.path ?? []);
  for (const path of [settings.runDir, settings.stateDir, join(settings.tracingPolicyDir, '..')]) {
    assert.ok(paths.includes(path), path);
  }
  assert.ok(settings.bpfDir.startsWith('/sys/fs/bpf/'));
});

test('nothing of an agent that ends is taken away, and never are there two on a node', { skip }, () => {
  const { agent } = agentOf(plain());
  assert.equal(agent.lifecycle, undefined);
  const { updateStrategy } = plain().one<Workload>('DaemonSet', AGENT).spec;
  assert.deepEqual(updateStrategy, {
    type: 'RollingUpdate',
    rollingUpdate: { maxUnavailable: '10%', maxSurge: 0 },
  });
});

test('it is on every node, before other pods', { skip }, () => {
  const { pod } = agentOf(plain());
  assert.deepEqual(pod.spec.tolerations, [{ operator: 'Exists' }]);
  const priority = plain().one<{ readonly value: number }>('PriorityClass');
  assert.equal(pod.spec.priorityClassName, priority.metadata.name);
  assert.equal(priority.value, 1_000_000_000);
});

test('what the agent may ask of the API server is this, and no more', { skip }, () => {
  const { rules } = plain().one<Rules>('ClusterRole', `${NAMESPACE}-${AGENT}`);
  assert.deepEqual(rules, [
    { apiGroups: ['cilium.io'], resources: ['tracingpolicies', 'tracingpoliciesnamespaced'], verbs: ['list', 'watch'] },
    { apiGroups: [''], resources: ['pods', 'namespaces', 'nodes'], verbs: ['list', 'watch'] },
    { apiGroups: ['ringfence.io'], resources: ['nodepolicystatuses'], verbs: ['create', 'patch'] },
  ]);
  const binding = plain().one<{ readonly subjects: readonly object[] }>('ClusterRoleBinding', `${NAMESPACE}-${AGENT}`);
  const { pod } = agentOf(plain());
  assert.deepEqual(binding.subjects, [
    { kind: 'ServiceAccount', name: pod.spec.serviceAccountName, namespace: NAMESPACE },
  ]);
});

test('an agent writes the report of its own node only, where the API server can hold it to that', {
  skip,
}, async () => {
  const policy = plain().one<{
    readonly spec: { readonly matchConditions: readonly { readonly expression: string }[] };
  }>('ValidatingAdmissionPolicy');
  const account = `system:serviceaccount:${NAMESPACE}:${agentOf(plain()).pod.spec.serviceAccountName}`;
  assert.deepEqual(
    policy.spec.matchConditions.map(({ expression }) => expression),
    [`request.userInfo.username == "${account}"`],
  );
  const bound = plain().one<{ readonly spec: object }>('ValidatingAdmissionPolicyBinding').spec;
  assert.deepEqual(bound, { policyName: policy.metadata.name, validationActions: ['Deny'] });
  const older = await render(program, {}, KUBERNETES.oldest);
  assert.deepEqual(older.of('ValidatingAdmissionPolicy'), []);
});

test('the definitions are those of src/crd, and stay when the release goes', { skip }, async () => {
  const found = plain().of('CustomResourceDefinition');
  assert.equal(found.length, definitions.length);
  for (const definition of definitions as unknown as readonly Manifest[]) {
    const ours = plain().one('CustomResourceDefinition', definition.metadata.name);
    assert.deepEqual(ours.spec, definition.spec);
    assert.partialDeepStrictEqual(ours.metadata, {
      labels: definition.metadata.labels ?? {},
      annotations: { 'helm.sh/resource-policy': 'keep' },
    });
  }
  assert.deepEqual((await render(program, { 'crds.install': 'none' })).of('CustomResourceDefinition'), []);
});

test('every object says what release it is of', { skip }, () => {
  for (const { kind, metadata } of plain().all) {
    assert.partialDeepStrictEqual(
      metadata.labels,
      { 'app.kubernetes.io/instance': RELEASE, 'app.kubernetes.io/part-of': 'ringfence' },
      `${kind} ${metadata.name}`,
    );
  }
});
