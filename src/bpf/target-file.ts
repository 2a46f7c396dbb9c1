/** A target as a file, so that a laptop or a CI run can compile for a kernel it does not have. */
import { assert } from '#std';
import { MalformedBtf } from './btf.ts';
import { BtfView } from './btf-view.ts';
import { ByteWriter } from './byte-writer.ts';
import { type Architecture, FEATURES, type FeatureName, type FeatureState, type Target } from './target.ts';

/**
 * Magic, version, length of the header, length of the BTF (each a little-endian word), the header as JSON, the BTF.
 * A file of a newer version is refused: it may say something that must not be ignored.
 */
const MAGIC = 0x4754_4652; // "RFTG"
const VERSION = 1;
const PREFIX_BYTES = 16;

const HEADER_BYTES_MAX = 64 * 1024;
const REASON_CHARACTERS_MAX = 1024;
const RELEASE_CHARACTERS_MAX = 64; // __NEW_UTS_LEN, include/uapi/linux/utsname.h

/** The bytes are not a saved target, or contradict themselves. */
export class MalformedTarget extends Error {
  override readonly name = 'MalformedTarget';
}

export function serialiseTarget({ arch, release, btf, features }: Target): Uint8Array<ArrayBuffer> {
  const header = new TextEncoder().encode(JSON.stringify({ arch, release, features }));
  assert(header.length <= HEADER_BYTES_MAX, `a header of ${header.length} bytes`);
  return new ByteWriter()
    .u32(MAGIC)
    .u32(VERSION)
    .u32(header.length)
    .u32(btf.bytes.length)
    .bytes(header)
    .bytes(btf.bytes)
    .toBytes();
}

/** Keeps a view of `source`, not a copy. Throws `MalformedTarget`. */
export function parseTarget(source: Uint8Array): Target {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  if (source.length < PREFIX_BYTES || view.getUint32(0, true) !== MAGIC)
    throw new MalformedTarget('not a saved target');
  const version = view.getUint32(4, true);
  if (version !== VERSION) throw new MalformedTarget(`version ${version}, and only ${VERSION} is known`);
  const headerBytes = view.getUint32(8, true);
  const btfStart = PREFIX_BYTES + headerBytes;
  if (headerBytes > HEADER_BYTES_MAX || btfStart + view.getUint32(12, true) !== source.length) {
    throw new MalformedTarget('the lengths do not add up: the file may be cut off');
  }
  const header = parseHeader(source.subarray(PREFIX_BYTES, btfStart));
  return { ...header, btf: parseBtf(source.subarray(btfStart)) };
}

function parseBtf(source: Uint8Array): BtfView {
  try {
    return new BtfView(source);
  } catch (error) {
    if (!(error instanceof MalformedBtf)) throw error;
    throw new MalformedTarget(`its BTF cannot be read: ${error.message}`, { cause: error });
  }
}

function parseHeader(source: Uint8Array): Omit<Target, 'btf'> {
  const header = parseJson(source);
  if (!isRecord(header)) throw new MalformedTarget('the header is not an object');
  const { arch, release, features } = header;
  if (!isArchitecture(arch)) throw new MalformedTarget(`the architecture ${JSON.stringify(arch)} is not known`);
  if (typeof release !== 'string' || release === '' || release.length > RELEASE_CHARACTERS_MAX) {
    throw new MalformedTarget('there is no kernel release');
  }
  if (!isRecord(features)) throw new MalformedTarget('there are no features');
  return { arch, release, features: parseFeatures(features) };
}

function parseJson(source: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(source));
  } catch (error) {
    throw new MalformedTarget('the header is not JSON', { cause: error });
  }
}

/** A feature that the file does not name was not probed; one that we do not know does not concern us. */
function parseFeatures(features: Readonly<Record<string, unknown>>): Target['features'] {
  const names = Object.keys(FEATURES) as FeatureName[];
  const states = names.map((name) => [name, parseState(name, features[name])] as const);
  return Object.fromEntries(states) as Record<FeatureName, FeatureState>;
}

function parseState(name: FeatureName, state: unknown): FeatureState {
  if (state === undefined) return { kind: 'unknown', reason: 'the saved target does not say' };
  if (!isRecord(state)) throw new MalformedTarget(`the feature ${name} has no state`);
  const { kind, reason } = state;
  if (kind === 'yes') return { kind };
  if (kind !== 'no' && kind !== 'unknown') throw new MalformedTarget(`the feature ${name} is neither yes nor no`);
  if (typeof reason !== 'string' || reason.length > REASON_CHARACTERS_MAX) {
    throw new MalformedTarget(`the feature ${name} is ${kind} without a reason`);
  }
  return { kind, reason };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const ARCHITECTURES: Readonly<Record<Architecture, true>> = { x86_64: true, aarch64: true };

function isArchitecture(value: unknown): value is Architecture {
  return typeof value === 'string' && Object.hasOwn(ARCHITECTURES, value);
}
