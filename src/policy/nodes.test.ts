/** On which nodes a policy is loaded, and on which it enforces. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Placement } from './nodes.ts';
import { placementOf } from './nodes.ts';
import { parsePolicies } from './parse.ts';

function policy({ canary, selector = '', name = 'shield' }: { canary?: string; selector?: string; name?: string }) {
  const annotations = canary === undefined ? '' : `\n  annotations: { ringfence.io/canary: ${JSON.stringify(canary)} }`;
  const text = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: ${name}${annotations}
spec:${selector === '' ? '' : `\n  nodeSelector: ${selector}`}
  lsmhooks:
  - hook: file_open
`;
  const { policies, diagnostics } = parsePolicies(text, 'policy.yaml');
  return { policy: policies[0], codes: diagnostics.map(({ code }) => code) };
}

function place(options: Parameters<typeof policy>[0], labels?: Readonly<Record<string, string>>, name = 'node-1') {
  const parsed = policy(options);
  assert.ok(parsed.policy, parsed.codes.join());
  return placementOf(parsed.policy, { name, labels });
}

const pool = '{ matchLabels: { pool: edge } }';
const zones = '{ matchExpressions: [{ key: zone, operator: NotIn, values: [a] }] }';
const placements: readonly (readonly [
  name: string,
  options: Parameters<typeof policy>[0],
  labels: Readonly<Record<string, string>> | undefined,
  expected: Placement,
])[] = [
  ['neither selector nor canary', {}, undefined, 'here'],
  ['an empty selector selects all', { selector: '{}' }, undefined, 'here'],
  ['the label is there', { selector: pool }, { pool: 'edge' }, 'here'],
  ['the label is another', { selector: pool }, { pool: 'core' }, 'elsewhere'],
  ['the label is not there', { selector: pool }, {}, 'elsewhere'],
  ['the labels are not known', { selector: pool }, undefined, 'unknown'],
  ['NotIn holds without the label', { selector: zones }, {}, 'here'],
  ['NotIn does not hold', { selector: zones }, { zone: 'a' }, 'elsewhere'],
  ['a canary by label', { canary: 'canary=true' }, { canary: 'true' }, 'here'],
  ['no canary', { canary: 'canary=true' }, { canary: 'false' }, 'watch'],
  ['no canary, as the labels are not known', { canary: 'canary=true' }, undefined, 'watch'],
  ['a canary by the name of a label', { canary: 'canary' }, { canary: '' }, 'here'],
  ['a canary unless labelled', { canary: '!critical' }, { critical: '' }, 'watch'],
  ['a canary by both labels', { canary: 'a=1, b!=2' }, { a: '1', b: '3' }, 'here'],
  ['a canary by one of both', { canary: 'a=1, b!=2' }, { a: '1', b: '2' }, 'watch'],
  ['all nodes are canaries', { canary: '100%' }, undefined, 'here'],
  ['none is', { canary: '0%' }, {}, 'watch'],
  ['labels and all nodes', { canary: '100%,pool=edge' }, { pool: 'core' }, 'watch'],
  ['a canary that is not selected', { selector: pool, canary: '100%' }, {}, 'elsewhere'],
  ['selected, and no canary', { selector: pool, canary: 'canary' }, { pool: 'edge' }, 'watch'],
];

for (const [name, options, labels, expected] of placements) {
  test(`placement: ${name}`, () => assert.equal(place(options, labels), expected));
}

const nodes = Array.from({ length: 1000 }, (_, index) => `node-${index}`);
const canaries = (canary: string, name?: string) =>
  nodes.filter((node) => place({ canary, ...(name === undefined ? {} : { name }) }, {}, node) === 'here');

test('a percentage is about that many nodes, more of them with a higher one, and others for another policy', () => {
  const [few, more, others] = [canaries('5%'), canaries('25.5%'), canaries('5%', 'other')];
  assert.ok(few.length > 25 && few.length < 80, `${few.length} of 1000`);
  assert.ok(more.length > 200 && more.length < 310, `${more.length} of 1000`);
  assert.deepEqual(
    few.filter((node) => !more.includes(node)),
    [],
  );
  assert.notDeepEqual(few, others);
});

for (const canary of [
  '',
  '101%',
  '-1%',
  '10%,20%',
  '10 %',
  'a=b=c',
  'a in (b)',
  '-x',
  'a=-',
  ',',
  '5.25%',
  '!',
  'a/b/c',
]) {
  test(`no canary: ${JSON.stringify(canary)}`, () => assert.deepEqual(policy({ canary }).codes, ['RF1205']));
}

test('what no label of a node can be', () => {
  const codes = (selector: string) => policy({ selector }).codes;
  assert.deepEqual(codes('{ matchLabels: { "-x": a } }'), ['RF1341']);
  assert.deepEqual(codes('{ matchLabels: { x: "a b" } }'), ['RF1342']);
  assert.deepEqual(codes('{ matchLabels: { "k8s:io.kubernetes.pod.namespace": default } }'), ['RF1341']);
});
