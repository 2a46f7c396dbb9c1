import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NetworkStatus } from '#control';
import { networkText } from './network-text.ts';

const nothing: NetworkStatus = {
  ...{ cni: { name: 'none', evidence: [] }, programs: [], unlisted: 0, own: 0, shared: [], unseen: [] },
};
const program = (id: number, at: readonly string[]) => ({ id, kind: 'lsm', name: 'look', owner: '', at, pins: [] });

test('a node without anything', () => {
  const lines = ['network plugin   none', 'BPF programs     0 of ours, 0 of others, attached beside each other', ''];
  assert.equal(networkText(nothing), lines.join('\n'));
});

test('what is shared, what was not looked at, and where the others are', () => {
  const text = networkText({
    ...nothing,
    cni: { name: 'Cilium', evidence: ['/a', 'pins cilium'] },
    programs: [{ ...program(7, ['lsm bpf_lsm_file_open', 'xdp of lo']), owner: 'Falco' }, program(8, ['xdp of lo'])],
    ...{ own: 9, shared: ['file_open'], unseen: ['pins beyond the first 2048'] },
  });
  assert.deepEqual(text.split('\n'), [
    'network plugin   Cilium (/a, pins cilium)',
    'BPF programs     9 of ours, 2 of others, attached beside each other',
    'shared hooks     file_open',
    'not looked at    pins beyond the first 2048',
    '',
    'ID   OF      KIND   NAME   ATTACHED',
    '7    Falco   lsm    look   lsm bpf_lsm_file_open; xdp of lo',
    '8    ?       lsm    look   xdp of lo',
    '',
  ]);
});

test('of many a part is shown, and the rest is counted', () => {
  const programs = Array.from({ length: 40 }, (_, index) => program(index, index < 30 ? ['xdp of lo'] : []));
  const lines = networkText({ ...nothing, programs, unlisted: 5 })
    .trimEnd()
    .split('\n');
  assert.equal(lines.filter((line) => line.endsWith('xdp of lo')).length, 24);
  assert.match(lines[1] ?? '', /45 of others/);
  assert.match(lines.at(-1) ?? '', /^6 more are attached, 10 are attached nowhere that is seen, 5 are not listed: /);
});

test('names that steer a terminal do not', () => {
  const text = networkText({ ...nothing, programs: [{ ...program(1, ['xdp of \u001b[2J']), name: '\u001b[31m' }] });
  assert.doesNotMatch(text.replaceAll('\n', ''), /\p{Cc}/u);
});
