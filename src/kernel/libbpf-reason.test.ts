/** What libbpf says of a program is found among what it says of others, and of the object. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { libbpfReason } from './libbpf-reason.ts';

const messages = [
  "libbpf: prog 'other': failed to load: -22",
  [
    "libbpf: failed to determine tracepoint 'a/b' perf event ID: No such file or directory",
    "libbpf: prog 'mine': failed to create tracepoint 'a/b' perf event: No such file or directory",
    "libbpf: prog 'mine': failed to load: -2",
  ].join('\n'),
];

test('the first line about the program', () => {
  assert.equal(
    libbpfReason(messages, 'mine'),
    "failed to create tracepoint 'a/b' perf event: No such file or directory",
  );
  assert.equal(libbpfReason(messages, 'other'), 'failed to load: -22');
});

test('nothing, where there is no such line', () => {
  assert.equal(libbpfReason(messages, 'min'), undefined);
  assert.equal(libbpfReason([], 'mine'), undefined);
});
