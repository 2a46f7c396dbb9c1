import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { detectCni } from './cni.ts';

type Files = Readonly<Record<string, string>>;

function detect(files: Files, interfaces: readonly string[] = [], pins: readonly string[] = []) {
  const directory = mkdtempSync(join(tmpdir(), 'cni-'));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
    const { name, evidence } = detectCni({ directory, interfaces, pins });
    return [name, evidence.map((each) => each.replace(`${directory}/`, '')).join(', ')];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const plugins = (...types: readonly string[]) =>
  JSON.stringify({ name: 'n', plugins: types.map((type) => ({ type })) });

const rows = [
  ['nothing', {}, [], [], ['none', '']],
  ['a list', { '05-c.conflist': plugins('cilium-cni') }, [], [], ['Cilium', '05-c.conflist']],
  ['one plugin', { 'a.conf': '{"type":"calico"}' }, [], [], ['Calico', 'a.conf']],
  ['one that nobody knows', { 'a.conf': '{"type":"mine"}' }, [], [], ['mine', 'a.conf']],
  [
    'a chain that nobody knows',
    { 'a.conflist': plugins('mine', 'bandwidth') },
    [],
    [],
    ['mine, bandwidth', 'a.conflist'],
  ],
  [
    'the first file decides',
    { '10-f.conflist': plugins('flannel', 'portmap'), '20-c.conf': '{"type":"calico"}' },
    ['cali12ab'],
    [],
    ['Flannel', '10-f.conflist'],
  ],
  ['interfaces', {}, ['lo', 'cilium_host', 'eth0'], ['cilium'], ['Cilium', 'interface cilium_host, pins cilium']],
  ['pins alone', {}, ['lo'], ['calico', 'ringfence'], ['Calico', 'pins calico']],
  [
    'interfaces against a plugin that none has',
    { 'a.conf': 'no JSON' },
    ['flannel.1'],
    [],
    ['Flannel', 'interface flannel.1'],
  ],
  ['files of other kinds', { 'x.txt': plugins('flannel'), 'b.json.bak': plugins('calico') }, [], [], ['none', '']],
  [
    'what is no configuration',
    { 'a.conf': 'null', 'b.conf': '[]', 'c.conflist': '{"plugins":7}' },
    [],
    [],
    ['none', ''],
  ],
  ['a type that is none', { 'a.conf': '{"type":"\\u001b[2J"}', 'b.conf': '{"type":{}}' }, [], [], ['none', '']],
] as const;

for (const [name, files, interfaces, pins, expected] of rows) {
  test(`network plugin: ${name}`, () => assert.deepEqual(detect(files, interfaces, pins), expected));
}

test('what cannot be read counts as not there', () => {
  const directory = mkdtempSync(join(tmpdir(), 'cni-'));
  mkdirSync(join(directory, 'a.conf'));
  assert.equal(detectCni({ directory, interfaces: [], pins: [] }).name, 'none');
  rmSync(directory, { recursive: true });
  assert.equal(detectCni({ directory, interfaces: [], pins: [] }).name, 'none');
});

test('of very many clues a few are told', () => {
  const interfaces = Array.from({ length: 300 }, (_, index) => `cali${index.toString(16).padStart(4, '0')}`);
  assert.equal(detectCni({ directory: '/none', interfaces, pins: [] }).evidence.length, 8);
});
