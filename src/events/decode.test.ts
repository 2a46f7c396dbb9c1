import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  argumentKind,
  argumentLayout,
  bound,
  identityLayout,
  pathFlag,
  position,
  recordExecLayout,
  recordLayout,
  recordPolicyLayout,
  recordTamperLayout,
  socketLayout,
} from '#abi';
import { assertNever } from '#std';
import { decodeRecord } from './decode.ts';
import type { RecordArgument } from './record.ts';
import { execRecord, exitRecord, forkRecord, policyRecord, random, tamperRecord } from './testing.ts';

const key = { pid: 7, startNs: 2n ** 60n };
const decode = (bytes: Uint8Array) => decodeRecord(bytes, 0, bytes.length);

/** Writes `value` as 32 bits. */
function patched(record: Uint8Array, at: number, value: number): Uint8Array {
  const copy = record.slice();
  new DataView(copy.buffer).setUint32(at, value, true);
  return copy;
}

test('a record is found within the ring by its offset', () => {
  const record = exitRecord({ process: key, status: 256, cpu: 5, sequence: 2n ** 40n, timeNs: 2n ** 62n, tid: 9 });
  const memory = new Uint8Array(4096);
  memory.set(record, 1016);
  assert.deepEqual(decodeRecord(memory.subarray(8), 1008, record.length), {
    kind: 'exit',
    ring: 0,
    cpu: 5,
    sequence: 2 ** 40,
    timeNs: 2n ** 62n,
    tid: 9,
    process: key,
    status: 256,
  });
});

test('arguments follow each other, padded', () => {
  const record = decode(
    policyRecord({
      process: key,
      entry: 3,
      signal: 19,
      verdict: -13,
      arguments: [
        { kind: 'path', path: '/abc', position: 1, inode: 3n, device: 4, mode: 5 },
        { kind: 'integer', value: 6n, position: 0 },
        { kind: 'path', path: '' },
        { kind: 'string', string: 'x' },
        { kind: 'bytes', bytes: Uint8Array.of(1, 2, 3), size: 9n },
        { kind: 'socket', socket: { source: [10, 0, 0, 1], sourcePort: 80, cookie: 2n ** 63n } },
        { kind: 'credentials', identity: { euid: 7, userNamespace: { level: 1, uid: 2, gid: 3, inum: 4 } } },
        { kind: 'integer', value: -1n, position: position.result },
      ],
    }),
  );
  assert.ok(record.kind === 'policy');
  assert.deepEqual([record.entry, record.signal, record.verdict], [3, 19, -13]);
  assert.equal(new TextDecoder().decode(record.comm), 'cat');
  const values = record.arguments.map((each) => {
    switch (each.kind) {
      case 'integer':
        return each.value;
      case 'path':
        return new TextDecoder().decode(each.path);
      case 'string':
        return new TextDecoder().decode(each.string);
      case 'bytes':
        return [...each.bytes, each.size];
      case 'socket':
        return [each.socket.source, each.socket.sourcePort, each.socket.destination, each.socket.cookie];
      case 'credentials':
        return [each.identity.credentials.euid, each.identity.userNamespace];
      default:
        return assertNever(each);
    }
  });
  assert.deepEqual(values, [
    '/abc',
    6n,
    '',
    'x',
    [1, 2, 3, 9n],
    ['10.0.0.1', 80, '', 2n ** 63n],
    [7, { level: 1, uid: 2, gid: 3, inum: 4 }],
    2n ** 64n - 1n,
  ]);
  assert.deepEqual(
    record.arguments.map((each) => each.position),
    [1, 0, 2, 3, 4, 5, 6, position.result],
  );
});

test('what could not be read may come without its bytes', () => {
  const record = decode(
    policyRecord({
      process: key,
      arguments: [
        { kind: 'socket', socket: undefined, flags: pathFlag.fault },
        { kind: 'credentials', identity: undefined, flags: pathFlag.none },
      ],
    }),
  );
  assert.ok(record.kind === 'policy');
  assert.deepEqual(
    record.arguments.map(({ kind, flags }) => [kind, flags]),
    [
      ['socket', pathFlag.fault],
      ['credentials', pathFlag.none],
    ],
  );
});

test('strings are views of the ring', () => {
  const bytes = execRecord({ process: key, binary: '/bin/true' });
  const record = decode(bytes);
  assert.ok(record.kind === 'exec');
  assert.equal(record.binary.buffer, bytes.buffer);
});

const exec = execRecord({ process: key });
const policy = policyRecord({ process: key, arguments: [{ kind: 'path', path: '/a' }] });
const tampering = tamperRecord({ process: key, what: 1, name: 'rf_policies' });
const argument = recordPolicyLayout.bytes;
const socket = policyRecord({ process: key, arguments: [{ kind: 'socket', socket: { source: [1, 2, 3, 4] } }] });
const cred = policyRecord({ process: key, arguments: [{ kind: 'credentials', identity: {} }] });
const lengthAt = argument + argumentLayout.length;
const body = argument + argumentLayout.bytes;
const rows = [
  ['too short for a head', exec.slice(0, 24), '24 bytes hold no record'],
  ['too long', new Uint8Array(bound.recordMax + 8), `${bound.recordMax + 8} bytes are more than a record may have`],
  ['another length', patched(exec, recordLayout.length, 8), `says 8 bytes, has ${exec.length}`],
  ['another ring', patched(exec, recordLayout.kind, (3 << 16) | 1), 'ring 3'],
  ['another kind', patched(exec, recordLayout.kind, 99), 'kind 99'],
  ['a cut exec', patched(exec.slice(0, 128), recordLayout.length, 128), 'exec record of 128 bytes'],
  ['a string behind the end', patched(exec, recordExecLayout.binaryOffset, 4000), 'a string outside of the record'],
  [
    'a string that ends behind the end',
    patched(exec, recordExecLayout.binaryOffset, exec.length - 1),
    'a string outside of the record',
  ],
  ['a string without end', patched(exec, recordExecLayout.argvLength, 0xffff_ffff), 'a string outside of the record'],
  [
    'a sequence beyond all numbers',
    patched(exec, recordLayout.sequence + 4, 0xffff_ffff),
    'sequence number out of range',
  ],
  ['a cut policy', patched(policy.slice(0, 96), recordLayout.length, 96), 'policy record of 96 bytes'],
  ['too many arguments', patched(policy, recordPolicyLayout.arguments, 10), '10 arguments'],
  ['an argument behind the end', patched(policy, recordPolicyLayout.arguments, 2), 'an argument outside of the record'],
  ['a path behind the end', patched(policy, lengthAt, 4000), 'an argument outside of the record'],
  ['a path without end', patched(policy, lengthAt, 0xffff_ffff), 'an argument outside of the record'],
  ['an argument of another kind', patched(policy, argument, 7), 'an argument of kind 7'],
  ['a number that has bytes', patched(policy, argument, argumentKind.integer), 'a number with 2 bytes'],
  ['a socket that is cut', patched(socket, lengthAt, socketLayout.bytes - 8), 'a socket of 80 bytes'],
  ['a socket without bytes', patched(socket, lengthAt, 0), 'a socket of 0 bytes'],
  ['an address of another version', patched(socket, body + socketLayout.source, 5), 'an address of no version'],
  ['credentials that are cut', patched(cred, lengthAt, identityLayout.bytes - 8), 'credentials of 72 bytes'],
  ['a cut tamper', patched(tampering.slice(0, 64), recordLayout.length, 64), 'tamper record of 64 bytes'],
  ['tampering of another kind', patched(tampering, recordTamperLayout.what, 10), 'tampering of kind 10'],
  ['credentials of a socket', patched(socket, argument, argumentKind.credentials), 'credentials of 88 bytes'],
] as const;

for (const [name, bytes, reason] of rows) {
  test(`malformed: ${name}`, () => assert.deepEqual(decode(bytes), { kind: 'malformed', reason }));
}

test('malformed: an offset outside of the memory', () => {
  assert.equal(decodeRecord(exec, 8, exec.length).kind, 'malformed');
  assert.equal(decodeRecord(exec, -8, exec.length).kind, 'malformed');
});

function viewsOf(argument: RecordArgument): Uint8Array[] {
  if (argument.kind === 'path') return [argument.path];
  if (argument.kind === 'string') return [argument.string];
  return argument.kind === 'bytes' ? [argument.bytes] : [];
}

test('property: any bytes of a record decode, or are malformed', () => {
  const seed = Date.now() % 1_000_000;
  console.log(`seed ${seed}`);
  const { below, bytes } = random(seed);
  for (let round = 0; round < 20_000; round++) {
    const noise = bytes(below(600));
    const view = new DataView(noise.buffer);
    // A head that is believed, so that what follows is looked at.
    if (noise.length >= recordLayout.bytes && below(8) > 0) {
      view.setUint32(recordLayout.length, noise.length, true);
      view.setUint16(recordLayout.kind, 1 + below(5), true);
      view.setUint16(recordLayout.ring, below(3), true);
      view.setUint32(recordLayout.sequence + 4, 0, true);
    }
    if (noise.length >= recordPolicyLayout.bytes && below(2) > 0) {
      view.setUint16(recordPolicyLayout.arguments, below(10), true);
    }
    assert.doesNotThrow(() => decode(noise), `seed ${seed} round ${round}`);
  }
});

test('property: any change decodes, or is malformed, and nothing outside of the record is seen', () => {
  const seed = Date.now() % 1_000_000;
  console.log(`seed ${seed}`);
  const { below, bytes } = random(seed);
  const texts = policyRecord({
    process: key,
    arguments: [
      { kind: 'string', string: 'abc' },
      { kind: 'bytes', bytes: 'abcdef', size: 100n },
    ],
  });
  const exit = exitRecord({ process: key });
  const samples = [exec, policy, socket, cred, texts, exit, tampering, forkRecord({ process: key, parent: key })];
  for (let round = 0; round < 20_000; round++) {
    const sample = (samples[below(samples.length)] ?? exec).slice();
    for (let change = below(6); change >= 0; change--) sample.set(bytes(1 + below(3)), below(sample.length - 3));
    if (below(4) > 0) new DataView(sample.buffer).setUint32(0, sample.length, true);
    // More memory behind it, as in a ring: what reads on is not stopped by the end of the array.
    const memory = new Uint8Array(sample.length + 16_384);
    memory.set(sample);
    const record = decodeRecord(memory, 0, sample.length);
    const views: Uint8Array[] = [];
    if (record.kind === 'exec') views.push(record.binary, record.cwd, record.argv);
    if (record.kind === 'tamper') views.push(record.comm, record.name);
    if (record.kind === 'policy') views.push(...record.arguments.flatMap(viewsOf));
    for (const view of views) assert.ok(view.byteOffset + view.length <= sample.length, `seed ${seed} round ${round}`);
  }
});
