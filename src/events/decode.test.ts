import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bound, recordExecLayout, recordLayout, recordPolicyLayout } from '#abi';
import { decodeRecord } from './decode.ts';
import { execRecord, exitRecord, forkRecord, policyRecord, random } from './testing.ts';

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
      verdict: -13,
      arguments: [
        { kind: 'path', path: '/abc', position: 1, inode: 3n, device: 4, mode: 5 },
        { kind: 'integer', value: 6n, position: 0 },
        { kind: 'path', path: '' },
      ],
    }),
  );
  assert.ok(record.kind === 'policy');
  assert.equal(record.verdict, -13);
  assert.equal(new TextDecoder().decode(record.comm), 'cat');
  const paths = record.arguments.map((each) =>
    each.kind === 'path' ? new TextDecoder().decode(each.path) : each.value,
  );
  assert.deepEqual(paths, ['/abc', 6n, '']);
  assert.deepEqual(
    record.arguments.map((each) => each.position),
    [1, 0, 2],
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
const argument = recordPolicyLayout.bytes;
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
  ['too many arguments', patched(policy, recordPolicyLayout.arguments, 9), '9 arguments'],
  ['an argument behind the end', patched(policy, recordPolicyLayout.arguments, 2), 'an argument outside of the record'],
  ['a path behind the end', patched(policy, argument + 24, 4000), 'an argument outside of the record'],
  ['an argument of another kind', patched(policy, argument, 7), 'an argument outside of the record'],
] as const;

for (const [name, bytes, reason] of rows) {
  test(`malformed: ${name}`, () => assert.deepEqual(decode(bytes), { kind: 'malformed', reason }));
}

test('malformed: an offset outside of the memory', () => {
  assert.equal(decodeRecord(exec, 8, exec.length).kind, 'malformed');
  assert.equal(decodeRecord(exec, -8, exec.length).kind, 'malformed');
});

test('property: any bytes decode, or are malformed, and nothing outside of the record is seen', () => {
  const seed = Date.now() % 1_000_000;
  console.log(`seed ${seed}`);
  const { below, bytes } = random(seed);
  const samples = [exec, policy, exitRecord({ process: key }), forkRecord({ process: key, parent: key })];
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
    if (record.kind === 'policy') for (const each of record.arguments) if (each.kind === 'path') views.push(each.path);
    for (const view of views) assert.ok(view.byteOffset + view.length <= sample.length, `seed ${seed} round ${round}`);
  }
});
