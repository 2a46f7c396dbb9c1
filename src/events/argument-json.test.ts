import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathFlag, position, socketFlag } from '#abi';
import { argumentJson } from './argument-json.ts';
import { argumentText } from './compact-argument.ts';
import { decodeRecord } from './decode.ts';
import { eventArguments } from './enrich-argument.ts';
import type { EventArgument } from './event-argument.ts';
import { type HookDescription, unknownHook } from './policy-directory.ts';
import { type ArgumentOptions, hookDescription, policyRecord } from './testing.ts';

function argumentsOf(list: readonly ArgumentOptions[], hook: HookDescription): EventArgument[] {
  const bytes = policyRecord({ process: { pid: 1, startNs: 1n }, arguments: list });
  const record = decodeRecord(bytes, 0, bytes.length);
  assert.ok(record.kind === 'policy');
  return eventArguments(record.arguments, hook);
}

/** As JSON, and as a word of a compact line. */
function told(argument: ArgumentOptions, type: string, label?: string): readonly [string, string] {
  const hook = hookDescription({ arguments: [{ type, label }] });
  const [one, ...others] = argumentsOf([argument], hook);
  assert.ok(one !== undefined && others.length === 0);
  return [argumentJson(one), argumentText(one)];
}

const integers = [
  ['int', 0xffff_ffffn, '{"int_arg":-1}', '-1'],
  ['int8', -128n, '{"int_arg":-128}', '-128'],
  ['sint16', -2n, '{"int_arg":-2}', '-2'],
  ['uint32', 0xffff_ffffn, '{"uint_arg":4294967295}', '4294967295'],
  ['uint8', 7n, '{"uint_arg":7}', '7'],
  ['long', -2n, '{"long_arg":"-2"}', '-2'],
  ['int64', 5n, '{"long_arg":"5"}', '5'],
  ['size_t', -1n, '{"size_arg":"18446744073709551615"}', '18446744073709551615'],
  ['uint64', 0n, '{"size_arg":"0"}', '0'],
  ['capability', 21n, '{"capability_arg":{"value":21,"name":"CAP_SYS_ADMIN"}}', 'CAP_SYS_ADMIN'],
  ['capability', 1n, '{"capability_arg":{"value":1,"name":"DAC_OVERRIDE"}}', 'DAC_OVERRIDE'],
  ['capability', 60n, '{"capability_arg":{"value":60}}', '60'],
  ['capability', -1n, '{"capability_arg":{"value":-1}}', '-1'],
  ['syscall64', 257n, '{"syscall_id":{"id":257,"abi":"x64"}}', 'x64/257'],
  ['syscall64', 0n, '{"syscall_id":{"abi":"x64"}}', 'x64/0'],
  ['syscall64', 0x8000_0005n, '{"syscall_id":{"id":5,"abi":"i386"}}', 'i386/5'],
  ['syscall64', -1n, '{"error_arg":{"Message":"not within a system call"}}', '<not within a system call>'],
] as const;

for (const [type, value, json, text] of integers) {
  test(`argument: ${type} ${value}`, () => assert.deepEqual(told({ kind: 'integer', value }, type), [json, text]));
}

test('argument: a system call of arm64', () => {
  const hook = hookDescription({ architecture: 'aarch64', arguments: [{ type: 'syscall64', label: undefined }] });
  const abis = [56n, 0x8000_0005n].map((value) => argumentsOf([{ kind: 'integer', value }], hook).map(argumentJson));
  assert.deepEqual(abis, [['{"syscall_id":{"id":56,"abi":"arm64"}}'], ['{"syscall_id":{"id":5,"abi":"arm32"}}']]);
});

const read = pathFlag.read;
const paths = [
  ['file', '/a', read, '{"file_arg":{"path":"/a","permission":"-rw-r--r--"}}', '/a'],
  ['fd', '/a b', read, '{"file_arg":{"path":"/a b","permission":"-rw-r--r--"}}', '"/a b"'],
  ['path', '/a', read, '{"path_arg":{"path":"/a","permission":"-rw-r--r--"}}', '/a'],
  ['dentry', '/a', read, '{"path_arg":{"path":"/a","permission":"-rw-r--r--"}}', '/a'],
  ['linux_binprm', '/a', read, '{"linux_binprm_arg":{"path":"/a","permission":"-rw-r--r--"}}', '/a'],
  ['file', '', read, '{"file_arg":{"path":"/","permission":"-rw-r--r--"}}', '/'],
  [
    'file',
    '/a',
    read | pathFlag.deleted,
    '{"file_arg":{"path":"/a (deleted)","permission":"-rw-r--r--"}}',
    '"/a (deleted)"',
  ],
  [
    'file',
    'tail',
    read | pathFlag.truncated,
    '{"file_arg":{"path":"tail","flags":"unresolvedPathComponents","permission":"-rw-r--r--"}}',
    'tail',
  ],
  [
    'file',
    '/a',
    read | pathFlag.unreachable,
    '{"file_arg":{"path":"/a","flags":"unresolvedMountPoints","permission":"-rw-r--r--"}}',
    '/a',
  ],
] as const;

for (const [type, path, flags, json, text] of paths) {
  test(`argument: ${type} "${path}" flags ${flags}`, () =>
    assert.deepEqual(told({ kind: 'path', path, flags, mode: 0o100644 }, type), [json, text]));
}

const long = 'x'.repeat(80);
const texts = [
  ['string', { kind: 'string', string: '/etc/passwd' }, '{"string_arg":"/etc/passwd"}', '/etc/passwd'],
  ['filename', { kind: 'string', string: 'a b' }, '{"string_arg":"a b"}', '"a b"'],
  ['string', { kind: 'string', string: '' }, '{"string_arg":""}', ''],
  ['string', { kind: 'string', string: 'abc', flags: read | pathFlag.truncated }, '{"string_arg":"abc"}', 'abc…'],
  ['char_buf', { kind: 'bytes', bytes: 'GET /' }, '{"bytes_arg":"R0VUIC8="}', '"GET /"'],
  ['char_buf', { kind: 'bytes', bytes: '' }, '{"bytes_arg":""}', ''],
  [
    'char_buf',
    { kind: 'bytes', bytes: 'ab', size: 5000n },
    '{"truncated_bytes_arg":{"bytes_arg":"YWI=","orig_size":"5000"}}',
    'ab…',
  ],
  ['char_buf', { kind: 'bytes', bytes: '', size: 3n }, '{"truncated_bytes_arg":{"orig_size":"3"}}', '…'],
  ['char_buf', { kind: 'bytes', bytes: long }, `{"bytes_arg":"${btoa(long)}"}`, `${'x'.repeat(64)}…`],
  ['char_buf', { kind: 'bytes', bytes: '\u001b[2J' }, '{"bytes_arg":"G1sySg=="}', '"\\x1b[2J"'],
] as const;

for (const [type, argument, json, text] of texts) {
  test(`argument: ${type} ${text}`, () => assert.deepEqual(told(argument, type), [json, text]));
}

const known = socketFlag.read | socketFlag.addresses | socketFlag.ports | socketFlag.state | socketFlag.protocol;
const tcp = {
  flags: known,
  family: 2,
  type: 1,
  protocol: 6,
  state: 2,
  source: [10, 0, 0, 8],
  sourcePort: 40_000,
  destination: [10, 0, 0, 9],
  destinationPort: 443,
  mark: 3,
  priority: 4,
  length: 60,
  cookie: 0xffff_8881_0000_0000n,
} as const;
const v6 = {
  ...tcp,
  family: 10,
  source: [...new Array<number>(15).fill(0), 1],
  destination: new Array<number>(16).fill(0),
};

const sockets = [
  [
    'sock',
    tcp,
    '{"sock_arg":{"family":"AF_INET","type":"SOCK_STREAM","protocol":"IPPROTO_TCP","mark":3,"priority":4,' +
      '"saddr":"10.0.0.8","daddr":"10.0.0.9","sport":40000,"dport":443,"cookie":"18446612686364999680","state":"TCP_SYN_SENT"}}',
    'tcp 10.0.0.8:40000 -> 10.0.0.9:443',
  ],
  [
    'sock',
    { ...v6, mark: 0, priority: 0, cookie: 0n, destinationPort: 0 },
    '{"sock_arg":{"family":"AF_INET6","type":"SOCK_STREAM","protocol":"IPPROTO_TCP","saddr":"::1","daddr":"::",' +
      '"sport":40000,"state":"TCP_SYN_SENT"}}',
    'tcp [::1]:40000 -> [::]:0',
  ],
  [
    'sock',
    { flags: socketFlag.read | socketFlag.protocol, family: 1, type: 2, protocol: 0 },
    '{"sock_arg":{"family":"AF_UNIX","type":"SOCK_DGRAM","protocol":"IPPROTO_IP"}}',
    'AF_UNIX ip',
  ],
  ['sock', { flags: socketFlag.read, family: 99, type: 9 }, '{"sock_arg":{"family":"99","type":"9"}}', '99'],
  [
    'skb',
    { ...tcp, protocol: 17 },
    '{"skb_arg":{"len":60,"priority":4,"mark":3,"saddr":"10.0.0.8","daddr":"10.0.0.9","sport":40000,"dport":443,' +
      '"proto":17,"protocol":"IPPROTO_UDP","family":"AF_INET"}}',
    'udp 10.0.0.8:40000 -> 10.0.0.9:443',
  ],
  [
    'sockaddr',
    { ...tcp, flags: socketFlag.read | socketFlag.addresses | socketFlag.ports },
    '{"sockaddr_arg":{"family":"AF_INET","addr":"10.0.0.8","port":40000}}',
    '10.0.0.8:40000',
  ],
  ['sockaddr', { flags: socketFlag.read, family: 1 }, '{"sockaddr_arg":{"family":"AF_UNIX"}}', 'AF_UNIX'],
] as const;

for (const [type, socket, json, text] of sockets) {
  test(`argument: ${type} ${text}`, () => assert.deepEqual(told({ kind: 'socket', socket }, type), [json, text]));
}

test('argument: cred', () => {
  const userNamespace = { level: 1, uid: 1000, gid: 1001, inum: 4_026_532_000 };
  const ids = { uid: 1, gid: 2, euid: 3, egid: 4, suid: 5, sgid: 6, fsuid: 7, fsgid: 8, auid: 9 };
  const caps = { securebits: 1, permitted: 3n, effective: (1n << 21n) | (1n << 63n), inheritable: 0n };
  assert.deepEqual(told({ kind: 'credentials', identity: { ...ids, ...caps, userNamespace } }, 'cred', 'new'), [
    '{"process_credentials_arg":{"uid":1,"gid":2,"euid":3,"egid":4,"suid":5,"sgid":6,"fsuid":7,"fsgid":8,' +
      '"securebits":["SecBitNoRoot"],"caps":{"permitted":["CAP_CHOWN","DAC_OVERRIDE"],"effective":["CAP_SYS_ADMIN",63]},' +
      '"user_ns":{"level":1,"uid":1000,"gid":1001,"ns":{"inum":4026532000}}},"label":"new"}',
    'uid 1 gid 2 euid 3 egid 4',
  ]);
});

test('argument: cred of the user namespace of the host', () => {
  const [json] = told({ kind: 'credentials', identity: {} }, 'cred');
  assert.match(json, /"caps":\{\},"user_ns":\{"level":0,"uid":0,"gid":0,"ns":\{"is_host":true\}\}\}\}$/);
});

/** As the kernel side has it: what was tried is marked as read. */
const [none, fault, unstable] = [read | pathFlag.none, read | pathFlag.fault, read | pathFlag.unstable];
const unread = [
  [{ kind: 'path', path: '', flags: fault }, 'file', 'path not read: memory fault'],
  [{ kind: 'path', path: '', flags: pathFlag.fault }, 'file', 'path not read: memory fault'],
  [{ kind: 'path', path: '', flags: unstable }, 'file', 'path not read: renames or mounts kept changing it'],
  [{ kind: 'path', path: '', flags: none }, 'file', 'no object: the pointer is null'],
  [{ kind: 'path', path: '', flags: none }, 'fd', 'no file: not an open descriptor'],
  [{ kind: 'path', path: '', flags: 0 }, 'file', 'path not read'],
  [{ kind: 'string', string: '', flags: fault }, 'string', 'string not read: memory fault'],
  [{ kind: 'bytes', bytes: '', flags: fault }, 'char_buf', 'buffer not read: memory fault'],
  [{ kind: 'socket', socket: {}, flags: none }, 'sock', 'no object: the pointer is null'],
  [{ kind: 'socket', socket: {}, flags: fault }, 'skb', 'socket not read: memory fault'],
  [{ kind: 'socket', socket: undefined, flags: 0 }, 'sockaddr', 'socket not read'],
  [{ kind: 'credentials', identity: {}, flags: fault }, 'cred', 'credentials not read: memory fault'],
  [{ kind: 'credentials', identity: undefined, flags: 0 }, 'cred', 'credentials not read'],
  [{ kind: 'integer', value: 0n, flags: 0 }, 'int', 'number not read'],
] as const;

for (const [argument, type, message] of unread) {
  test(`argument: ${type}, ${message}`, () =>
    assert.deepEqual(told(argument, type, 'l'), [
      `{"error_arg":{"Message":"${message}"},"label":"l"}`,
      `<${message}>`,
    ]));
}

test('an argument that the record had no room for keeps its place, one of type nop has none', () => {
  const types = ['int', 'nop', 'string', 'file'];
  const hook = hookDescription({ arguments: types.map((type) => ({ type, label: type })) });
  const list = [
    { kind: 'string', string: 'a', position: 2 },
    { kind: 'integer', value: 0n, position: position.result },
  ] as const;
  assert.deepEqual(argumentsOf(list, hook).map(argumentJson), [
    '{"error_arg":{"Message":"not told: the record has no room for it"},"label":"int"}',
    '{"string_arg":"a","label":"string"}',
    '{"error_arg":{"Message":"not told: the record has no room for it"},"label":"file"}',
  ]);
});

test('without its policy an argument is what its kind says', () => {
  const list = [
    { kind: 'integer', value: -1n },
    { kind: 'path', path: '/a' },
    { kind: 'string', string: 'a' },
    { kind: 'bytes', bytes: 'a' },
    { kind: 'socket', socket: {} },
    { kind: 'credentials', identity: {} },
  ] as const;
  assert.deepEqual(
    argumentsOf(list, unknownHook).map(({ kind }) => kind),
    ['long_arg', 'path_arg', 'string_arg', 'bytes_arg', 'sock_arg', 'process_credentials_arg'],
  );
});
