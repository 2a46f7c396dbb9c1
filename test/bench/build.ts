/** Builds what the bench measures with and beside: its workload, and the minimal programs that ours are compared to. */
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { compile, findClang } from '../../kprobes/build.ts';
import { execute } from '../lab/command.ts';

const here = import.meta.dirname;
const buildDirectory = join(here, 'build');

/** Static, as guests have no libraries of this machine but those that Node needs. */
export const workloadProgram = join(buildDirectory, 'workload');
export const minimalObject = join(buildDirectory, 'minimal.bpf.o');

const WARNINGS = ['-Wall', '-Wextra', '-Wno-missing-field-initializers', '-Werror'];

export async function buildBench(): Promise<void> {
  mkdirSync(buildDirectory, { recursive: true });
  if (isOlder(workloadProgram, ['workload.c', '../attacks/uring.c', '../attacks/uring.h'])) {
    const compiler = hasGcc() ? 'gcc' : findClang();
    const sources = ['workload.c', '../attacks/uring.c'].map((file) => join(here, file));
    await aside(workloadProgram, (output) =>
      execute([compiler, '-static', '-O2', '-pthread', ...WARNINGS, '-o', output, ...sources]),
    );
  }
  if (isOlder(minimalObject, ['minimal.bpf.c'])) {
    await aside(minimalObject, async (output) => compile(findClang(), { file: join(here, 'minimal.bpf.c') }, output));
  }
}

/** So that nobody finds half a file. */
async function aside(path: string, build: (output: string) => Promise<unknown>): Promise<void> {
  const output = `${path}-${process.pid}`;
  await build(output);
  renameSync(output, path);
}

function isOlder(path: string, sources: readonly string[]): boolean {
  if (!existsSync(path)) return true;
  const { mtimeMs } = statSync(path);
  return sources.some((source) => statSync(join(here, source)).mtimeMs > mtimeMs);
}

function hasGcc(): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'gcc')));
}
