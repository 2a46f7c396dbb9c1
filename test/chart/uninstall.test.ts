/** What `helm uninstall` does on every node: nothing stays attached or pinned. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AGENT,
  agentOf,
  findHelm,
  type Manifest,
  type Manifests,
  NAMESPACE,
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

const HOOK = 'helm.sh/hook';

function hooks(): readonly Manifest[] {
  return plain().all.filter(({ metadata }) => metadata.annotations?.[HOOK] !== undefined);
}

test('after the release is gone every node is detached, and helm waits for that', { skip }, () => {
  const weights = hooks().map(({ kind, metadata }) => [kind, Number(metadata.annotations?.[`${HOOK}-weight`])]);
  assert.deepEqual(
    weights.toSorted((a, b) => Number(a[1]) - Number(b[1])),
    [
      ['ServiceAccount', 0],
      ['Role', 0],
      ['RoleBinding', 0],
      ['DaemonSet', 1],
      ['Job', 2],
    ],
  );
  for (const { metadata } of hooks()) {
    assert.partialDeepStrictEqual(metadata.annotations, {
      [HOOK]: 'post-delete',
      [`${HOOK}-delete-policy`]: 'before-hook-creation,hook-succeeded',
    });
  }
});

test('what detaches reaches the nodes that the agent was on, with its rights and its directories', { skip }, () => {
  const { pod, agent } = agentOf(plain());
  const { spec } = plain().one<Workload>('DaemonSet', `${AGENT}-detach`).spec.template;
  const [detach] = spec.initContainers ?? [];
  assert.deepEqual(detach?.args, ['detach', '--all', '--wait', '300']);
  assert.deepEqual(detach.securityContext, agent.securityContext);
  assert.equal(detach.image, agent.image);
  assert.deepEqual([spec.tolerations, spec.nodeSelector], [pod.spec.tolerations, pod.spec.nodeSelector]);
  assert.equal(spec.automountServiceAccountToken, false);
  const paths = spec.volumes.map(({ hostPath }) => hostPath?.path);
  assert.deepEqual(paths, ['/sys/fs/bpf', '/run/ringfence']);
  assert.equal(spec.containers[0]?.securityContext.runAsUser, 65_532);
});

test('who waits may look at that one DaemonSet', { skip }, () => {
  const { rules } = plain().one<Rules>('Role');
  assert.deepEqual(rules, [
    { apiGroups: ['apps'], resources: ['daemonsets'], resourceNames: [`${AGENT}-detach`], verbs: ['get'] },
  ]);
  const { spec } = plain().one<Workload>('Job').spec.template;
  assert.deepEqual(spec.containers[0]?.args, [
    ...['cluster', 'detached', '--namespace', NAMESPACE],
    ...['--daemonset', `${AGENT}-detach`, '--wait', '300'],
  ]);
});

test('what detaches is no agent, for whoever looks for agents', { skip }, () => {
  const agent = plain().one<Workload>('DaemonSet', AGENT);
  const detach = plain().one<Workload>('DaemonSet', `${AGENT}-detach`);
  const labels = detach.spec.template.metadata.labels;
  const fits = Object.entries(agent.spec.selector.matchLabels).every(([key, value]) => labels[key] === value);
  assert.equal(fits, false);
});

test('it can be left out', { skip }, async () => {
  const manifests = await render(program, { 'uninstall.detach': false });
  assert.deepEqual(
    manifests.all.filter(({ metadata }) => metadata.annotations?.[HOOK] !== undefined),
    [],
  );
});
