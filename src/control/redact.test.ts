/** No secret leaves in a support bundle; what is none stays readable. The log keeps its last lines. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogTail } from './log-tail.ts';
import { redact, redactText } from './redact.ts';

const texts = [
  [
    'an address with a password',
    'to nats://me:p@ss@host:4222, tls://tok@h',
    'to nats://(hidden)@host:4222, tls://(hidden)@h',
  ],
  ['an address without one', 'nats://host:4222/a@b', 'nats://host:4222/a@b'],
  ['a value by its name', 'token=abc password: "d e"', 'token=(hidden) password: "(hidden) e"'],
  ['JSON', '{"token":"abc","n":1}', '{"token":"(hidden)","n":1}'],
  ['a path', '/etc/ringfence/policy.yaml', '/etc/ringfence/policy.yaml'],
] as const;
for (const [name, text, expected] of texts) test(`text: ${name}`, () => assert.equal(redactText(text), expected));

test('values whose names tell of secrets are hidden, however deep', () => {
  const config = {
    ...{ strict: true, 'nats-credentials': '/etc/x', tokens: ['a', 'b'], authEnabled: false, size: 7n, none: null },
    nested: [{ password: 'p', servers: ['nats://u:p@h'] }],
  };
  assert.deepEqual(redact(config), {
    ...{ strict: true, 'nats-credentials': '(hidden)', tokens: '(hidden)', authEnabled: false, size: '7', none: null },
    nested: [{ password: '(hidden)', servers: ['nats://(hidden)@h'] }],
  });
});

test('the log keeps its last lines, and none that is endless', () => {
  const tail = new LogTail(2);
  for (const line of ['first\n', 'second\n', 'x'.repeat(5000)]) tail.add(line);
  assert.deepEqual(tail.lines, ['second', `${'x'.repeat(4096)}…`]);
});
