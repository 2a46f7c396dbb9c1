/** The program that adds up what nodes say: alone of its kind, without rights on its node, and with these in the cluster. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AGENT, findHelm, NAMESPACE, type Rules, render, type Workload } from './render.ts';

const { program, skip } = await findHelm();
const NAME = `${AGENT}-collector`;

test('the collector is one, and an ordinary pod', { skip }, async () => {
  const manifests = await render(program);
  const { spec } = manifests.one<
    Workload & { readonly spec: { readonly replicas: number; readonly strategy: object } }
  >('Deployment');
  assert.deepEqual([spec.replicas, spec.strategy], [1, { type: 'Recreate' }]);
  const pod = spec.template.spec;
  assert.deepEqual([pod.hostPID, pod.hostNetwork, pod.volumes], [undefined, undefined, undefined]);
  assert.deepEqual(pod.containers[0]?.args, ['collect', '--log-level', 'info']);
  assert.deepEqual(pod.containers[0]?.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    runAsUser: 65_532,
    runAsGroup: 65_532,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  });
});

test('it alone writes for all nodes, and only what became of policies', { skip }, async () => {
  const manifests = await render(program);
  const policies = ['tracingpolicies', 'tracingpoliciesnamespaced'];
  assert.deepEqual(manifests.one<Rules>('ClusterRole', `${NAMESPACE}-${NAME}`).rules, [
    { apiGroups: ['cilium.io'], resources: policies, verbs: ['get', 'list', 'watch'] },
    { apiGroups: ['ringfence.io'], resources: ['nodepolicystatuses'], verbs: ['list', 'watch'] },
    { apiGroups: ['cilium.io'], resources: policies.map((kind) => `${kind}/status`), verbs: ['patch'] },
    {
      apiGroups: ['ringfence.io'],
      resources: ['policystatuses', 'policystatusesnamespaced'],
      verbs: ['get', 'create', 'patch'],
    },
    { apiGroups: [''], resources: ['events'], verbs: ['create'] },
  ]);
  const agent = manifests.one<Rules>('ClusterRole', `${NAMESPACE}-${AGENT}`).rules;
  assert.deepEqual(
    agent.filter(({ resources }) => resources.some((each) => /^policystatuses|\/status$|^events$/.test(each))),
    [],
  );
});

test('without it there is nothing of it', { skip }, async () => {
  const manifests = await render(program, { 'collector.enabled': false });
  assert.deepEqual(
    manifests.all.filter(({ metadata }) => metadata.name.endsWith('-collector')),
    [],
  );
});
