/** Pods of all kinds, as an API server has them, and what is known of them here. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { podOf } from './pod.ts';

type Owner = { readonly kind: string; readonly name: string; readonly controller?: boolean };

function pod(metadata: object, more: object = {}): object {
  return { metadata: { name: 'web-5d4f-x2x', namespace: 'shop', uid: 'u-1', ...metadata }, ...more };
}

const hash = { 'pod-template-hash': '5d4f' };
const workloads: readonly (readonly [string, readonly Owner[], Readonly<Record<string, string>>, string])[] = [
  ['nobody owns it', [], {}, 'Pod web-5d4f-x2x'],
  ['a Deployment, by its ReplicaSet', [{ kind: 'ReplicaSet', name: 'web-5d4f' }], hash, 'Deployment web'],
  ['a ReplicaSet of its own', [{ kind: 'ReplicaSet', name: 'web-5d4f' }], {}, 'ReplicaSet web-5d4f'],
  ['a ReplicaSet of another name', [{ kind: 'ReplicaSet', name: 'web' }], hash, 'ReplicaSet web'],
  ['a DaemonSet', [{ kind: 'DaemonSet', name: 'agent' }], hash, 'DaemonSet agent'],
  ['a CronJob, by its Job', [{ kind: 'Job', name: 'nightly-report-29393280' }], {}, 'CronJob nightly-report'],
  ['a Job', [{ kind: 'Job', name: 'migrate-2' }], {}, 'Job migrate-2'],
  ['a manifest on the node', [{ kind: 'Node', name: 'node-1', controller: true }], {}, 'Pod web-5d4f-x2x'],
  [
    'two owners, of which one controls it',
    [
      { kind: 'Something', name: 'else' },
      { kind: 'StatefulSet', name: 'db', controller: true },
    ],
    {},
    'StatefulSet db',
  ],
];

for (const [name, ownerReferences, labels, expected] of workloads) {
  test(`workload: ${name}`, () => {
    const { kind, name: called } = podOf(pod({ ownerReferences, labels }))?.workload ?? assert.fail();
    assert.equal(`${kind} ${called}`, expected);
  });
}

test('containers of all three kinds, but for those that were not made yet', () => {
  const status = (name: string, containerID: string, state: object = {}) => ({
    name,
    image: 'i:1',
    imageID: 's',
    containerID,
    state,
  });
  const facts = podOf(
    pod(
      {},
      {
        spec: {
          hostNetwork: true,
          containers: [{ name: 'main' }, { name: 'waiting' }],
          initContainers: [{ name: 'init', securityContext: { privileged: true } }],
          ephemeralContainers: [{ name: 'debug' }],
        },
        status: {
          containerStatuses: [
            status('main', 'containerd://aa', { running: { startedAt: '1970-01-01T00:00:02Z' } }),
            status('waiting', ''),
          ],
          initContainerStatuses: [status('init', 'cri-o://bb', { terminated: { startedAt: '1970-01-01T00:00:01Z' } })],
          ephemeralContainerStatuses: [status('debug', 'docker://cc')],
        },
      },
    ),
  );
  assert.equal(facts?.hostNetwork, true);
  assert.deepEqual(
    facts?.containers.map(({ name, id, startedNs, privileged }) => [name, id, startedNs, privileged]),
    [
      ['main', 'aa', 2_000_000_000n, false],
      ['init', 'bb', 1_000_000_000n, true],
      ['debug', 'cc', undefined, false],
    ],
  );
});

test('what is no pod is none, and what is not text is no label', () => {
  for (const object of [undefined, 3, [], {}, { metadata: { name: 'x' } }, { metadata: null }]) {
    assert.equal(podOf(object), undefined);
  }
  const odd = podOf({
    ...pod({ labels: { a: 1, b: 'x' }, ownerReferences: 'none' }),
    status: { containerStatuses: {} },
  });
  assert.deepEqual([odd?.labels, odd?.containers], [{ b: 'x' }, []]);
});
