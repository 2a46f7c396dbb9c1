/** A target as a file, so that a laptop or a CI run can compile for a kernel it does not have. */
import { assert } from '#std';
import { MalformedBtf } from './btf.ts';
import { BtfView } from './btf-view.ts';
import { ByteWriter } from './byte-writer.ts';
import { functionsOfText, isFunctionsText } from './functions.ts';
import { type Architecture, FEATURES, type FeatureName, type FeatureState, type Target } from './target.ts';
import { isTracepointsText, tracepointsOfText, tracepointText } from './tracepoints.ts';

/**
 * Six little-endian words: magic, version, and the lengths of the four parts that follow: the BTF (first, so that it is
 * aligned), the header as JSON, the names of functions and the tracepoints as texts. A file of another version is
 * refused: a newer one may say something that must not be ignored, an older one does not say enough.
 */
const MAGIC = 0x4754_4652; // "RFTG"
const VERSION = 2;
const WORD_BYTES = 4;
const PREFIX_BYTES = 6 * WORD_BYTES;

const encoder = new TextEncoder();
/** One character for each byte: quick, and what is not ASCII is refused after. */
const byteDecoder = new TextDecoder('latin1');

const HEADER_BYTES_MAX = 64 * 1024;
const REASON_CHARACTERS_MAX = 1024;
const RELEASE_CHARACTERS_MAX = 64; // __NEW_UTS_LEN, include/uapi/linux/utsname.h

/** The bytes are not a saved target, or contradict themselves. */
export class MalformedTarget extends Error {
  override readonly name = 'MalformedTarget';
}

/** Not compressed: whoever writes the file does that. */
export function serialiseTarget(target: Target): Uint8Array<ArrayBuffer> {
  const { arch, release, btf, features } = target;
  const header = encoder.encode(JSON.stringify({ arch, release, features }));
  assert(header.length <= HEADER_BYTES_MAX, `a header of ${header.length} bytes`);
  const parts = [btf.bytes, header, encoder.encode(textOfFunctions(target)), encoder.encode(textOfTracepoints(target))];
  const out = new ByteWriter().u32(MAGIC).u32(VERSION);
  for (const part of parts) out.u32(part.length);
  for (const part of parts) out.bytes(part);
  return out.toBytes();
}

/** In order: the same kernel gives the same bytes, and they compress better. */
function textOfFunctions({ functions }: Target): string {
  return [...functions.names()]
    .sort()
    .map((name) => `${name}\n`)
    .join('');
}

function textOfTracepoints({ tracepoints }: Target): string {
  const blocks: string[] = [];
  for (const name of [...tracepoints.names()].sort()) {
    const [subsystem = '', event = ''] = name.split('/');
    const format = tracepoints.format(subsystem, event);
    if (format !== undefined) blocks.push(tracepointText(name, format));
  }
  return blocks.join('');
}

/** Keeps views of `source`, not copies. Throws `MalformedTarget`. */
export function parseTarget(source: Uint8Array): Target {
  const [btf, header, functions, tracepoints] = parts(source);
  const functionsText = parseText(functions, 'names of functions', isFunctionsText);
  const tracepointsText = parseText(tracepoints, 'tracepoints', isTracepointsText);
  return {
    ...parseHeader(header),
    btf: parseBtf(btf),
    functions: functionsOfText(functionsText),
    tracepoints: tracepointsOfText(tracepointsText),
  };
}

type Parts = readonly [btf: Uint8Array, header: Uint8Array, functions: Uint8Array, tracepoints: Uint8Array];

function parts(source: Uint8Array): Parts {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  if (source.length < 2 * WORD_BYTES || view.getUint32(0, true) !== MAGIC) {
    throw new MalformedTarget('not a saved target');
  }
  checkVersion(view.getUint32(WORD_BYTES, true));
  if (source.length < PREFIX_BYTES) throw new MalformedTarget(CUT_OFF);
  let end = PREFIX_BYTES;
  const part = (index: number): Uint8Array => {
    const start = end;
    end += view.getUint32((2 + index) * WORD_BYTES, true);
    return source.subarray(start, end);
  };
  const found: Parts = [part(0), part(1), part(2), part(3)];
  if (end !== source.length || found[1].length > HEADER_BYTES_MAX) throw new MalformedTarget(CUT_OFF);
  return found;
}

const CUT_OFF = 'the lengths do not add up: the file may be cut off';

function checkVersion(version: number): void {
  if (version === VERSION) return;
  const hint =
    version < VERSION
      ? 'it says too little: save it again with `ringfence doctor --save-target`'
      : `this ringfence knows only version ${VERSION}`;
  throw new MalformedTarget(`the file has version ${version}, and ${hint}`);
}

function parseText(source: Uint8Array, what: string, isText: (text: string) => boolean): string {
  const text = byteDecoder.decode(source);
  if (!isText(text)) throw new MalformedTarget(`the ${what} cannot be read`);
  return text;
}

function parseBtf(source: Uint8Array): BtfView {
  try {
    const btf = new BtfView(source);
    btf.typeCount; // looks at every record
    return btf;
  } catch (error) {
    if (!(error instanceof MalformedBtf)) throw error;
    throw new MalformedTarget(`its BTF cannot be read: ${error.message}`, { cause: error });
  }
}

function parseHeader(source: Uint8Array): Pick<Target, 'arch' | 'release' | 'features'> {
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
