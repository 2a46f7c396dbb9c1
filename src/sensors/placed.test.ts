/** Policies that are for some nodes only, or enforce on some first, when the node gets other labels. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { PolicyRegistry } from './policy-registry.ts';
import { FakeLoaded, FakeStore, policyText } from './testing.ts';

let loaded: FakeLoaded;
let store: FakeStore;
let registry: PolicyRegistry;
const ids = (name: string) => ({ name, namespace: undefined });
const node = (labels?: Readonly<Record<string, string>>) => ({ name: 'node-1', labels });

beforeEach(() => {
  loaded = new FakeLoaded();
  store = new FakeStore();
  registry = new PolicyRegistry({ loaded, store, strict: false, node: node({}) });
});

const canary = (name: string, mode = 'enforce') =>
  policyText(name, { mode }).replace('annotations: {', 'annotations: { ringfence.io/canary: "canary", ');
const selected = (name: string, { hook = 'file_open' } = {}) =>
  policyText(name, { hook }).replace('spec:\n', 'spec:\n  nodeSelector: { matchLabels: { pool: edge } }\n');
const states = () =>
  registry.list().map(({ name, state, mode, placement = '' }) => `${name} ${state} ${mode} ${placement}`.trim());
const modes = () => Object.fromEntries(loaded.modes);
const put = (name: string, text: string, revision = '1') =>
  registry.apply({
    origin: 'kubernetes',
    put: [{ ...ids(name), text, source: `tracingpolicies/${name}`, revision }],
    remove: [],
  });

test('no canary watches; once it is labelled it enforces, and nothing is loaded anew', async () => {
  await put('first', canary('first'));
  await put('plain', policyText('plain'));
  assert.deepEqual(states(), ['first loaded monitor watch', 'plain loaded enforce']);
  assert.deepEqual(modes(), { '/first': 'monitor', '/plain': 'enforce' });
  const { installs, prepares } = loaded;
  await registry.setNode(node({ canary: '' }));
  assert.deepEqual(states(), ['first loaded enforce', 'plain loaded enforce']);
  assert.deepEqual(modes(), { '/first': 'enforce', '/plain': 'enforce' });
  await registry.setNode(node({}));
  assert.deepEqual(modes(), { '/first': 'monitor', '/plain': 'enforce' });
  assert.deepEqual([loaded.installs, loaded.prepares], [installs, prepares]);
});

test('a new version of the text is placed as the one before', async () => {
  await put('first', canary('first'));
  await put('first', `${canary('first')}# changed\n`, '2');
  assert.deepEqual(modes(), { '/first': 'monitor' });
  await put('first', policyText('first'), '3');
  assert.deepEqual(states(), ['first loaded enforce']);
});

test('what is for other nodes is not loaded; with the label it is, and goes with it', async () => {
  const [outcome] = await put('edge', selected('edge'));
  assert.equal(outcome?.kind, 'skipped');
  assert.deepEqual([states(), modes()], [['edge skipped enforce elsewhere'], {}]);
  await registry.setNode(node({ pool: 'edge' }));
  assert.deepEqual([states(), modes()], [['edge loaded enforce'], { '/edge': 'enforce' }]);
  await registry.setNode(node({ pool: 'core' }));
  assert.deepEqual([states(), modes()], [['edge skipped enforce elsewhere'], {}]);
});

test('one that is refused once the node is labelled leaves the others as they are', async () => {
  await put('plain', policyText('plain'));
  await put('edge', selected('edge', { hook: 'path_mkdir' }));
  loaded.wrong.add('path_mkdir');
  await registry.setNode(node({ pool: 'edge' }));
  assert.deepEqual(states(), ['plain loaded enforce', 'edge refused enforce']);
  assert.deepEqual(modes(), { '/plain': 'enforce' });
});

test('while the labels are not known, nothing is loaded that asks for them', async () => {
  registry = new PolicyRegistry({ loaded, store, strict: false, node: node() });
  await put('edge', selected('edge'));
  await put('first', canary('first'));
  assert.deepEqual(states(), ['edge skipped enforce unknown', 'first loaded monitor watch']);
  await registry.setNode(node({ pool: 'edge', canary: '' }));
  assert.deepEqual(modes(), { '/edge': 'enforce', '/first': 'enforce' });
});

test('a mode that was set by hand counts for more', async () => {
  await put('first', canary('first'));
  await registry.setMode(ids('first'), 'enforce');
  assert.deepEqual(states(), ['first loaded enforce']);
  await registry.setNode(node({ other: '' }));
  assert.deepEqual(modes(), { '/first': 'enforce' });
});

test('a policy that only watches is no matter of canaries', async () => {
  await put('first', canary('first', 'monitor'));
  assert.deepEqual(states(), ['first loaded monitor']);
});

test('the next agent begins with the labels that it remembers', async () => {
  await put('first', canary('first'));
  await put('edge', selected('edge'));
  for (const [labels, expected] of [
    [{ canary: '' }, { '/first': 'enforce' }],
    [{ pool: 'edge' }, { '/first': 'monitor', '/edge': 'enforce' }],
  ] as const) {
    loaded = new FakeLoaded();
    registry = new PolicyRegistry({ loaded, store, strict: false, node: node(labels) });
    await registry.start([]);
    assert.deepEqual(new Map(loaded.modes), new Map(Object.entries(expected)));
  }
});

test('a file that the agent is started with is placed, too', async () => {
  const files = [
    { file: 'first.yaml', text: canary('first') },
    { file: 'edge.yaml', text: selected('edge') },
  ];
  const { policies } = await registry.start(files);
  assert.deepEqual([policies.length, modes()], [1, { '/first': 'monitor' }]);
});
