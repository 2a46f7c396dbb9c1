import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BtfBuilder } from './btf-builder.ts';
import { BtfView } from './btf-view.ts';
import { ByteWriter } from './byte-writer.ts';
import { FEATURES, type FeatureName, type FeatureState, type Target } from './target.ts';
import { MalformedTarget, parseTarget, serialiseTarget } from './target-file.ts';

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
  };
}

/** A saved target whose header is `header`, as it is. */
function saved(header: string, btf: Uint8Array = target().btf.bytes): Uint8Array {
  const text = Buffer.from(header);
  const prefix = new ByteWriter().u32(0x4754_4652).u32(1).u32(text.length).u32(btf.length);
  return Buffer.concat([prefix.toBytes(), text, btf]);
}

const header = (change: Readonly<Record<string, unknown>>): string => {
  const { arch, release, features } = target();
  return JSON.stringify({ arch, release, features, ...change });
};

test('a target comes back as it was saved', () => {
  const { btf, ...rest } = target();
  const { btf: parsedBtf, ...parsed } = parseTarget(serialiseTarget(target()));
  assert.deepEqual(parsed, rest);
  assert.deepEqual(parsedBtf.bytes, btf.bytes);
  assert.equal(parsedBtf.findStruct('file'), btf.findStruct('file'));
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

const malformed: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ['nothing', new Uint8Array(0), /not a saved target/],
  ['another file', Buffer.from('\x7fELF and so on, for a while'), /not a saved target/],
  ['a newer version', bytes.with(4, 2), /version 2/],
  ['a file cut off', bytes.subarray(0, -1), /cut off/],
  ['a file with more at its end', Buffer.concat([bytes, bytes]), /do not add up/],
  ['a header longer than the file', bytes.with(10, 1), /do not add up/],
  ['a header that is not JSON', saved('{'), /not JSON/],
  ['a header that is not UTF-8', bytes.with(17, 0xff), /not JSON/],
  ['a header that is not an object', saved('[]'), /not an object/],
  ['an architecture not known', saved(header({ arch: 'toString' })), /architecture "toString"/],
  ['no release', saved(header({ release: 6 })), /release/],
  ['an endless release', saved(header({ release: '6'.repeat(100) })), /release/],
  ['no features', saved(header({ features: null })), /no features/],
  ['a feature without a state', saved(header({ features: { btf: true } })), /btf has no state/],
  ['a state not known', saved(header({ features: { btf: { kind: 'maybe' } } })), /neither yes nor no/],
  ['a no without a reason', saved(header({ features: { btf: { kind: 'no' } } })), /without a reason/],
  ['BTF that is none', saved(header({}), new Uint8Array(40)), /BTF/],
];

for (const [name, source, message] of malformed) {
  test(`malformed target: ${name}`, () => {
    assert.throws(
      () => parseTarget(source),
      (error) => error instanceof MalformedTarget && message.test(error.message),
    );
  });
}
