/** What policies mean, as tables: one policy, one observation, one verdict. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasErrors } from '#diagnostics';
import { known } from '#std';
import type { Policy } from './model.ts';
import { parsePolicies } from './parse.ts';
import {
  type FileIdentity,
  type IdentityOf,
  matches,
  type Observation,
  type ObservedArgument,
  type Verdict,
} from './semantics.ts';

function policyOf(selectors: string, more: { type?: string; metadata?: string; spec?: string } = {}): Policy {
  const text = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: example
${more.metadata ?? ''}
spec:
${more.spec ?? ''}
  lsmhooks:
  - hook: file_open
    args:
    - index: 0
      type: ${more.type ?? 'file'}
    - index: 1
      type: int
    selectors:
${selectors}`;
  const { policies, diagnostics } = parsePolicies(text, 'policy.yaml');
  assert.ok(!hasErrors(diagnostics), JSON.stringify(diagnostics));
  return known(policies[0], 'policy');
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const other: FileIdentity = { device: 1n, inode: 99n };

function path(name: string | 'unreadable', identity: FileIdentity | 'unreadable' = other): ObservedArgument {
  return { kind: 'path', name: name === 'unreadable' ? 'unreadable' : encode(name), identity };
}

const integer = (value: bigint | 'unreadable'): ObservedArgument => ({ kind: 'integer', value });

type Call = { readonly file?: ObservedArgument; readonly number?: ObservedArgument; readonly binary?: string };

function observed({ file = path('/etc/shadow'), number = integer(7n), binary = '/usr/bin/head' }: Call): Observation {
  return {
    hook: 'file_open',
    arguments: new Map([
      [0, file],
      [1, number],
    ]),
    binary: binary === 'unreadable' ? 'unreadable' : encode(binary),
  };
}

function brief(verdict: Verdict): string {
  const skipped = verdict.skipped > 0 ? ` skipped ${verdict.skipped}` : '';
  switch (verdict.kind) {
    case 'no-match':
      return `no match${skipped}`;
    case 'unreadable-denied':
      return `unreadable ${verdict.selector} ${verdict.error}${skipped}`;
    case 'match': {
      const effects = [verdict.error, verdict.kill ? 'kill' : '', verdict.post ? 'post' : ''];
      const said = effects.filter((effect) => effect !== undefined && effect !== '').join(' ');
      return `match ${verdict.selector} ${said}${skipped}`.trim();
    }
  }
}

function verdictOf(policy: Policy, call: Call, identityOf?: IdentityOf): string {
  const [first] = matches(policy, observed(call), identityOf);
  return brief(known(first, 'verdict').verdict);
}

const filter = (operator: string, values: string, index = 0): string =>
  `    - matchArgs:\n      - {index: ${index}, operator: ${operator}, values: [${values}]}\n`;
const binaries = (operator: string, values: string): string =>
  `      matchBinaries: [{operator: ${operator}, values: [${values}]}]\n`;
const actions = (list: string): string => `      matchActions: [${list}]\n`;
const kill = actions('{action: Sigkill}');

const shadow = filter('Equal', '/etc/shadow');
const secrets = filter('Prefix', '/etc/ssh/, /srv/secret/');
const keys = filter('Postfix', '/id_rsa, .pem');
const number = filter('Equal', '"7", "0x1F"', 1);
const guarded = shadow + binaries('NotIn', '/usr/bin/cat, /usr/bin/tac') + kill;
const both = `    - matchArgs:
      - {index: 0, operator: Prefix, values: [/etc/]}
      - {index: 0, operator: Postfix, values: [shadow]}
      - {index: 1, operator: Equal, values: ["7"]}
`;

const table: readonly (readonly [name: string, selectors: string, call: Call, expected: string])[] = [
  ['equal', shadow, {}, 'match 0 post'],
  ['equal is not a prefix', shadow, { file: path('/etc/shadow-') }, 'no match'],
  ['equal is not a part', shadow, { file: path('/etc/shado') }, 'no match'],
  ['equal minds case', shadow, { file: path('/etc/Shadow') }, 'no match'],
  ['prefix', secrets, { file: path('/etc/ssh/key') }, 'match 0 post'],
  ['prefix, the other value', secrets, { file: path('/srv/secret/a/b') }, 'match 0 post'],
  ['prefix exactly', secrets, { file: path('/etc/ssh/') }, 'match 0 post'],
  ['prefix, one byte short', secrets, { file: path('/etc/ssh') }, 'no match'],
  ['postfix', keys, { file: path('/root/.ssh/id_rsa') }, 'match 0 post'],
  ['postfix exactly', keys, { file: path('/id_rsa') }, 'match 0 post'],
  ['postfix, one byte short', keys, { file: path('id_rsa') }, 'no match'],
  ['postfix in the middle', keys, { file: path('/id_rsa.pub') }, 'no match'],
  ['an empty path never matches', secrets, { file: path('') }, 'no match'],
  ['number', number, {}, 'match 0 post'],
  ['number in base 16', number, { number: integer(31n) }, 'match 0 post'],
  ['number, no value', number, { number: integer(8n) }, 'no match'],
  ['number, above the width', number, { number: integer(0xdead_0000_0007n) }, 'match 0 post'],
  ['number, negative', filter('Equal', '"-1"', 1), { number: integer(0xffff_ffffn) }, 'match 0 post'],
  ['filters are ANDed', both, {}, 'match 0 post'],
  ['filters are ANDed: one does not match', both, { number: integer(8n) }, 'no match'],
  ['a listed binary', guarded, { binary: '/usr/bin/cat' }, 'no match'],
  ['another binary', guarded, {}, 'match 0 -1 kill post'],
  ['another binary, another file', guarded, { file: path('/tmp/x') }, 'no match'],
  ['binary in', shadow + binaries('In', '/usr/bin/head'), {}, 'match 0 post'],
  ['binary not in', shadow + binaries('In', '/usr/bin/head'), { binary: '/usr/bin/tail' }, 'no match'],
  ['the first that matches wins', shadow + actions('{action: NoPost}') + guarded, {}, 'match 0'],
  ['the next is asked', secrets + shadow + actions('{action: Override, argError: -13}'), {}, 'match 1 -13 post'],
  ['kill denies', shadow + kill, {}, 'match 0 -1 kill post'],
  [
    'kill with an error of its own, unsaid',
    shadow + actions('{action: Sigkill}, {action: Override, argError: -2}, {action: NoPost}'),
    {},
    'match 0 -2 kill',
  ],
  ['unreadable, observing', shadow, { file: path('unreadable') }, 'no match skipped 1'],
  ['unreadable, enforcing', shadow + kill, { file: path('unreadable') }, 'unreadable 0 -1'],
  [
    'unreadable, enforcing with an error',
    shadow + actions('{action: Override, argError: -13}'),
    { file: path('unreadable') },
    'unreadable 0 -13',
  ],
  ['unreadable, yet another filter says no', guarded, { file: path('unreadable'), binary: '/usr/bin/cat' }, 'no match'],
  ['unreadable process', guarded, { binary: 'unreadable' }, 'unreadable 0 -1'],
  ['unreadable process, another file', guarded, { file: path('/tmp/x'), binary: 'unreadable' }, 'no match'],
  ['unreadable number', number + kill, { number: integer('unreadable') }, 'unreadable 0 -1'],
  [
    'observing ones are passed over on the way to one that enforces',
    secrets + actions('{action: NoPost}') + shadow + kill,
    { file: path('unreadable') },
    'unreadable 1 -1 skipped 1',
  ],
  ['unreadable matters only where it is asked for', number, { file: path('unreadable') }, 'match 0 post'],
  ['nothing asked', '    - label: all\n', { file: path('unreadable'), binary: 'unreadable' }, 'match 0 post'],
];

for (const [name, selectors, call, expected] of table) {
  test(`meaning: ${name}`, () => assert.equal(verdictOf(policyOf(selectors), call), expected));
}

const protectedFile: FileIdentity = { device: 8n, inode: 42n };
const identityOf: IdentityOf = (name) => (name === '/etc/shadow' ? protectedFile : undefined);
const inode = { metadata: '  annotations: {ringfence.io/file-identity: inode}' };

const identities: readonly (readonly [name: string, file: ObservedArgument, expected: string])[] = [
  ['the name alone', path('/etc/shadow', other), 'match 0 -1 kill post'],
  ['another name of the file', path('/tmp/link', protectedFile), 'match 0 -1 kill post'],
  ['the same inode number of another device', path('/tmp/link', { device: 9n, inode: 42n }), 'no match'],
  ['another file', path('/tmp/x', other), 'no match'],
  ['no name, but the file', path('unreadable', protectedFile), 'match 0 -1 kill post'],
  ['no name, and another file', path('unreadable', other), 'unreadable 0 -1'],
  ['another name, and no identity', path('/tmp/x', 'unreadable'), 'unreadable 0 -1'],
];

for (const [name, file, expected] of identities) {
  test(`identity: ${name}`, () => {
    assert.equal(verdictOf(policyOf(shadow + kill, inode), { file }, identityOf), expected);
  });
}

test('identity counts only where the policy asks for it, and only for whole names', () => {
  const file = path('/tmp/link', protectedFile);
  assert.equal(verdictOf(policyOf(shadow + kill), { file }, identityOf), 'no match');
  assert.equal(verdictOf(policyOf(filter('Prefix', '/etc/shadow') + kill, inode), { file }, identityOf), 'no match');
});

const widths = [
  ['sint8', '"-1"', 0xffn, true],
  ['uint8', '"255"', 0x1ffn, true],
  ['int16', '"-2"', 0xfffen, true],
  ['uint32', '"4294967295"', -1n, true],
  ['int64', '"-1"', 0xffff_ffff_ffff_ffffn, true],
  ['size_t', '"4294967297"', 1n, false],
] as const;

for (const [type, value, register, expected] of widths) {
  test(`a number of type ${type} is ${value} when the register holds ${register}`, () => {
    const policy = policyOf(filter('Equal', value), { type });
    assert.equal(verdictOf(policy, { file: integer(register) }), expected ? 'match 0 post' : 'no match');
  });
}

test('in monitor mode the verdict is the same, and not enforced', () => {
  const monitor = policyOf(guarded, { spec: '  options: [{name: policy-mode, value: monitor}]' });
  const [monitored] = matches(monitor, observed({}));
  const [enforced] = matches(policyOf(guarded), observed({}));
  assert.deepEqual([monitored?.enforced, enforced?.enforced], [false, true]);
  assert.equal(brief(known(monitored, 'verdict').verdict), brief(known(enforced, 'verdict').verdict));
});

test('another hook is none of its business, and an argument that is not there could not be read', () => {
  const policy = policyOf(shadow + kill);
  assert.deepEqual(matches(policy, { ...observed({}), hook: 'file_ioctl' }), []);
  const [bare] = matches(policy, { ...observed({}), arguments: new Map() });
  assert.equal(brief(known(bare, 'verdict').verdict), 'unreadable 0 -1');
});
