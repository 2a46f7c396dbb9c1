/** The labels of the node are those that the API server said last, from the start of an agent on. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { OwnNode } from './own-node.ts';

const directory = mkdtempSync(join(tmpdir(), 'own-node-'));
after(() => rmSync(directory, { recursive: true }));

function open(path: string, { name = 'node-1', inCluster = true } = {}) {
  const errors: string[] = [];
  const told: unknown[] = [];
  const node = new OwnNode({ name, path, inCluster, onError: ({ code }) => void errors.push(code) });
  node.onChanged(({ labels }) => void told.push(labels));
  return { node, told, errors };
}

test('what changes is told once, and the next agent begins with it', () => {
  const path = join(directory, 'new/node.json');
  const first = open(path);
  assert.equal(first.node.facts.labels, undefined);
  for (const labels of [{ zone: 'a' }, { zone: 'a' }, { zone: 'b', pool: 'x' }]) first.node.changed({ labels });
  assert.deepEqual(first.told, [{ zone: 'a' }, { zone: 'b', pool: 'x' }]);
  first.node.gone();
  const second = open(path);
  assert.deepEqual(second.node.facts, { name: 'node-1', labels: { zone: 'b', pool: 'x' } });
  second.node.changed({ labels: {} });
  assert.deepEqual(open(path).node.facts.labels, {});
});

test('what another node left, or what is no such file, is not taken', () => {
  const path = join(directory, 'other.json');
  open(path).node.changed({ labels: { zone: 'a' } });
  assert.equal(open(path, { name: 'node-2' }).node.facts.labels, undefined);
  for (const text of ['', '[]', 'null', '{"name":"node-1","labels":null}']) {
    writeFileSync(path, text);
    assert.equal(open(path).node.facts.labels, undefined, text);
  }
});

test('without a cluster a node has its name only', () => {
  const { node } = open(join(directory, 'none.json'), { inCluster: false });
  assert.deepEqual(node.facts.labels, { 'kubernetes.io/hostname': 'node-1' });
});

test('what cannot be remembered counts all the same', () => {
  const path = join(directory, 'taken');
  mkdirSync(path);
  const { node, errors } = open(path);
  node.changed({ labels: { zone: 'a' } });
  assert.deepEqual([node.facts.labels, errors], [{ zone: 'a' }, ['RF2408']]);
});
