/** What policies mean, as tables: one policy, one observation, one verdict. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasErrors, renderDiagnostic } from '#diagnostics';
import { known } from '#std';
import type { Policy } from './model.ts';
import { parsePolicies } from './parse.ts';
import { matches, type Verdict } from './semantics.ts';
import type { Machine } from './semantics-argument.ts';
import type {
  FileIdentity,
  Namespaces,
  Observation,
  ObservedArgument,
  ObservedProcess,
  ObservedSocket,
} from './semantics-observation.ts';

type Written = { readonly type?: string; readonly metadata?: string; readonly spec?: string };

function parsed(text: string): Policy {
  const { policies, diagnostics } = parsePolicies(text, 'policy.yaml');
  assert.ok(!hasErrors(diagnostics), diagnostics.map(renderDiagnostic).join('\n'));
  return known(policies[0], 'policy');
}

function policyOf(selectors: string, { type = 'file', metadata = '', spec = '' }: Written = {}): Policy {
  return parsed(`apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: example
${metadata}
spec:
${spec}
  lsmhooks:
  - hook: file_open
    args:
    - index: 0
      type: ${type}
${type === 'char_buf' ? '      sizeArgIndex: 2' : ''}
    - index: 1
      type: int
    selectors:
${selectors}`);
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const other: FileIdentity = { device: 1n, inode: 99n };

function path(name: string, identity: FileIdentity | undefined = other, truncated = false): ObservedArgument {
  return { kind: 'path', bytes: encode(name), truncated, identity };
}

function string(text: string, truncated = false): ObservedArgument {
  return { kind: 'string', bytes: encode(text), truncated, identity: undefined };
}

const unreadable: ObservedArgument = { kind: 'unreadable' };
const integer = (value: bigint) => ({ kind: 'integer', value }) as const;

function namespacesOf(number: number): Namespaces {
  const [Uts, Ipc, Mnt, Pid, PidForChildren] = [number, number, number, number, number];
  return {
    Uts,
    Ipc,
    Mnt,
    Pid,
    PidForChildren,
    Net: number,
    Time: number,
    TimeForChildren: number,
    Cgroup: number,
    User: number,
  };
}

const subject = {
  pid: 100,
  namespacePid: 7,
  namespaces: { ...namespacesOf(50), User: 1 },
  capabilities: { Effective: 0b110n, Inheritable: 0n, Permitted: 1n << 39n },
} as const;

type Call = {
  readonly file?: ObservedArgument;
  readonly number?: ObservedArgument;
  readonly binary?: string;
  readonly isElsewhere?: boolean;
  readonly descent?: Partial<ObservedProcess['descent']>;
  readonly subject?: ObservedProcess['subject'];
  readonly result?: bigint;
  readonly workload?: Observation['workload'];
};

function observed(call: Call): Observation {
  const { file = path('/etc/shadow'), number = integer(7n), binary = '/usr/bin/head' } = call;
  return {
    entry: 0,
    arguments: new Map([
      [0, file],
      [1, number],
    ]),
    result: call.result === undefined ? undefined : integer(call.result),
    workload: call.workload ?? { kind: 'host' },
    process: {
      binary: binary === 'unreadable' ? 'unreadable' : encode(binary),
      isElsewhere: call.isElsewhere === true,
      descent: { binaries: [], pids: [100], namespacePids: [7], ...call.descent },
      subject: call.subject ?? subject,
    },
    hostNamespaces: namespacesOf(1),
  };
}

function brief(verdict: Verdict): string {
  const skipped = verdict.skipped > 0 ? [`skipped ${verdict.skipped}`] : [];
  const told = 'post' in verdict && verdict.post ? ['post'] : [];
  switch (verdict.kind) {
    case 'no-match':
      return ['no match', ...skipped].join(' ');
    case 'unreadable-denied':
      return [`unreadable ${verdict.selector} ${verdict.error}`, ...told, ...skipped].join(' ');
    case 'match': {
      const { selector, error, kill, signal, returned } = verdict;
      const effects = [
        error,
        kill ? 'kill' : undefined,
        signal === undefined ? undefined : `signal ${signal}`,
        ...told,
      ];
      const late = returned === undefined ? [] : [returned.holds ? 'returned' : 'returned otherwise'];
      if (returned?.kill) late.push('kill');
      if (returned?.signal !== undefined) late.push(`signal ${returned.signal}`);
      return [`match ${selector}`, ...effects.filter((each) => each !== undefined), ...late, ...skipped].join(' ');
    }
  }
}

function verdictOf(policy: Policy, call: Call, machine?: Partial<Machine>): string {
  const nothing: Machine = { identityOf: () => undefined, numberOf: () => undefined };
  return brief(matches(policy, observed(call), { ...nothing, ...machine }).verdict);
}

const filter = (operator: string, values: string, index = 0): string =>
  `    - matchArgs:\n      - {index: ${index}, operator: ${operator}, values: [${values}]}\n`;
const process = (field: string, filters: string): string => `    - ${field}: [${filters}]\n`;
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

type Row = readonly [name: string, selectors: string, call: Call, expected: string];

const table: readonly Row[] = [
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
  ['none of the names', filter('NotEqual', '/etc/shadow, /etc/gshadow'), {}, 'no match'],
  ['none of the names: another', filter('NotEqual', '/etc/gshadow'), {}, 'match 0 post'],
  ['none of the prefixes', filter('NotPrefix', '/etc/, /usr/'), {}, 'no match'],
  ['none of the prefixes: another', filter('NotPrefix', '/srv/'), {}, 'match 0 post'],
  ['none of the postfixes', filter('NotPostfix', 'passwd, shadow'), {}, 'no match'],
  ['none of the postfixes: another', filter('NotPostfix', '.pem'), {}, 'match 0 post'],
  ['an empty path never matches', secrets, { file: path('') }, 'no match'],
  ['an empty path is none of none', filter('NotEqual', '/etc/shadow'), { file: path('') }, 'no match'],
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
  ['the first that matches wins', shadow + actions('{action: NoPost}') + guarded, {}, 'match 0'],
  ['the next is asked', secrets + shadow + actions('{action: Override, argError: -13}'), {}, 'match 1 -13 post'],
  ['kill denies', shadow + kill, {}, 'match 0 -1 kill post'],
  ['a signal does not deny', shadow + actions('{action: Signal, argSig: 10}'), {}, 'match 0 signal 10 post'],
  ['SIGKILL by its number denies', shadow + actions('{action: Signal, argSig: 9}'), {}, 'match 0 -1 kill post'],
  [
    'kill with an error of its own, unsaid',
    shadow + actions('{action: Sigkill}, {action: Override, argError: -2}, {action: NoPost}'),
    {},
    'match 0 -2 kill',
  ],
  ['unreadable, observing', shadow, { file: unreadable }, 'no match skipped 1'],
  ['unreadable, negated', filter('NotEqual', '/etc/shadow'), { file: unreadable }, 'no match skipped 1'],
  ['unreadable, enforcing', shadow + kill, { file: unreadable }, 'unreadable 0 -1 post'],
  [
    'unreadable, a signal is no enforcement',
    shadow + actions('{action: Signal, argSig: 10}'),
    { file: unreadable },
    'no match skipped 1',
  ],
  [
    'unreadable, enforcing with an error, unsaid',
    shadow + actions('{action: Override, argError: -13}, {action: NoPost}'),
    { file: unreadable },
    'unreadable 0 -13',
  ],
  ['unreadable, yet another filter says no', guarded, { file: unreadable, binary: '/usr/bin/cat' }, 'no match'],
  ['unreadable process', guarded, { binary: 'unreadable' }, 'unreadable 0 -1 post'],
  ['unreadable process, another file', guarded, { file: path('/tmp/x'), binary: 'unreadable' }, 'no match'],
  ['unreadable number', number + kill, { number: unreadable }, 'unreadable 0 -1 post'],
  [
    'observing ones are passed over on the way to one that enforces',
    secrets + actions('{action: NoPost}') + shadow + kill,
    { file: unreadable },
    'unreadable 1 -1 post skipped 1',
  ],
  ['unreadable matters only where it is asked for', number, { file: unreadable }, 'match 0 post'],
  ['nothing asked', '    - label: all\n', { file: unreadable, binary: 'unreadable' }, 'match 0 post'],
];

for (const [name, selectors, call, expected] of table) {
  test(`meaning: ${name}`, () => assert.equal(verdictOf(policyOf(selectors), call), expected));
}

const inBinaries = (operator: string): string => {
  const values = operator.endsWith('Postfix') ? 'ead, /cat' : '/usr/bin/head, /usr/sbin/';
  return process('matchBinaries', `{operator: ${operator}, values: [${values}]}`);
};
const listed = (operator: string, follow = ''): string =>
  process('matchBinaries', `{operator: ${operator}, values: [/usr/bin/sshd, /usr/bin/head]${follow}}`);
const memory = (operator: string): string =>
  process('matchBinaries', `{operator: ${operator}, values: [/usr/bin/head, "/memfd:a"]}`);
const children = ', followChildren: true';
const pids = (operator: string, values: string, more = ''): string =>
  process('matchPIDs', `{operator: ${operator}, values: [${values}]${more}}`);
const namespace = (kind: string, operator: string, values: string): string =>
  process('matchNamespaces', `{namespace: ${kind}, operator: ${operator}, values: [${values}]}`);
const capability = (operator: string, values: string, more = ''): string =>
  process('matchCapabilities', `{operator: ${operator}, values: [${values}]${more}}`);
const descends = {
  descent: { binaries: [encode('/usr/bin/sshd'), encode('/bin/sh')], pids: [100, 5], namespacePids: [7, 2] },
};
const inHost = { subject: { ...subject, namespaces: namespacesOf(1) } };

const processes: readonly Row[] = [
  ['in', listed('In'), {}, 'match 0 post'],
  ['in, another', listed('In'), { binary: '/usr/bin/tail' }, 'no match'],
  ['not in', listed('NotIn'), {}, 'no match'],
  ['not in, another', listed('NotIn'), { binary: '/usr/bin/tail' }, 'match 0 post'],
  ['prefix', inBinaries('Prefix'), { binary: '/usr/sbin/x' }, 'match 0 post'],
  ['prefix, another', inBinaries('Prefix'), { binary: '/usr/lib/x' }, 'no match'],
  ['not prefix', inBinaries('NotPrefix'), { binary: '/usr/sbin/x' }, 'no match'],
  ['postfix', inBinaries('Postfix'), {}, 'match 0 post'],
  ['not postfix', inBinaries('NotPostfix'), {}, 'no match'],
  ['not postfix, another', inBinaries('NotPostfix'), { binary: '/a/hea' }, 'match 0 post'],
  ['elsewhere, in a list', listed('In'), { binary: '/usr/bin/head', isElsewhere: true }, 'match 0 post'],
  ['elsewhere, and no exception', listed('NotIn'), { binary: '/usr/bin/head', isElsewhere: true }, 'match 0 post'],
  [
    'elsewhere, and no exception by its place',
    inBinaries('NotPrefix'),
    { binary: '/usr/sbin/x', isElsewhere: true },
    'match 0 post',
  ],
  ['a memory file that is meant', memory('NotIn'), { binary: '/memfd:a', isElsewhere: true }, 'no match'],
  ['and another one', memory('NotIn'), { binary: '/memfd:b', isElsewhere: true }, 'match 0 post'],
  ['a thread of the kernel is in no list', listed('NotIn'), { binary: '' }, 'match 0 post'],
  ['an unknown binary', listed('NotIn'), { binary: 'unreadable' }, 'no match skipped 1'],
  ['an unknown binary with a prefix', inBinaries('Prefix'), { binary: 'unreadable' }, 'no match skipped 1'],
  ['descendants do not count', listed('In'), { binary: '/bin/sh', ...descends }, 'no match'],
  ['descendants count', listed('In', children), { binary: '/bin/sh', ...descends }, 'match 0 post'],
  ['descendants count in the negation too', listed('NotIn', children), { binary: '/bin/sh', ...descends }, 'no match'],
  ['descendants of others', listed('In', children), { binary: '/bin/sh' }, 'no match'],
  ['the listed one itself', listed('In', children), {}, 'match 0 post'],
  [
    'a known descendant of unknown binary',
    listed('In', children),
    { binary: 'unreadable', ...descends },
    'match 0 post',
  ],
  ['an unknown one of no known descent', listed('In', children), { binary: 'unreadable' }, 'no match skipped 1'],
  ['pid', pids('In', '1, 100'), {}, 'match 0 post'],
  ['pid, another', pids('In', '7'), {}, 'no match'],
  ['not pid', pids('NotIn', '1, 100'), {}, 'no match'],
  ['pid in its namespace', pids('In', '7', ', isNamespacePID: true'), {}, 'match 0 post'],
  ['pid in its namespace, another', pids('In', '100', ', isNamespacePID: true'), {}, 'no match'],
  ['pid of an unreadable subject', pids('NotIn', '1'), { subject: 'unreadable' }, 'no match skipped 1'],
  ['forks', pids('In', '5', ', followForks: true'), descends, 'match 0 post'],
  ['forks, another', pids('In', '5', ', followForks: true'), {}, 'no match'],
  ['forks of none of them', pids('NotIn', '5', ', followForks: true'), descends, 'no match'],
  [
    'forks are known though the subject is not',
    pids('In', '5', ', followForks: true'),
    { ...descends, subject: 'unreadable' },
    'match 0 post',
  ],
  ['forks in their namespace', pids('In', '2', ', followForks: true, isNamespacePID: true'), descends, 'match 0 post'],
  ['namespace', namespace('Net', 'In', '"50", "60"'), {}, 'match 0 post'],
  ['namespace, another', namespace('Net', 'In', '"60"'), {}, 'no match'],
  ['not the namespace', namespace('Net', 'NotIn', '"50", "60"'), {}, 'no match'],
  ['the host', namespace('Pid', 'In', 'host_ns'), inHost, 'match 0 post'],
  ['not the host', namespace('Pid', 'NotIn', 'host_ns'), {}, 'match 0 post'],
  ['not the host, which it is', namespace('Pid', 'NotIn', 'host_ns'), inHost, 'no match'],
  [
    'namespace of an unreadable subject',
    namespace('Pid', 'In', 'host_ns'),
    { subject: 'unreadable' },
    'no match skipped 1',
  ],
  ['any of the capabilities', capability('In', 'CAP_CHOWN, CAP_DAC_OVERRIDE'), {}, 'match 0 post'],
  ['another capability', capability('In', 'CAP_KILL'), {}, 'no match'],
  ['none of the capabilities', capability('NotIn', 'CAP_CHOWN, CAP_DAC_OVERRIDE'), {}, 'no match'],
  ['none of other capabilities', capability('NotIn', 'CAP_KILL'), {}, 'match 0 post'],
  ['a set of its own', capability('In', 'CAP_BPF', ', type: Permitted'), {}, 'match 0 post'],
  ['an empty set', capability('In', 'CAP_BPF', ', type: Inheritable'), {}, 'no match'],
  [
    'in the user namespace of the host it is not considered',
    capability('In', 'CAP_DAC_OVERRIDE', ', isNamespaceCapability: true'),
    {},
    'no match',
  ],
  ['nor is its absence', capability('NotIn', 'CAP_KILL', ', isNamespaceCapability: true'), {}, 'no match'],
  [
    'in another user namespace it is',
    capability('In', 'CAP_DAC_OVERRIDE', ', isNamespaceCapability: true'),
    { subject: { ...subject, namespaces: namespacesOf(2) } },
    'match 0 post',
  ],
  [
    'several filters of one kind are ANDed',
    pids('NotIn', '1').replace(']\n', ', {operator: NotIn, values: [100]}]\n'),
    {},
    'no match',
  ],
];

for (const [name, selectors, call, expected] of processes) {
  test(`process: ${name}`, () => assert.equal(verdictOf(policyOf(selectors), call), expected));
}

const long = 'a'.repeat(4096);

type TypedRow = readonly [name: string, type: string, selectors: string, argument: ObservedArgument, expected: string];

const texts: readonly TypedRow[] = [
  ['a string may be empty', 'string', filter('Equal', '""'), string(''), 'match 0 post'],
  ['an empty string is none of others', 'string', filter('NotEqual', 'a'), string(''), 'match 0 post'],
  ['a whole string is not its beginning', 'string', filter('Equal', 'ab'), string('abc'), 'no match'],
  ['bytes after a NUL count', 'char_buf', filter('Equal', '"a"'), string('a\0b'), 'no match'],
  ['a NUL is a byte', 'char_buf', filter('Prefix', '"a\\0"'), string('a\0b'), 'match 0 post'],
  ['the end of a buffer is not a NUL', 'char_buf', filter('Prefix', '"a\\0"'), string('a'), 'no match'],
  [
    'a longer path is no shorter one',
    'file',
    filter('Equal', `/${long.slice(1)}`),
    path(long, other, true),
    'no match',
  ],
  ['and is other than that', 'file', filter('NotEqual', '/a'), path(long, other, true), 'match 0 post'],
  ['the end of a longer path is known', 'file', filter('Postfix', 'aaa'), path(long, other, true), 'match 0 post'],
  ['and what it is not', 'file', filter('NotPostfix', 'ab'), path(long, other, true), 'match 0 post'],
  [
    'the beginning of a longer path is not',
    'file',
    filter('Prefix', '/a'),
    path(long, other, true),
    'no match skipped 1',
  ],
  ['nor what it is not', 'file', filter('NotPrefix', '/a'), path(long, other, true), 'no match skipped 1'],
  ['the beginning of a longer string is known', 'string', filter('Prefix', 'aa'), string(long, true), 'match 0 post'],
  ['and what it is not', 'string', filter('Prefix', 'ab'), string(long, true), 'no match'],
  ['the end of a longer string is not', 'string', filter('Postfix', 'aa'), string(long, true), 'no match skipped 1'],
  ['a longer string is no shorter one', 'string', filter('Equal', long), string(long, true), 'no match'],
];

for (const [name, type, selectors, argument, expected] of texts) {
  test(`text: ${name}`, () => assert.equal(verdictOf(policyOf(selectors, { type }), { file: argument }), expected));
}

const numbers: readonly (readonly [name: string, type: string, selectors: string, register: bigint, holds: boolean])[] =
  [
    ['sint8', 'sint8', filter('Equal', '"-1"'), 0xffn, true],
    ['uint8', 'uint8', filter('Equal', '"255"'), 0x1ffn, true],
    ['int16', 'int16', filter('Equal', '"-2"'), 0xfffen, true],
    ['uint32', 'uint32', filter('Equal', '"4294967295"'), -1n, true],
    ['int64', 'int64', filter('Equal', '"-1"'), 0xffff_ffff_ffff_ffffn, true],
    ['size_t', 'size_t', filter('Equal', '"4294967297"'), 1n, false],
    ['not equal', 'int', filter('NotEqual', '"1", "2"'), 2n, false],
    ['not equal, another', 'int', filter('NotEqual', '"1", "2"'), 3n, true],
    ['greater', 'int', filter('GT', '"5"'), 6n, true],
    ['not greater', 'int', filter('GT', '"5"'), 5n, false],
    ['a negative one is not greater', 'int', filter('GT', '"5"'), 0xffff_ffffn, false],
    ['but is, without a sign', 'uint32', filter('GT', '"5"'), 0xffff_ffffn, true],
    ['narrow ones have signs too', 'int8', filter('LT', '"0"'), 0x80n, true],
    ['less', 'int', filter('LessThan', '"-5"'), -6n, true],
    ['not less', 'int', filter('LT', '"-5"'), -5n, false],
    ['any of several', 'int', filter('GT', '"5", "-5"'), 0n, true],
    ['first of a range', 'int', filter('InRange', '"-5:5"'), -5n, true],
    ['last of a range', 'int', filter('InRange', '"-5:5"'), 5n, true],
    ['behind a range', 'int', filter('InRange', '"-5:5"'), 6n, false],
    ['outside of all', 'int', filter('NotInRange', '"1:2", "4:5"'), 3n, true],
    ['inside of one', 'int', filter('NotInRange', '"1:2", "4:5"'), 4n, false],
    ['member', 'uint64', filter('InMap', '"1", "18446744073709551615"'), -1n, true],
    ['no member', 'uint64', filter('NotInMap', '"1:3"'), 4n, true],
    ['a bit of the mask', 'uint64', filter('Mask', '"0x8000000000000000"'), 1n << 63n, true],
    ['no bit of the mask', 'uint64', filter('Mask', '"0x8000000000000000"'), 1n, false],
    ['a bit of any mask', 'int', filter('Mask', '"1", "4"'), 6n, true],
    ['bits above the width are none', 'uint8', filter('Mask', '"0x80"'), 0x100n, false],
    ['a capability by name', 'capability', filter('Equal', 'CAP_SYS_ADMIN'), 21n, true],
  ];

for (const [name, type, selectors, register, holds] of numbers) {
  test(`number: ${name}`, () => {
    const policy = policyOf(selectors, { type });
    assert.equal(verdictOf(policy, { file: integer(register) }), holds ? 'match 0 post' : 'no match');
  });
}

test('number: what the kernel passes is narrower than what the policy declares', () => {
  const policy = policyOf(filter('Equal', '"-1"'), { type: 'int64' });
  const passed = { kind: 'integer', value: 0xffff_ffffn, shape: { bits: 32, signed: true } } as const;
  assert.equal(verdictOf(policy, { file: passed }), 'match 0 post');
  assert.equal(verdictOf(policy, { file: integer(0xffff_ffffn) }), 'no match');
});

const connection: ObservedSocket = {
  kind: 'socket',
  family: 2,
  protocol: 6,
  state: 1,
  source: { address: Uint8Array.of(10, 1, 2, 3), port: 40_000 },
  destination: { address: Uint8Array.of(192, 168, 0, 1), port: 443 },
};
const unixSocket: ObservedSocket = {
  kind: 'socket',
  family: 1,
  protocol: undefined,
  state: undefined,
  source: { address: undefined, port: undefined },
  destination: { address: undefined, port: undefined },
};
const ipv6 = (text: readonly number[]): ObservedSocket => ({
  ...connection,
  family: 10,
  source: { address: Uint8Array.from(text), port: 22 },
});
const mapped = ipv6([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 1, 2, 3]);
const global = ipv6([0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);

const sockets: readonly (readonly [
  name: string,
  operator: string,
  values: string,
  socket: ObservedSocket,
  holds: boolean,
])[] = [
  ['address', 'SAddr', '10.1.2.3', connection, true],
  ['another address', 'SAddr', '10.1.2.4', connection, false],
  ['network', 'SAddr', '10.0.0.0/8, 172.16.0.0/12', connection, true],
  ['a network within a byte', 'SAddr', '10.0.0.0/15', connection, true],
  ['the next one', 'SAddr', '10.2.0.0/15', connection, false],
  ['everything', 'DAddr', '0.0.0.0/0', connection, true],
  ['none of the networks', 'NotDAddr', '10.0.0.0/8', connection, true],
  ['one of the networks', 'NotDAddr', '10.0.0.0/8, 192.168.0.0/16', connection, false],
  ['all of IPv6 has no IPv4', 'SAddr', '::/0', connection, false],
  ['all of IPv4 has no IPv6', 'SAddr', '0.0.0.0/0', global, false],
  ['IPv6', 'SAddr', '2001:db8::/32', global, true],
  ['another IPv6', 'SAddr', '2001:db9::/32', global, false],
  ['mapped is IPv4', 'SAddr', '10.1.0.0/16', mapped, true],
  ['mapped is not IPv6', 'SAddr', '::/0', mapped, false],
  ['written as mapped', 'SAddr', '"::ffff:10.1.2.3"', connection, true],
  ['port', 'DPort', '"443"', connection, true],
  ['another port', 'SPort', '"443"', connection, false],
  ['range of ports', 'SPort', '"30000:40000"', connection, true],
  ['none of the ports', 'NotSPort', '"443", "80"', connection, true],
  ['one of the ports', 'NotDPort', '"443", "80"', connection, false],
  ['privileged', 'DPortPriv', '', connection, true],
  ['not privileged', 'SPortPriv', '', connection, false],
  ['negated', 'NotSportPriv', '', connection, true],
  ['negated, privileged', 'NotDPortPriv', '', connection, false],
  ['protocol', 'Protocol', 'IPPROTO_TCP', connection, true],
  ['another protocol', 'Protocol', 'udp', connection, false],
  ['family', 'Family', 'AF_INET', connection, true],
  ['a family without addresses', 'Family', 'AF_UNIX', unixSocket, true],
  ['state', 'State', 'TCP_ESTABLISHED', connection, true],
  ['another state', 'State', 'TCP_LISTEN', connection, false],
  ['no address', 'SAddr', '0.0.0.0/0', unixSocket, false],
  ['nor any other', 'NotSAddr', '10.0.0.0/8', unixSocket, false],
  ['no port', 'DPort', '"0:65535"', unixSocket, false],
  ['nor any other', 'NotDPort', '"443"', unixSocket, false],
  ['nor one without privilege', 'NotDPortPriv', '', unixSocket, false],
  ['no state', 'State', '"1:13"', unixSocket, false],
  ['no protocol', 'Protocol', 'IPPROTO_IP', unixSocket, false],
];

for (const [name, operator, values, socket, holds] of sockets) {
  test(`socket: ${operator} ${name}`, () => {
    const policy = policyOf(filter(operator, values), { type: 'sock' });
    assert.equal(verdictOf(policy, { file: socket }), holds ? 'match 0 post' : 'no match');
    assert.equal(verdictOf(policy, { file: unreadable }), 'no match skipped 1');
  });
}

const protectedFile: FileIdentity = { device: 8n, inode: 42n };
const identityOf = (name: string) => (name === '/etc/shadow' ? protectedFile : undefined);
const inode = { metadata: '  annotations: {ringfence.io/file-identity: inode}' };
const noName: ObservedArgument = { kind: 'path', bytes: 'unreadable', truncated: false, identity: protectedFile };
const notShadow = filter('NotEqual', '/etc/shadow') + kill;

const identities: readonly (readonly [name: string, selectors: string, file: ObservedArgument, expected: string])[] = [
  ['the name alone', shadow + kill, path('/etc/shadow', other), 'match 0 -1 kill post'],
  ['another name of the file', shadow + kill, path('/tmp/link', protectedFile), 'match 0 -1 kill post'],
  ['the same number of another device', shadow + kill, path('/tmp/link', { device: 9n, inode: 42n }), 'no match'],
  ['another file', shadow + kill, path('/tmp/x', other), 'no match'],
  ['no file', shadow + kill, path('/tmp/x', undefined), 'no match'],
  ['no name, but the file', shadow + kill, noName, 'match 0 -1 kill post'],
  ['no name, and another file', shadow + kill, { ...noName, identity: other }, 'unreadable 0 -1 post'],
  ['a name that is cut, but the file', shadow + kill, path(long, protectedFile, true), 'match 0 -1 kill post'],
  ['negated: another name of the file', notShadow, path('/tmp/link', protectedFile), 'no match'],
  ['negated: another file', notShadow, path('/tmp/x', other), 'match 0 -1 kill post'],
  ['negated: no name, but the file', notShadow, noName, 'no match'],
];

for (const [name, selectors, file, expected] of identities) {
  test(`identity: ${name}`, () => {
    assert.equal(verdictOf(policyOf(selectors, inode), { file }, { identityOf }), expected);
  });
}

test('identity counts only where the policy asks for it, and only for whole names', () => {
  const file = path('/tmp/link', protectedFile);
  assert.equal(verdictOf(policyOf(shadow + kill), { file }, { identityOf }), 'no match');
  assert.equal(
    verdictOf(policyOf(filter('Prefix', '/etc/shadow') + kill, inode), { file }, { identityOf }),
    'no match',
  );
});

test('system calls are numbers that the machine knows', () => {
  const policy = parsed(`apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: calls}
spec:
  lists: [{name: some, type: syscalls, values: [sys_openat, __ia32_sys_openat]}]
  tracepoints:
  - {subsystem: raw_syscalls, event: sys_enter, raw: true, args: [{index: 1, type: syscall64}],
     selectors: [{matchArgs: [{args: [0], operator: InMap, values: ["list:some"]}]}]}
`);
  const numbers = { 64: 257n, 32: 0x8000_0000n + 295n };
  const verdict = (value: bigint) => {
    const observation = { ...observed({}), arguments: new Map([[0, integer(value)]]) };
    const machine = { identityOf: () => undefined, numberOf: ({ width }: { width: 64 | 32 }) => numbers[width] };
    return brief(matches(policy, observation, machine).verdict);
  };
  assert.deepEqual([257n, 295n, 0x8000_0127n].map(verdict), ['match 0 post', 'no match', 'match 0 post']);
});

function returning(selector: string): Policy {
  return parsed(`apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: returning}
spec:
  kprobes:
  - call: sys_openat
    return: true
    returnArg: {index: 0, type: int}
    args: [{index: 1, type: string}]
    selectors:
    - matchArgs: [{index: 1, operator: Prefix, values: [/etc/]}]
      ${selector}
    - matchReturnArgs: [{index: 0, operator: Equal, values: ["-2"]}]
      matchReturnActions: [{action: Signal, argSig: 10}]
`);
}

const failed = 'matchReturnArgs: [{index: 0, operator: LT, values: ["0"]}]';
const signalled = `${failed}\n      matchReturnActions: [{action: Sigkill}]`;
const killing = `${failed}\n      matchActions: [{action: Sigkill}]`;
const silent = 'matchReturnActions: [{action: NoPost}]';
const returns: readonly (readonly [name: string, selector: string, call: Call, expected: string])[] = [
  ['not yet', failed, { file: string('/etc/x') }, 'match 0 post'],
  ['holds', failed, { file: string('/etc/x'), result: 0xffff_fffen }, 'match 0 post returned'],
  ['does not hold: nothing is told', failed, { file: string('/etc/x'), result: 3n }, 'match 0 returned otherwise'],
  ['the other selector is not asked', failed, { file: string('/etc/x'), result: 0n }, 'match 0 returned otherwise'],
  ['the other selector', failed, { file: string('/x'), result: -2n }, 'match 1 post returned signal 10'],
  ['acts', signalled, { file: string('/etc/x'), result: -1n }, 'match 0 post returned kill'],
  ['does not act', signalled, { file: string('/etc/x'), result: 0n }, 'match 0 returned otherwise'],
  [
    'what was done at entry is done',
    killing,
    { file: string('/etc/x'), result: 0n },
    'match 0 -1 kill returned otherwise',
  ],
  ['nothing is told', silent, { file: string('/etc/x'), result: 0n }, 'match 0 returned'],
  [
    'what is undecided has no return',
    `${signalled}\n      matchActions: [{action: Sigkill}]`,
    { file: unreadable, result: -1n },
    'unreadable 0 -1 post',
  ],
];

for (const [name, selector, { file = string(''), result }, expected] of returns) {
  test(`return: ${name}`, () => {
    const observation = {
      ...observed(result === undefined ? {} : { result }),
      arguments: new Map([[0, file]]),
    };
    assert.equal(brief(matches(returning(selector), observation).verdict), expected);
  });
}

test('in monitor mode the verdict is the same, and not enforced', () => {
  const monitor = policyOf(guarded, { spec: '  options: [{name: policy-mode, value: monitor}]' });
  const monitored = matches(monitor, observed({}));
  const enforced = matches(policyOf(guarded), observed({}));
  assert.deepEqual([monitored.enforced, enforced.enforced], [false, true]);
  assert.equal(brief(monitored.verdict), brief(enforced.verdict));
});

test('each hook of a policy is observed for itself, and an argument that is not there could not be read', () => {
  const policy = policyOf(`${shadow + kill}  - hook: file_receive\n    args: [{index: 0, type: file}]\n`);
  const call = { ...observed({}), arguments: new Map() };
  assert.equal(brief(matches(policy, call).verdict), 'unreadable 0 -1 post');
  assert.equal(brief(matches(policy, { ...call, entry: 1 }).verdict), 'match 0 post');
  assert.throws(() => matches(policy, { ...call, entry: 2 }), /hook 2 is missing/);
});
