/** Namespaces that fail closed do so from the start of an agent on, until the API server says something else. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { FailClosedNamespaces } from './fail-closed.ts';

const directory = mkdtempSync(join(tmpdir(), 'fail-closed-'));
after(() => rmSync(directory, { recursive: true }));

function open(path: string) {
  const told: string[][] = [];
  const errors: string[] = [];
  const namespaces = new FailClosedNamespaces({
    path,
    changed: (names) => void told.push([...names].toSorted()),
    onError: ({ code }) => void errors.push(code),
  });
  const say = (name: string, value?: string) =>
    namespaces.changed({ name, annotations: value === undefined ? {} : { 'ringfence.io/fail-closed': value } });
  return { namespaces, told, errors, say };
}

test('what changes is told once, and the next agent begins with it', () => {
  const path = join(directory, 'new/state.json');
  const first = open(path);
  for (const name of ['vault', 'vault', 'bank']) first.say(name, 'true');
  first.say('shop');
  first.say('shop', 'yes');
  assert.deepEqual(first.told, [['vault'], ['bank', 'vault']]);
  first.namespaces.gone('shop');
  const second = open(path);
  assert.deepEqual(second.told, [['bank', 'vault']]);
  second.say('bank');
  second.namespaces.gone('vault');
  assert.deepEqual(second.told.slice(1), [['vault'], []]);
  assert.deepEqual(open(path).told, []);
});

test('one that was deleted while no agent ran is open again when all have been heard', () => {
  const path = join(directory, 'deleted.json');
  const first = open(path);
  for (const name of ['vault', 'bank']) first.say(name, 'true');
  const second = open(path);
  second.say('bank', 'true');
  second.namespaces.heardAll();
  second.namespaces.heardAll();
  assert.deepEqual(second.told, [['bank', 'vault'], ['bank']]);
  assert.deepEqual(open(path).told, [['bank']]);
});

for (const [what, text] of [
  ['half a file', '["vau'],
  ['something else', '{"a":1}'],
] as const) {
  test(`${what} is nothing`, () => {
    const path = join(directory, 'other.json');
    writeFileSync(path, text);
    assert.deepEqual(open(path).told, []);
  });
}

test('where it cannot be kept it counts all the same, and says so', () => {
  writeFileSync(join(directory, 'file'), '');
  const { told, errors, say } = open(join(directory, 'file/state.json'));
  say('vault', 'true');
  assert.deepEqual([told, errors], [[['vault']], ['RF3625']]);
});
