/** Whether programs can be run here, and the numbers that may be set from outside. */
import { existsSync } from 'node:fs';
import { EnvironmentError } from '#diagnostics';
import { loadLibbpf, missingCapabilities } from '#kernel';
import { libraryFile } from './program.ts';

/** `false` where the tests can run, as node:test's `skip` wants it. */
export function skipReason(): string | false {
  const missing = missingCapabilities();
  if (missing.length > 0) return `needs root (${missing.join(', ')})`;
  if (process.arch !== 'x64') return 'compiles for x86-64';
  if (!existsSync(libraryFile)) return 'kprobes/build/property.bpf.o is not built: run npm run build:kprobes';
  try {
    loadLibbpf();
  } catch (error) {
    if (error instanceof EnvironmentError) return error.message;
    throw error;
  }
  return false;
}

/** A whole number from the environment. */
export function setting(name: string, otherwise: number): number {
  const written = process.env[name];
  const value = written === undefined || written === '' ? otherwise : Number(written);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new RangeError(`${name} is ${written}, which is no whole number`);
  return value;
}

export const seed = setting('RINGFENCE_SEED', Date.now() % 2 ** 31);
