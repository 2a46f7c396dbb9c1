import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailed, btfTypeId, known } from '#std';
import { Assembler } from './assembler.ts';
import { VOID } from './btf.ts';
import { BtfBuilder } from './btf-builder.ts';
import { SHF, STB, STT, STV } from './elf.ts';
import { readFunctions } from './elf-functions.ts';
import { ElfView } from './elf-view.ts';
import { type ObjectDescription, writeObject } from './elf-writer.ts';
import { assembled, line, sampleBytes, sampleObject } from './fixtures.ts';

test('functions come back as they were written', () => {
  const { programs } = sampleObject();
  const read = readFunctions(new ElfView(sampleBytes()));
  assert.equal(read.length, programs.length);
  for (const [index, { name, section, functionTypeId, code }] of programs.entries()) {
    const found = known(read[index], name);
    assert.deepEqual([found.name, found.section, found.functionTypeId], [name, section, functionTypeId]);
    assert.deepEqual(found.code.instructions, code.instructions);
    assert.deepEqual(found.code.relocations, code.relocations);
  }
});

test('line info quotes the policy, trimmed, and each line once', () => {
  const elf = new ElfView(sampleBytes());
  const btf = known(elf.btf(), 'BTF');
  const lines = known(elf.btfExt(), '.BTF.ext').lines.flatMap(({ section, entries }) =>
    entries.map((each) => [
      btf.string(section),
      each.offset / 8,
      btf.string(each.file),
      each.line,
      each.column,
      btf.string(each.text),
    ]),
  );
  assert.deepEqual(lines, [
    ['syscall', 0, 'policy.yaml', 12, 9, 'values: ["/tmp/kill"]'],
    ['syscall', 4, 'policy.yaml', 15, 9, '- action: Sigkill'],
    ['syscall', 9, 'policy.yaml', 9, 9, '- hook: file_open'],
    ['.text', 0, 'twice', 0, 0, 'twice'],
  ]);
});

test('sections, symbols and their order', () => {
  const elf = new ElfView(sampleBytes());
  assert.deepEqual(
    elf.sections.map((each) => each.name),
    ['', '.strtab', 'syscall', '.relsyscall', '.text', '.rodata', 'license', '.BTF', '.BTF.ext', '.symtab'],
  );
  const summary = elf.symbols.map(({ name, binding, type, visibility, section, value, size }) => [
    name,
    binding,
    type,
    visibility,
    elf.sections[section]?.name,
    value,
    size,
  ]);
  assert.deepEqual(summary, [
    ['', STB.local, STT.notype, STV.default, '', 0, 0],
    ['syscall', STB.local, STT.section, STV.default, 'syscall', 0, 0],
    ['.text', STB.local, STT.section, STV.default, '.text', 0, 0],
    ['.rodata', STB.local, STT.section, STV.default, '.rodata', 0, 0],
    ['sample', STB.global, STT.func, STV.default, 'syscall', 0, 88],
    ['twice', STB.global, STT.func, STV.hidden, '.text', 0, 24],
  ]);
  assert.equal(elf.section('.symtab')?.info, 4, 'the first global symbol');
  assert.equal(elf.section('syscall')?.flags, SHF.alloc | SHF.execinstr);
  assert.equal(Buffer.from(elf.section('license')?.data ?? []).toString(), 'Dual BSD/GPL\0');
});

/** Two programs of one section, of which the second has all that counts from the start of the section. */
function twoInOneSection(): ObjectDescription {
  const btf = new BtfBuilder();
  const func = (name: string) => btf.func(name, btf.funcProto(VOID, []), 'global');
  const struct = btf.struct('file', 8, []);
  btf.func('rf_x', btf.funcProto(VOID, []), 'extern');
  const first = new Assembler().at(line(1, 'first')).move('r0', 0).exit();
  const second = new Assembler()
    .at(line(2, 'second'))
    .relocateNext({ kind: 'fieldByteOffset', typeId: struct, access: '0:1' })
    .load(8, 'r1', 'r1', 8)
    .at(line(3, 'call'))
    .callExtern('rf_x')
    .exit();
  const section = 'lsm/file_open';
  return {
    programs: [
      { name: 'one', section, code: assembled(first), functionTypeId: func('one') },
      { name: 'two', section, code: assembled(second), functionTypeId: func('two') },
    ],
    btf,
    externs: ['rf_x'],
  };
}

test('programs of the same section follow one another in it', () => {
  const description = twoInOneSection();
  const elf = new ElfView(writeObject(description));
  assert.equal(elf.sections.filter((each) => each.name === 'lsm/file_open').length, 1);
  const [one, two] = readFunctions(elf);
  assert.deepEqual(
    one?.code.spans.map((span) => span?.text),
    ['first', 'first'],
  );
  assert.deepEqual(
    two?.code.spans.map((span) => span?.text),
    ['second', 'call', 'call'],
  );
  assert.deepEqual(two?.code.relocations, [{ instruction: 1, kind: 'call', symbol: 'rf_x' }]);
  assert.deepEqual(two?.code.coreRelocations, description.programs[1]?.code.coreRelocations);
  assert.equal(two?.functionTypeId, description.programs[1]?.functionTypeId);
});

test('what is not there takes no room: no relocations, no rodata, no licence, no CO-RE', () => {
  const btf = new BtfBuilder();
  const functionTypeId = btf.func('empty', btf.funcProto(VOID, []), 'global');
  const code = assembled(new Assembler().move('r0', 0).exit());
  const elf = new ElfView(
    writeObject({ programs: [{ name: 'empty', section: 'syscall', code, functionTypeId }], btf, externs: [] }),
  );
  assert.deepEqual(
    elf.sections.map((each) => each.name),
    ['', '.strtab', 'syscall', '.BTF', '.BTF.ext', '.symtab'],
  );
  const ext = known(elf.section('.BTF.ext'), '.BTF.ext').data;
  const lengths = [12, 20, 28].map((at) => new DataView(ext.buffer, ext.byteOffset).getUint32(at, true));
  assert.deepEqual(lengths, [4 + 8 + 8, 4 + 8 + 16, 0], 'an empty part has length 0');
  assert.equal(elf.btfExt()?.lines[0]?.entries[0]?.offset, 0, 'the first instruction has a line');
});

test('a first instruction without a span shows the first line that follows', () => {
  const btf = new BtfBuilder();
  const functionTypeId = btf.func('late', btf.funcProto(VOID, []), 'global');
  const code = assembled(new Assembler().move('r0', 0).at(line(7, 'values')).exit());
  const programs = [{ name: 'late', section: 'syscall', code, functionTypeId }];
  const [entry, ...others] = new ElfView(writeObject({ programs, btf, externs: [] })).btfExt()?.lines[0]?.entries ?? [];
  assert.deepEqual([entry?.offset, entry?.line], [0, 7]);
  assert.deepEqual(others, []);
});

test('lines and columns that do not fit are cut, text too, and control characters are escaped', () => {
  const btf = new BtfBuilder();
  const functionTypeId = btf.func('wide', btf.funcProto(VOID, []), 'global');
  const span = { ...line(1e9, `\t\u001b[2J${'x'.repeat(1000)}`), column: 5000 };
  const code = assembled(new Assembler().at(span).exit());
  const programs = [{ name: 'wide', section: 'syscall', code, functionTypeId }];
  const elf = new ElfView(writeObject({ programs, btf, externs: [] }));
  const entry = known(elf.btfExt()?.lines[0]?.entries[0], 'line');
  assert.deepEqual([entry.line, entry.column], [0x3f_ffff, 0x3ff]);
  const text = known(elf.btf(), 'BTF').string(entry.text);
  assert.equal(text.length, 256);
  assert.ok(text.startsWith('\\u001b[2Jxxx'));
});

test('the same description gives the same bytes', () => {
  assert.deepEqual(sampleBytes(), sampleBytes());
  assert.deepEqual(writeObject(twoInOneSection()), writeObject(twoInOneSection()));
});

const mistakes: readonly (readonly [string, (object: ObjectDescription) => ObjectDescription])[] = [
  ['a symbol that nobody declares', (object) => ({ ...object, programs: object.programs.slice(0, 1) })],
  ['rodata that is not there', ({ rodata: _, ...object }) => object],
  ['two functions of the same name', (object) => ({ ...object, programs: [...object.programs, ...object.programs] })],
  ['an extern that the object defines', (object) => ({ ...object, externs: ['sample'] })],
  [
    'code in a data section',
    (object) => ({ ...object, programs: object.programs.map((each) => ({ ...each, section: '.rodata' })) }),
  ],
  [
    'a hidden program',
    (object) => ({ ...object, programs: object.programs.map((each) => ({ ...each, section: 'syscall' })) }),
  ],
];

for (const [name, change] of mistakes) {
  test(`the writer refuses ${name}`, () => {
    assert.throws(() => writeObject(change(sampleObject())), AssertionFailed);
  });
}

test('the function type of a program must be of that name', () => {
  const object = sampleObject();
  const programs = object.programs.map((each) => ({ ...each, functionTypeId: btfTypeId(1) }));
  assert.throws(() => writeObject({ ...object, programs }), AssertionFailed);
});
