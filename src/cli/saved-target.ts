/** A saved target as a file: what `#bpf` makes of it, compressed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { MalformedTarget, parseTarget, serialiseTarget, type Target } from '#bpf';
import { EnvironmentError } from '#diagnostics';

const ZSTD_MAGIC = 0xfd2f_b528; // RFC 8878, 3.1.1; little-endian
const BYTES_MAX = 256 * 1024 * 1024; // a kernel's is 8 MB; a file that unpacks to more is none
/** Half a second for a kernel. */
const LEVEL = 12;

/** Throws RF3102 when there is no such file, RF3103 when it is no target. */
export function readSavedTarget(path: string): Target {
  const bytes = read(path);
  try {
    return parseTarget(unpack(bytes));
  } catch (cause) {
    if (cause instanceof MalformedTarget) throw unusable(path, cause.message, cause);
    throw cause;
  }

  /** A file that is not compressed may be of an older version, which is told by its own words. */
  function unpack(packed: Buffer): Uint8Array {
    if (packed.length < 4 || packed.readUInt32LE() !== ZSTD_MAGIC) return packed;
    try {
      return zstdDecompressSync(packed, { maxOutputLength: BYTES_MAX });
    } catch (cause) {
      throw unusable(path, 'it is damaged', cause);
    }
  }
}

/** Throws RF3104 when the file cannot be written. */
export function saveTarget(path: string, target: Target): void {
  const packed = zstdCompressSync(serialiseTarget(target), { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } });
  try {
    writeFileSync(path, packed);
  } catch (cause) {
    throw new EnvironmentError('RF3104', { path, reason: codeOf(cause) }, { cause });
  }
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new EnvironmentError('RF3102', { path, reason: codeOf(cause) }, { cause });
  }
}

function unusable(path: string, reason: string, cause: unknown): EnvironmentError {
  return new EnvironmentError('RF3103', { path, reason }, { cause });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
