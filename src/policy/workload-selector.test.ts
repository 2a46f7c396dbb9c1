/** Whom podSelector, containerSelector, hostSelector, matchWorkloads and a namespace select: as Kubernetes would. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { known } from '#std';
import { firstSelector, parsed, policyText } from './fixtures.ts';
import { matches } from './semantics.ts';
import type { Observation } from './semantics-observation.ts';
import { selectsWorkload, type WorkloadSubject, workloadKey } from './workload-selector.ts';

const shop = { namespace: 'shop', podLabels: { app: 'web', tier: '' }, imageRepo: 'registry.example:5000/team/web' };
const subjects = {
  host: { kind: 'host' },
  pending: { kind: 'pending' },
  web: { kind: 'container', ...shop, containerName: 'web' },
  sidecar: { kind: 'container', ...shop, containerName: 'sidecar', imageRepo: 'proxy' },
  other: { kind: 'container', ...shop, namespace: 'bank', podLabels: { app: 'bank' }, containerName: 'web' },
  alone: { kind: 'container', namespace: undefined, podLabels: {}, containerName: 'web', imageRepo: 'web' },
} as const satisfies Record<string, WorkloadSubject>;
const everybody = Object.keys(subjects).join(' ');

const hook = '  lsmhooks: [{hook: file_open}]\n';
const expression = (key: string, operator: string, values?: readonly string[]) =>
  `{matchExpressions: [{key: ${key}, operator: ${operator}${values === undefined ? '' : `, values: [${values}]`}}]}`;

const table: readonly (readonly [selectors: string, selected: string])[] = [
  ['loader: false', everybody],
  ['hostSelector: {}', 'host alone'],
  ['hostSelector: null', everybody],
  ['podSelector: {}', 'pending web sidecar other'],
  ['podSelector: {matchLabels: {app: web}}', 'web sidecar'],
  ['podSelector: {matchLabels: {app: web, tier: ""}}', 'web sidecar'],
  ['podSelector: {matchLabels: {app: web, tier: x}}', ''],
  ['podSelector: {matchLabels: {k8s:io.kubernetes.pod.namespace: bank}}', 'other'],
  [`podSelector: ${expression('app', 'In', ['web', 'bank'])}`, 'web sidecar other'],
  [`podSelector: ${expression('tier', 'NotIn', ['x'])}`, 'web sidecar other'],
  [`podSelector: ${expression('tier', 'NotIn', ['""'])}`, 'other'],
  [`podSelector: ${expression('tier', 'Exists')}`, 'web sidecar'],
  [`podSelector: ${expression('tier', 'DoesNotExist')}`, 'other'],
  [`podSelector: ${expression('toString', 'Exists')}`, ''],
  [`podSelector: ${expression('constructor', 'NotIn', ['x'])}`, 'web sidecar other'],
  ['containerSelector: {}', 'pending web sidecar other alone'],
  ['containerSelector: {matchLabels: {name: web}}', 'web other alone'],
  [`containerSelector: ${expression('repo', 'In', ['registry.example:5000/team/web'])}`, 'web other'],
  [`containerSelector: ${expression('name', 'NotIn', ['web'])}`, 'sidecar'],
  ['podSelector: {matchLabels: {app: web}}\n  containerSelector: {matchLabels: {name: web}}', 'web'],
  ['hostSelector: {}\n  podSelector: {matchLabels: {app: web}}', 'host web sidecar alone'],
  ['hostSelector: {}\n  containerSelector: {matchLabels: {name: sidecar}}', 'host sidecar alone'],
  ['hostSelector: {}\n  podSelector: {}\n  containerSelector: {}', everybody],
  ['hostSelector: {}\n  podSelector: {}', everybody],
];

function selectedBy(scope: Parameters<typeof selectsWorkload>[0] | undefined): string {
  const names = Object.entries(subjects).filter(([, each]) => scope === undefined || selectsWorkload(scope, each));
  return names.map(([name]) => name).join(' ');
}

for (const [selectors, selected] of table) {
  test(`of a policy: ${selectors.replaceAll('\n', '')}`, () => {
    assert.equal(selectedBy(parsed(policyText(`  ${selectors}\n${hook}`)).scope), selected);
  });
  test(`of a selector: ${selectors.replaceAll('\n', '')}`, () => {
    const filter = selectors === 'loader: false' ? '{}' : `{${selectors.replaceAll('\n', ',')}}`;
    const { workloads } = firstSelector(
      `  lsmhooks: [{hook: file_open, selectors: [{matchWorkloads: [${filter}]}]}]\n`,
    );
    assert.equal(selectedBy(workloads), selected);
  });
}

function namespaced(spec: string, namespace = '  namespace: shop\n') {
  return parsed(policyText(spec, namespace).replace('kind: TracingPolicy', 'kind: TracingPolicyNamespaced'));
}

test('a namespaced policy is about the pods of its namespace', () => {
  assert.equal(selectedBy(namespaced(hook).scope), 'web sidecar');
  assert.equal(selectedBy(namespaced(`  podSelector: {matchLabels: {app: bank}}\n${hook}`).scope), '');
  assert.equal(selectedBy(namespaced(`  containerSelector: {matchLabels: {name: web}}\n${hook}`).scope), 'web');
  assert.equal(namespaced(hook, '').namespace, 'default');
  assert.equal(selectedBy(namespaced(hook, '').scope), '');
});

test('selectors that say the same have the same key, in whatever order they say it', () => {
  const keyOf = (selector: string) => workloadKey(known(parsed(policyText(`  ${selector}\n${hook}`)).scope, 'scope'));
  const same = [
    'podSelector: {matchLabels: {a: b, c: d}}',
    'podSelector: {matchLabels: {c: d, a: b}}',
    'podSelector: {matchLabels: {c: d}, matchExpressions: [{key: a, operator: In, values: [b]}]}',
    'podSelector: {matchLabels: {c: d, a: b}, matchExpressions: [{key: a, operator: In, values: [b]}]}',
  ].map(keyOf);
  assert.equal(new Set(same).size, 1);
  const others = [
    'podSelector: {matchLabels: {a: b}}',
    'podSelector: {}',
    'containerSelector: {}',
    'hostSelector: {}',
    'hostSelector: {}\n  podSelector: {matchLabels: {a: b}}',
    'podSelector: {matchExpressions: [{key: a, operator: NotIn, values: [b]}]}',
  ].map(keyOf);
  assert.equal(new Set([...others, same[0]]).size, others.length + 1);
});

const verdicts = parsed(
  policyText(`  podSelector: {matchLabels: {app: web}}
  lsmhooks:
  - hook: task_kill
    selectors:
    - matchWorkloads: [{containerSelector: {matchLabels: {name: sidecar}}}]
      matchActions: [{action: Sigkill}]
    - matchActions: [{action: Post}]
`),
);

function verdictOf(workload: Observation['workload']): string {
  const namespaces = { Uts: 1, Ipc: 1, Mnt: 1, Pid: 1, PidForChildren: 1, Net: 1, Time: 1, TimeForChildren: 1 };
  const { verdict } = matches(verdicts, {
    ...{ entry: 0, arguments: new Map(), result: undefined, workload },
    process: {
      ...{ binary: new Uint8Array(), subject: 'unreadable' },
      descent: { binaries: [], pids: [], namespacePids: [] },
    },
    hostNamespaces: { ...namespaces, Cgroup: 1, User: 1 },
  });
  return 'selector' in verdict ? `${verdict.kind} ${verdict.selector}` : verdict.kind;
}

test('policy and selector must both select; where nobody can say what runs, a selector that enforces denies', () => {
  assert.equal(verdictOf(subjects.sidecar), 'match 0');
  assert.equal(verdictOf(subjects.web), 'match 1');
  for (const each of [subjects.host, subjects.other, subjects.pending]) assert.equal(verdictOf(each), 'no-match');
  assert.equal(verdictOf('unreadable'), 'unreadable-denied 0');
});
