/** For tests that need the real kernel: why they cannot run here, if they cannot, and objects compiled for them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentError } from '#diagnostics';
import { missingCapabilities } from '../errno.ts';
import { loadLibbpf } from '../ffi.ts';

const CLANG = 'clang-19';

/** `false` where native tests can run, as node:test's `skip` wants it. */
export function skipReason(): string | false {
  const missing = missingCapabilities();
  if (missing.length > 0) return `needs root (${missing.join(', ')})`;
  try {
    loadLibbpf();
    execFileSync(CLANG, ['--version'], { stdio: 'ignore' });
  } catch (error) {
    return error instanceof EnvironmentError ? error.message : `${CLANG} is not installed`;
  }
  return false;
}

/** Compiles one of the C files beside this one. */
export function compileBpf(source: string): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), 'ringfence-kernel-'));
  try {
    const output = join(directory, 'object.o');
    // Debian keeps asm/types.h, which linux/bpf.h includes, in a directory named after the machine.
    const include = `-I/usr/include/${process.arch === 'x64' ? 'x86_64' : 'aarch64'}-linux-gnu`;
    const options = ['-g', '-O2', '-target', 'bpf', '-mcpu=v3', include];
    execFileSync(CLANG, [...options, '-c', join(import.meta.dirname, source), '-o', output]);
    return readFileSync(output);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** How many descriptors this process holds. */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}
