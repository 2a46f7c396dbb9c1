/**
 * Builds the kernel side with clang: kprobes/build/runtime.bpf.o, which compiled policies are linked with; base.bpf.o,
 * the same with the base sensor; guard.bpf.o, with self-protection; selftest.bpf.o, with its tests; and property.bpf.o,
 * which notes what policies would do instead of doing it. And ringfence-hook, a program of the host, which container
 * runtimes run. Run as a script: node kprobes/build.ts
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { linkObjects } from '#kernel';

const here = import.meta.dirname;
export const buildDirectory = join(here, 'build');

const CLANGS = ['clang', 'clang-21', 'clang-20', 'clang-19', 'clang-18', 'clang-17', 'clang-16', 'clang-15'] as const;
const CLANG_VERSION_MIN = 15; // the first that emits BTF for everything that kprobes/ uses
const FLAGS = ['-target', 'bpf', '-mcpu=v3', '-O2', '-g', '-std=gnu11', '-Wall', '-Wextra', '-Werror'];

/** Compiles one C file, or text from standard input, to a BPF object. */
export function compile(
  clang: string,
  input: { readonly file: string } | { readonly text: string },
  output: string,
): void {
  const source = 'file' in input ? [input.file] : ['-x', 'c', '-'];
  const prefix = `-ffile-prefix-map=${here}=kprobes`;
  const definitions = ['-Wno-unused-parameter', `-D__TARGET_ARCH_${process.arch === 'arm64' ? 'arm64' : 'x86'}`];
  const result = spawnSync(
    clang,
    [...FLAGS, ...definitions, prefix, '-I', join(here, 'include'), '-c', ...source, '-o', output],
    { input: 'text' in input ? input.text : undefined, encoding: 'utf8' },
  );
  if (result.status !== 0) {
    throw new Error(`${clang} ${source.at(-1)}:\n${result.stderr}`, { cause: result.error });
  }
}

/** Of the machine that builds, without a C library: headers of the kernel are all that it takes. */
const HOOK_FLAGS = [
  ...['-Os', '-std=gnu11', '-Wall', '-Wextra', '-Werror', '-ffreestanding', '-fno-stack-protector'],
  ...['-fno-asynchronous-unwind-tables', '-fno-ident', '-nostdlib', '-static', '-Wl,-s,--build-id=none,-z,noexecstack'],
];

function compileHook(clang: string, output: string): void {
  const sources = readdirSync(join(here, 'hook')).filter((name) => name.endsWith('.c'));
  const paths = sources.sort().map((name) => join(here, 'hook', name));
  const result = spawnSync(clang, [...HOOK_FLAGS, ...paths, '-o', output], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`${clang} hook:\n${result.stderr}`, { cause: result.error });
}

/** The first clang on the PATH that is new enough. */
export function findClang(): string {
  const wanted = process.env.CLANG === undefined ? CLANGS : [process.env.CLANG];
  for (const name of wanted) {
    const result = spawnSync(name, ['--version'], { encoding: 'utf8' });
    const version = Number(/version (\d+)/.exec(result.stdout ?? '')?.[1] ?? 0);
    if (result.status === 0 && version >= CLANG_VERSION_MIN) return name;
  }
  throw new Error(`no clang ${CLANG_VERSION_MIN} or newer on the PATH: install clang, or name one in CLANG`);
}

function sourcesOf(folder: string): readonly string[] {
  return readdirSync(join(here, folder))
    .filter((name) => name.endsWith('.bpf.c'))
    .sort()
    .map((name) => join(here, folder, name));
}

type Compiled = { readonly name: string; readonly bytes: Uint8Array };

/** libbpf's linker wants the object that defines the maps first. */
function compileFolder(clang: string, folder: string, workspace: string): readonly Compiled[] {
  const definesMaps = (file: string) => basename(file) === 'maps.bpf.c';
  return sourcesOf(folder)
    .toSorted((a, b) => Number(definesMaps(b)) - Number(definesMaps(a)))
    .map((file) => {
      const name = basename(file, '.bpf.c');
      const output = join(workspace, `${folder}-${name}.o`);
      compile(clang, { file }, output);
      return { name, bytes: readFileSync(output) };
    });
}

function link(...parts: readonly (readonly Compiled[])[]): Uint8Array {
  return linkObjects(parts.flat().map(({ bytes }) => bytes));
}

/** Written aside and renamed, so that nobody reads half an object. */
function place(workspace: string, name: string, bytes: Uint8Array, mode = 0o644): void {
  const aside = join(workspace, name);
  writeFileSync(aside, bytes, { mode });
  renameSync(aside, join(buildDirectory, name));
}

export function build(): void {
  const clang = findClang();
  mkdirSync(buildDirectory, { recursive: true });
  const workspace = mkdtempSync(join(buildDirectory, 'tmp-'));
  try {
    const runtime = compileFolder(clang, 'runtime', workspace);
    place(workspace, 'runtime.bpf.o', link(runtime));
    place(workspace, 'base.bpf.o', link(runtime, compileFolder(clang, 'sensors', workspace)));
    place(workspace, 'guard.bpf.o', link(runtime, compileFolder(clang, 'guard', workspace)));
    place(workspace, 'selftest.bpf.o', link(runtime, compileFolder(clang, 'selftest', workspace)));
    const readers = runtime.filter(({ name }) => !name.startsWith('verdict') && name !== 'workload');
    const hook = join(workspace, 'hook');
    compileHook(clang, hook);
    place(workspace, 'ringfence-hook', readFileSync(hook), 0o755);
    place(workspace, 'property.bpf.o', link(readers, compileFolder(clang, 'property', workspace)));
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

if (import.meta.main) build();
