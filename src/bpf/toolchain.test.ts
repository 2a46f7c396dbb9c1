/** What others make of our objects: llvm's tools, libbpf's linker and loader, and the kernel of this machine. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { btfTypeId, known } from '#std';
import { Assembler } from './assembler.ts';
import { VOID } from './btf.ts';
import { BtfBuilder } from './btf-builder.ts';
import { declareExterns } from './btf-extern.ts';
import { BtfView } from './btf-view.ts';
import type { Code } from './code.ts';
import { disassemble } from './disassemble.ts';
import { SUBPROGRAM_SECTION } from './elf.ts';
import { readFunctions } from './elf-functions.ts';
import { ElfView } from './elf-view.ts';
import { type ObjectFunction, writeObject } from './elf-writer.ts';
import { assembled, line, sampleBytes } from './fixtures.ts';

const CLANG = 'clang-19';
const OBJDUMP = 'llvm-objdump-19';
const READELF = 'llvm-readelf-19';
const BPFTOOL = 'bpftool';
const KERNEL_BTF = '/sys/kernel/btf/vmlinux';
const BPF_HEADERS = '/usr/include/bpf/bpf_helpers.h';

const directory = mkdtempSync(join(tmpdir(), 'ringfence-bpf-'));
after(() => rmSync(directory, { recursive: true }));

test('llvm-objdump disassembles to the same text', { skip: absent(OBJDUMP) }, () => {
  const code = everyInstruction();
  const btf = new BtfBuilder();
  const functionTypeId = btf.func('all', btf.funcProto(VOID, []), 'global');
  const programs = [{ name: 'all', section: 'syscall', code, functionTypeId }];
  const dump = run(OBJDUMP, ['-d', '--no-show-raw-insn', file('all.o', writeObject({ programs, btf, externs: [] }))]);
  const theirs = Array.from(dump.matchAll(/^ +\d+:\s+(.*?)(?: <.*>)?$/gm), ([, text = '']) => text);
  // Ours shows helpers in decimal, and jumps with a label of its own.
  const ours = Array.from(disassemble({ instructions: code.instructions }).matchAll(/^ +\d+: (.*?)(?: <.*>)?$/gm)).map(
    ([, text = '']) => text.replace(/^call (\d+)$/, (_, id: string) => `call 0x${Number(id).toString(16)}`),
  );
  assert.deepEqual(ours, theirs);
});

test('llvm-objdump finds symbols, relocations and lines', { skip: absent(OBJDUMP) }, () => {
  const dump = run(OBJDUMP, ['-dr', file('sample.o', sampleBytes())]);
  assert.match(dump, /<sample>:.*R_BPF_64_64\s+\.rodata.*R_BPF_64_32\s+twice.*<twice>:/s);
});

test('llvm-readelf has nothing to complain about', { skip: absent(READELF) }, () => {
  const { stdout, stderr } = spawnSync(READELF, ['-a', file('sample.o', sampleBytes())], { encoding: 'utf8' });
  assert.equal(stderr, '');
  assert.match(stdout, /FUNC +GLOBAL HIDDEN +\d+ twice/);
  assert.match(stdout, /FUNC +GLOBAL DEFAULT +\d+ sample/);
});

test('what clang compiles is read back', { skip: absent(CLANG, BPF_HEADERS) }, () => {
  const functions = readFunctions(new ElfView(readFileSync(compile('program.bpf.c', RUNTIME + PROGRAM))));
  assert.deepEqual(
    functions.map(({ name, section }) => [section, name]),
    [
      ['.text', 'rf_starts'],
      ['.text', 'scale'],
      ['syscall', 'program'],
    ],
  );
  const [starts, , program] = functions;
  const text = disassemble(known(starts, 'rf_starts').code);
  assert.match(text, /; .*\.bpf\.c:\d+: struct node \*first = bpf_map_lookup_elem/);
  assert.match(text, /: r1 = &rf_nodes ll\n/);
  assert.match(disassemble(known(program, 'program').code), /: call scale\n/);
});

test("libbpf's linker takes the object", { skip: absent(BPFTOOL) }, () => {
  const linked = new ElfView(readFileSync(link('linked.o', [file('sample.o', sampleBytes())])));
  const before = readFunctions(new ElfView(sampleBytes()));
  const after = readFunctions(linked);
  for (const [index, each] of before.entries()) {
    assert.equal(disassemble(known(after[index], each.name).code), disassemble(each.code));
  }
});

test("libbpf's linker joins it with a runtime object", { skip: absent(BPFTOOL, CLANG, BPF_HEADERS) }, () => {
  const linked = new ElfView(readFileSync(linkWithRuntime()));
  const program = readFunctions(linked).find((each) => each.name === 'policy');
  const symbols = known(program, 'program').code.relocations.map((each) => each.symbol);
  assert.deepEqual(symbols, ['rf_nodes', '.rodata', 'rf_starts']);
  const btf = known(linked.btf(), 'BTF');
  assert.equal(btf.describe(known(btf.findFunction('rf_starts'), 'rf_starts')), RUNTIME_PROTOTYPE);
});

test('two objects whose programs have different names link', { skip: absent(BPFTOOL, CLANG, BPF_HEADERS) }, () => {
  const path = link('three.o', [
    compileRuntime(),
    file('one.o', callRuntime('one')),
    file('two.o', callRuntime('two')),
  ]);
  const names = readFunctions(new ElfView(readFileSync(path))).map((each) => each.name);
  assert.deepEqual(names, ['rf_starts', 'scale', 'one', 'two']);
});

const NO_SYSCALL_PROGRAMS = 'this kernel or container does not load syscall programs';

const cannotLoad = absent(BPFTOOL) || (process.getuid?.() === 0 ? false : 'loading a program needs root');

test('the kernel loads it and shows the line of the policy', { skip: cannotLoad }, (context) => {
  const dump = loadAndDump(file('sample.o', sampleBytes()));
  if (dump === undefined) return context.skip(NO_SYSCALL_PROGRAMS);
  assert.match(dump, /^; values: \["\/tmp\/kill"\] \[file:policy\.yaml line_num:12 line_col:9\]$/m);
  assert.match(dump, /^; - action: Sigkill \[file:policy\.yaml line_num:15 line_col:9\]$/m);
  assert.match(dump, /^int twice\(int value\):$/m);
});

test('the kernel loads it with the runtime', { skip: cannotLoad || absent(CLANG, BPF_HEADERS) }, (context) => {
  if (!loadsTrivially()) return context.skip(NO_SYSCALL_PROGRAMS);
  const dump = loadAndDump(linkWithRuntime());
  assert.match(known(dump, 'a loaded program'), /call pc\+\d+#bpf_prog_\w+_rf_starts/);
});

test('the loader puts in offsets of the running kernel', { skip: cannotLoad || absent(KERNEL_BTF) }, (context) => {
  const btf = new BtfBuilder();
  // Our `struct path` holds its dentry at 0; CO-RE finds it, by name, where the kernel has it.
  const typeId = btf.struct('path', 8, [{ name: 'dentry', typeId: btf.ptr(btf.fwd('dentry')), offset: 0 }]);
  const program = new Assembler().relocateNext({ kind: 'fieldByteOffset', typeId, access: '0:0' }).move('r0', 0).exit();
  const dump = loadAndDump(file('core.o', onlyProgram(btf, program)));
  if (dump === undefined) return context.skip(NO_SYSCALL_PROGRAMS);
  const kernel = new BtfView(readFileSync(KERNEL_BTF));
  const dentry = known(kernel.findMember(known(kernel.findStruct('path'), 'path'), 'dentry'), 'dentry');
  assert.notEqual(dentry.bitOffset, 0);
  assert.match(dump, new RegExp(` r0 = ${dentry.bitOffset / 8}$`, 'm'));
});

test('the address of a hidden function is a callback', { skip: cannotLoad }, (context) => {
  const btf = new BtfBuilder();
  const int = btf.int('int', 4, 'signed');
  const u64 = btf.int('unsigned long long', 8, 'unsigned');
  const parameters = [
    { name: 'index', typeId: u64 },
    { name: 'context', typeId: btf.ptr(VOID) },
  ];
  const step = {
    name: 'step',
    section: SUBPROGRAM_SECTION,
    visibility: 'hidden',
    code: assembled(new Assembler().move('r0', 0).exit()),
    functionTypeId: btf.func('step', btf.funcProto(int, parameters), 'global'),
  } as const;
  const bpfLoop = 181;
  const program = new Assembler().move('r1', 3).loadAddress('r2', 'step').move('r3', 0).move('r4', 0);
  const object = onlyProgram(btf, program.callHelper(bpfLoop).move('r0', 0).exit(), [step]);
  const dump = loadAndDump(file('loop.o', object));
  if (dump === undefined) return context.skip(NO_SYSCALL_PROGRAMS);
  assert.match(dump, /^int step\(unsigned long long index, void \* context\):$/m);
});

test('a kernel BTF is read as bpftool reads it', { skip: absent(BPFTOOL, KERNEL_BTF) }, () => {
  const view = new BtfView(readFileSync(KERNEL_BTF));
  const dump = run(BPFTOOL, ['btf', 'dump', 'file', KERNEL_BTF]);
  const headers = Array.from(dump.matchAll(/^\[(\d+)\] (\w+) '(.*?)'/gm));
  assert.equal(view.typeCount, headers.length);
  for (const [, id, kind = '', name] of headers.filter((_, index) => index % 97 === 0)) {
    const type = view.type(btfTypeId(Number(id)));
    assert.equal(type.kind, kind.toLowerCase());
    assert.equal('name' in type && type.name !== '' ? type.name : '(anon)', name);
  }
  const open = known(view.findFunction('vfs_open'), 'vfs_open');
  assert.equal(view.describe(open), 'int vfs_open(const struct path *path, struct file *file)');
});

/** Why a test cannot run here, or false. Commands are looked up, paths must exist. */
function absent(...needed: readonly string[]): string | false {
  const missing = needed.find((each) =>
    each.startsWith('/') ? !existsSync(each) : spawnSync(each, ['--version']).error !== undefined,
  );
  return missing === undefined ? false : `${missing} is not on this machine`;
}

function run(command: string, parameters: readonly string[]): string {
  return execFileSync(command, parameters, { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] });
}

function file(name: string, contents: Uint8Array | string): string {
  const path = join(directory, name);
  writeFileSync(path, contents);
  return path;
}

function link(name: string, objects: readonly string[]): string {
  const path = join(directory, name);
  run(BPFTOOL, ['gen', 'object', path, ...objects]);
  return path;
}

/** Loads, lists with lines, and unloads; undefined where the kernel says no to everything of this kind. */
function loadAndDump(path: string): string | undefined {
  const pin = `/sys/fs/bpf/ringfence-test-${randomUUID()}`;
  const loaded = spawnSync(BPFTOOL, ['prog', 'load', path, pin], { encoding: 'utf8' });
  if (loaded.status !== 0) {
    if (!loadsTrivially()) return undefined;
    assert.fail(loaded.stderr);
  }
  try {
    return run(BPFTOOL, ['prog', 'dump', 'xlated', 'pinned', pin, 'linum']);
  } finally {
    unlinkSync(pin);
  }
}

/** Whether the kernel takes such programs at all, as bpftool's own probe finds out. */
function loadsTrivially(): boolean {
  return /eBPF program_type syscall is available/.test(
    spawnSync(BPFTOOL, ['feature', 'probe', 'kernel'], { encoding: 'utf8' }).stdout,
  );
}

const RUNTIME_PROTOTYPE = 'int rf_starts(const char *text, __u32 length, struct node *node)';

/** Types that refer to one another, a map, constants, a static function: what a runtime library has. */
const RUNTIME = `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char LICENSE[] SEC("license") = "Dual BSD/GPL";
struct leaf { struct node *up; int count; };
struct node { struct leaf leaf; struct node *next; unsigned long long value; };
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct node);
} rf_nodes SEC(".maps");
const volatile unsigned int factors[4] = { 1, 2, 3, 4 };
static __noinline unsigned int scale(unsigned int by)
{
	return factors[by & 3] * 3;
}
__hidden __noinline ${RUNTIME_PROTOTYPE}
{
	__u32 zero = 0;
	struct node *first = bpf_map_lookup_elem(&rf_nodes, &zero);
	return first && node ? text[0] + scale(length) : -1;
}
`;

/** A static function called from another section has no symbol in the call, only a distance. */
const PROGRAM = `
SEC("syscall") int program(void *context)
{
	return scale(bpf_get_prandom_u32());
}
`;

function compileRuntime(): string {
  return compile('runtime.bpf.c', RUNTIME);
}

function compile(name: string, text: string): string {
  const source = file(name, text);
  const path = `${source}.o`;
  const architecture = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
  const headers = `-I/usr/include/${architecture}-linux-gnu`;
  run(CLANG, ['-g', '-O2', '-target', 'bpf', headers, '-c', source, '-o', path]);
  return path;
}

function linkWithRuntime(): string {
  return link('joined.o', [compileRuntime(), file('policy.o', callRuntime('policy'))]);
}

/** An object of one program, and the functions it calls. */
function onlyProgram(btf: BtfBuilder, program: Assembler, functions: readonly ObjectFunction[] = []): Uint8Array {
  const context = { name: 'ctx', typeId: btf.ptr(VOID) };
  const functionTypeId = btf.func('only', btf.funcProto(btf.int('int', 4, 'signed'), [context]), 'global');
  const only = { name: 'only', section: 'syscall', code: assembled(program), functionTypeId };
  return writeObject({ programs: [only, ...functions], btf, externs: [], license: 'Dual BSD/GPL' });
}

/** A program that looks up a map of the runtime and calls its function with constants of its own. */
function callRuntime(name: string): Uint8Array {
  const runtime = known(new ElfView(readFileSync(compileRuntime())).btf(), 'BTF of the runtime');
  const btf = new BtfBuilder();
  assert.deepEqual(declareExterns(runtime, ['rf_nodes', 'rf_starts', 'rf_nowhere'], btf), ['rf_nowhere']);
  const code = assembled(
    new Assembler()
      .at(line(3, 'values'))
      .storeImmediate(4, 'r10', -4, 0)
      .loadAddress('r1', 'rf_nodes')
      .move('r2', 'r10')
      .add('r2', -4)
      .callHelper(1)
      .jumpIf('eq', 'r0', 0, 'out')
      .move('r3', 'r0')
      .loadAddress('r1', '.rodata', 1)
      .move('r2', 3)
      .callExtern('rf_starts')
      .label('out')
      .move('r0', 0)
      .exit(),
  );
  const context = { name: 'ctx', typeId: btf.ptr(VOID) };
  const functionTypeId = btf.func(name, btf.funcProto(btf.int('int', 4, 'signed'), [context]), 'global');
  return writeObject({
    programs: [{ name, section: 'syscall', code, functionTypeId }],
    rodata: new TextEncoder().encode('/etc'),
    btf,
    externs: ['rf_nodes', 'rf_starts'],
  });
}

/** One of each that the assembler emits and that llvm prints in the same way. */
function everyInstruction(): Code {
  const a = new Assembler().label('top');
  for (const operand of ['r7', -7, 7] as const) {
    a.move('r1', operand).move32('r2', operand).add('r3', operand).add32('r4', operand).sub('r5', operand);
    a.sub32('r6', operand).mul('r7', operand).mul32('r8', operand).and('r9', operand).and32('r0', operand);
    a.or('r1', operand).or32('r2', operand).xor('r3', operand).xor32('r4', operand);
  }
  a.lsh('r1', 33).lsh32('r1', 3).rsh('r1', 'r2').rsh32('r1', 3).arsh('r1', 3).arsh32('r1', 'r2').neg('r1').neg32('r1');
  a.be16('r1').be32('r1').be64('r1').loadImmediate64('r1', 0x1234_5678_9abcn).loadImmediate64('r1', -2n);
  for (const size of [1, 2, 4, 8] as const) {
    a.load(size, 'r1', 'r2', -8).store(size, 'r10', -16, 'r3').storeImmediate(size, 'r10', -16, 1);
  }
  a.atomicAdd(8, 'r1', 8, 'r2').atomicFetchAdd(8, 'r1', 0, 'r3');
  for (const condition of ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'sgt', 'sge', 'slt', 'sle', 'set'] as const) {
    a.jumpIf(condition, 'r1', -5, 'out').jumpIf(condition, 'r1', 'r2', 'top');
    a.jumpIf32(condition, 'r1', 5, 'top').jumpIf32(condition, 'r1', 'r2', 'out');
  }
  return assembled(a.jump('top').callHelper(109).label('out').exit());
}
