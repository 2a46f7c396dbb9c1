import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BtfBuilder } from './btf-builder.ts';
import { BtfView } from './btf-view.ts';
import { ByteWriter } from './byte-writer.ts';
import { functionList } from './functions.ts';
import { FEATURES, type FeatureName, type FeatureState, type Target, type TracepointField } from './target.ts';
import { MalformedTarget, parseTarget, serialiseTarget } from './target-file.ts';
import { COMMON_FIELDS, tracepointList } from './tracepoints.ts';

const NAMES = Object.keys(FEATURES) as FeatureName[];

function target(): Target {
  const btf = new BtfBuilder();
  btf.struct('file', 8, []);
  const yes = NAMES.map((name): readonly [FeatureName, FeatureState] => [name, { kind: 'yes' }]);
  return {
    arch: 'x86_64',
    release: '6.12.107-cloud-amd64',
    btf: new BtfView(btf.toBytes()),
    features: {
      ...(Object.fromEntries(yes) as Record<FeatureName, FeatureState>),
      'bpf-lsm': { kind: 'no', reason: 'bpf is not among lsm=' },
      trampoline: { kind: 'unknown', reason: 'the probe was not permitted' },
    },
    functions: functionList(['vfs_read', 'vfs_open', 'vfs_read']),
    tracepoints: tracepointList({ 'sched/sched_process_exit': [PID], 'kmem/kfree': [] }),
  };
}

const PID: TracepointField = { name: 'pid', type: 'pid_t', offset: 8, size: 4, signed: true };

type Texts = { readonly functions?: string; readonly tracepoints?: string };

/** A saved target whose header is `header`, as it is. */
function saved(header: string | Buffer, btf: Uint8Array = target().btf.bytes, texts: Texts = {}): Uint8Array {
  const { functions = '', tracepoints = '' } = texts;
  const parts = [btf, Buffer.from(header), Buffer.from(functions), Buffer.from(tracepoints)];
  const prefix = new ByteWriter().u32(0x4754_4652).u32(2);
  for (const part of parts) prefix.u32(part.length);
  return Buffer.concat([prefix.toBytes(), ...parts]);
}

const header = (change: Readonly<Record<string, unknown>>): string => {
  const { arch, release, features } = target();
  return JSON.stringify({ arch, release, features, ...change });
};

test('a target comes back as it was saved', () => {
  const { btf, arch, release, features } = target();
  const parsed = parseTarget(serialiseTarget(target()));
  assert.equal(parsed.arch, arch);
  assert.equal(parsed.release, release);
  assert.deepEqual(parsed.features, features);
  assert.deepEqual(parsed.btf.bytes, btf.bytes);
  assert.equal(parsed.btf.findStruct('file'), btf.findStruct('file'));
  assert.deepEqual(parsed.functions.names(), ['vfs_open', 'vfs_read', 'vfs_read']);
  assert.deepEqual(parsed.tracepoints.names(), ['kmem/kfree', 'sched/sched_process_exit']);
  assert.deepEqual(parsed.tracepoints.format('sched', 'sched_process_exit'), { fields: [...COMMON_FIELDS, PID] });
});

test('the same kernel gives the same bytes, whatever the order it lists its names in', () => {
  const other = { ...target(), functions: functionList(['vfs_open', 'vfs_read', 'vfs_read']) };
  assert.deepEqual(serialiseTarget(other), serialiseTarget(target()));
});

test('a target is read from the middle of a larger buffer', () => {
  const bytes = serialiseTarget(target());
  const larger = new Uint8Array(bytes.length + 7);
  larger.set(bytes, 7);
  assert.equal(parseTarget(larger.subarray(7)).release, target().release);
});

test('a feature that the file does not name is unknown, one that we do not know is left out', () => {
  const { features } = parseTarget(saved(header({ features: { btf: { kind: 'yes' }, later: { kind: 'yes' } } })));
  assert.deepEqual(Object.keys(features), NAMES);
  assert.deepEqual(features.btf, { kind: 'yes' });
  assert.equal(features.trampoline.kind, 'unknown');
});

const bytes = serialiseTarget(target());

/** The length of its types says that the only one ends after two words. */
const CUT_BTF = target().btf.bytes.with(12, 8);

const malformed: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ['nothing', new Uint8Array(0), /not a saved target/],
  ['another file', Buffer.from('\x7fELF and so on, for a while'), /not a saved target/],
  ['a newer version', bytes.with(4, 3), /version 3, .*only version 2/],
  ['an older version', bytes.with(4, 1), /version 1, .*save it again with `ringfence doctor --save-target`/],
  ['the first words of a file', bytes.subarray(0, 20), /cut off/],
  ['a file cut off', bytes.subarray(0, -1), /cut off/],
  ['a file with more at its end', Buffer.concat([bytes, bytes]), /do not add up/],
  ['a part longer than the file', bytes.with(10, 1), /do not add up/],
  ['a header that is not JSON', saved('{'), /not JSON/],
  ['a header that is not UTF-8', saved(Buffer.from([0x22, 0xff, 0x22])), /not JSON/],
  ['a header that is not an object', saved('[]'), /not an object/],
  ['an architecture not known', saved(header({ arch: 'toString' })), /architecture "toString"/],
  ['no release', saved(header({ release: 6 })), /release/],
  ['an endless release', saved(header({ release: '6'.repeat(100) })), /release/],
  ['no features', saved(header({ features: null })), /no features/],
  ['a feature without a state', saved(header({ features: { btf: true } })), /btf has no state/],
  ['a state not known', saved(header({ features: { btf: { kind: 'maybe' } } })), /neither yes nor no/],
  ['a no without a reason', saved(header({ features: { btf: { kind: 'no' } } })), /without a reason/],
  ['BTF that is none', saved(header({}), new Uint8Array(40)), /BTF/],
  ['BTF with a type cut off', saved(header({}), CUT_BTF), /BTF/],
  ['names with spaces', saved(header({}), undefined, { functions: 'a b\n' }), /names of functions/],
  ['tracepoints that are none', saved(header({}), undefined, { tracepoints: 'a\n' }), /tracepoints/],
];

for (const [name, source, message] of malformed) {
  test(`malformed target: ${name}`, () => {
    assert.throws(
      () => parseTarget(source),
      (error) => error instanceof MalformedTarget && message.test(error.message),
    );
  });
}
