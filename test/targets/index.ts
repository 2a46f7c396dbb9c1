/** Kernels saved as targets, for tests that compile: see make.ts. */
import { join } from 'node:path';
import type { Target } from '#bpf';
import { readSavedTarget } from '../../src/cli/saved-target.ts';
import type { KernelName } from '../lab/index.ts';

export const SAVED_KERNELS = ['6.1', '6.12', 'newest'] as const satisfies readonly KernelName[];

export type SavedKernel = (typeof SAVED_KERNELS)[number];

export function isSavedKernel(name: string): name is SavedKernel {
  return (SAVED_KERNELS as readonly string[]).includes(name);
}

export function savedPath(kernel: SavedKernel): string {
  return join(import.meta.dirname, `${kernel}.target`);
}

export function savedTarget(kernel: SavedKernel): Target {
  return readSavedTarget(savedPath(kernel));
}
