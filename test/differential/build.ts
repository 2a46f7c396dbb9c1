/** Builds the observer with the clang that builds kprobes/, beside it; a guest, which has none, has the result. */
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { buildDirectory, compile, findClang } from '../../kprobes/build.ts';

export function buildObserver(): void {
  mkdirSync(buildDirectory, { recursive: true });
  const aside = join(buildDirectory, `observer-${process.pid}.o`);
  compile(findClang(), { file: join(import.meta.dirname, 'observer.bpf.c') }, aside);
  renameSync(aside, join(buildDirectory, 'observer.bpf.o'));
}

if (import.meta.main) buildObserver();
