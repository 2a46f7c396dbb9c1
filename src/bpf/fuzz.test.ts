/**
 * Whatever bytes the readers get, they answer or throw their one error, and they come to an end.
 *
 * RINGFENCE_FUZZ_SECONDS makes it run longer, RINGFENCE_FUZZ_SEED repeats a run.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { btfTypeId } from '#std';
import { MalformedBtf } from './btf.ts';
import { BtfBuilder } from './btf-builder.ts';
import { copyTypes } from './btf-copy.ts';
import { BtfView } from './btf-view.ts';
import { disassemble } from './disassemble.ts';
import { MalformedElf } from './elf.ts';
import { readFunctions } from './elf-functions.ts';
import { ElfView } from './elf-view.ts';
import { sampleBytes } from './fixtures.ts';
import { functionList } from './functions.ts';
import { FEATURES, type FeatureName, type FeatureState } from './target.ts';
import { MalformedTarget, parseTarget, serialiseTarget } from './target-file.ts';
import { tracepointList } from './tracepoints.ts';

const SECONDS = Number(process.env.RINGFENCE_FUZZ_SECONDS ?? 2);
const SEED = Number(process.env.RINGFENCE_FUZZ_SEED ?? randomInt(2 ** 32));

/** A quarter of the time for each of the four. */
const MILLISECONDS = (SECONDS * 1000) / 4;

/** A reader that takes longer on inputs of this size is taken to hang; the usual time is a few milliseconds. */
const HANG_MILLISECONDS = 20_000;
const INPUT_BYTES_MAX = 64 * 1024;
const TYPES_USED_MAX = 64;

type Random = (below: number) => number;

/** mulberry32: small, seeded, good enough to place mutations. */
function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Numbers that readers trip over. */
const AWKWARD = [0, 1, 2, 7, 0x7f, 0xff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fff8, 0xffff_ffff] as const;

/** Changes some bytes or words, or cuts the end off. */
function mutate(original: Uint8Array, random: Random): Uint8Array {
  const mutant = Uint8Array.from(original);
  const view = new DataView(mutant.buffer);
  for (let count = 1 + random(8); count > 0; count -= 1) {
    const at = random(mutant.length);
    const word = at & ~3;
    if (random(3) === 0 || word + 4 > mutant.length) mutant[at] = random(256);
    else if (random(2) === 0) view.setUint32(word, AWKWARD[random(AWKWARD.length)] ?? 0, true);
    else view.setUint32(word, random(mutant.length), true);
  }
  return random(8) === 0 ? mutant.subarray(0, random(mutant.length)) : mutant;
}

type Errors = readonly (new (...parameters: never[]) => Error)[];

/** Feeds mutants of the originals to `use` until the time is up; every mutant counts for something in the message. */
function fuzz(
  originals: readonly Uint8Array[],
  allowed: Errors,
  use: (bytes: Uint8Array, random: Random) => void,
): void {
  const end = performance.now() + MILLISECONDS;
  let round = 0;
  do {
    const seed = (SEED + round) >>> 0;
    const random = randomFrom(seed);
    const original = originals[random(originals.length)];
    assert.ok(original);
    const mutant = mutate(original, random);
    const begin = performance.now();
    try {
      use(mutant, random);
    } catch (error) {
      const isAllowed = allowed.some((each) => error instanceof each);
      assert.ok(isAllowed, `RINGFENCE_FUZZ_SEED=${seed}: ${error instanceof Error ? error.stack : String(error)}`);
    }
    assert.ok(performance.now() - begin < HANG_MILLISECONDS, `RINGFENCE_FUZZ_SEED=${seed}: it hangs`);
    round += 1;
  } while (performance.now() < end);
}

function sampleBtf(): Uint8Array {
  const section = new ElfView(sampleBytes()).section('.BTF');
  assert.ok(section);
  return section.data;
}

/** Some of the kernel's own types, in the size of an input; none where the kernel does not show them. */
function kernelBtf(): readonly Uint8Array[] {
  const path = '/sys/kernel/btf/vmlinux';
  if (!existsSync(path)) return [];
  const kernel = new BtfView(readFileSync(path));
  const into = new BtfBuilder();
  for (const name of ['path', 'file', 'linux_binprm', 'sockaddr_in6', 'task_struct']) {
    const id = kernel.findStruct(name);
    if (id !== undefined) copyTypes(kernel, [id], into, { pointees: 'forward' });
  }
  const bytes = into.toBytes();
  assert.ok(bytes.length < INPUT_BYTES_MAX, `${bytes.length} bytes are too many to mutate`);
  return [bytes];
}

/** What clang makes of a few lines; none where there is no clang. */
function clangObject(): readonly Uint8Array[] {
  const directory = mkdtempSync(join(tmpdir(), 'ringfence-fuzz-'));
  try {
    const source = join(directory, 'program.c');
    const object = join(directory, 'program.o');
    writeFileSync(
      source,
      `struct node { struct node *next; int value; };
      static const volatile int factor = 3;
      extern int rf_x(struct node *node);
      static __attribute__((noinline)) int scale(int by) { return by * factor; }
      __attribute__((section("syscall"))) int program(struct node *node) { return scale(node->value) + rf_x(node); }`,
    );
    const { status } = spawnSync('clang-19', ['-g', '-O2', '-target', 'bpf', '-c', source, '-o', object]);
    return status === 0 ? [readFileSync(object)] : [];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function useBtf(view: BtfView, random: Random): void {
  const count = view.typeCount;
  for (let use = 0; use < TYPES_USED_MAX; use += 1) {
    const id = btfTypeId(random(count + 2));
    const type = view.type(id);
    view.describe(id);
    view.sizeOf(id);
    view.skipModifiers(id);
    if (type.kind === 'struct' || type.kind === 'union') view.findMember(id, 'nowhere');
    if (type.kind === 'func' || type.kind === 'func_proto') view.functionParameters(id);
  }
  view.findFunction('nowhere');
  view.findStruct('path');
}

test(`fuzz the reader of BTF (seed ${SEED})`, () => {
  fuzz([sampleBtf(), ...kernelBtf()], [MalformedBtf], (bytes, random) => useBtf(new BtfView(bytes), random));
});

test(`fuzz the copier of types (seed ${SEED})`, () => {
  fuzz([sampleBtf(), ...kernelBtf()], [MalformedBtf], (bytes, random) => {
    const view = new BtfView(bytes);
    const pointees = random(2) === 0 ? 'whole' : 'forward';
    const into = new BtfBuilder();
    copyTypes(view, [btfTypeId(random(view.typeCount + 1))], into, { pointees });
    useBtf(new BtfView(into.toBytes()), random);
  });
});

test(`fuzz the reader of objects (seed ${SEED})`, () => {
  fuzz([sampleBytes(), ...clangObject()], [MalformedElf, MalformedBtf], (bytes) => {
    const elf = new ElfView(bytes);
    for (const section of elf.sections) elf.relocations(section);
    for (const { code } of readFunctions(elf)) disassemble(code);
  });
});

test(`fuzz the reader of saved targets (seed ${SEED})`, () => {
  const features = Object.keys(FEATURES).map((name) => [name, { kind: 'no', reason: 'x' }] as const);
  const saved = serialiseTarget({
    arch: 'aarch64',
    release: '6.1.0',
    btf: new BtfView(sampleBtf()),
    features: Object.fromEntries(features) as Record<FeatureName, FeatureState>,
    functions: functionList(['vfs_open', 'vfs_read.isra.0']),
    tracepoints: tracepointList({ 'sched/exit': [{ name: 'pid', type: 'pid_t', offset: 8, size: 4, signed: true }] }),
  });
  fuzz([saved], [MalformedTarget], (bytes) => {
    const { functions, tracepoints } = parseTarget(bytes);
    for (const name of functions.names()) assert.ok(functions.count(name) > 0);
    for (const name of tracepoints.names()) {
      const [subsystem = '', event = ''] = name.split('/');
      for (const { offset, size } of tracepoints.format(subsystem, event)?.fields ?? []) assert.ok(offset + size >= 0);
    }
  });
});
