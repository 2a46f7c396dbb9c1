import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailed, btfTypeId } from '#std';
import { Assembler } from './assembler.ts';
import { assembled, line } from './fixtures.ts';
import { encode } from './instruction.ts';

type Emit = (assembler: Assembler) => Assembler;

/** Bytes as `llvm-mc -triple bpfel` gives them for the text on the left. */
const encodings: readonly (readonly [string, Emit, string])[] = [
  ['r1 = r6', (a) => a.move('r1', 'r6'), 'bf61000000000000'],
  ['r1 = -5', (a) => a.move('r1', -5), 'b7010000fbffffff'],
  ['w1 = w6', (a) => a.move32('r1', 'r6'), 'bc61000000000000'],
  ['w1 = 0xffffffff', (a) => a.move32('r1', 0xffff_ffff), 'b4010000ffffffff'],
  [
    'r1 = 0x1122334455667788 ll',
    (a) => a.loadImmediate64('r1', 0x1122334455667788n),
    '18010000887766550000000044332211',
  ],
  ['r1 = -1 ll', (a) => a.loadImmediate64('r1', -1n), '18010000ffffffff00000000ffffffff'],
  ['r1 = 2^64-1 ll', (a) => a.loadImmediate64('r1', 2n ** 64n - 1n), '18010000ffffffff00000000ffffffff'],
  ['r1 += r2', (a) => a.add('r1', 'r2'), '0f21000000000000'],
  ['w1 += 7', (a) => a.add32('r1', 7), '0401000007000000'],
  ['r1 -= 7', (a) => a.sub('r1', 7), '1701000007000000'],
  ['w1 -= w2', (a) => a.sub32('r1', 'r2'), '1c21000000000000'],
  ['r1 *= 7', (a) => a.mul('r1', 7), '2701000007000000'],
  ['w1 *= w2', (a) => a.mul32('r1', 'r2'), '2c21000000000000'],
  ['r1 &= 0xff', (a) => a.and('r1', 0xff), '57010000ff000000'],
  ['w1 &= 0xff0000ff', (a) => a.and32('r1', 0xff00_00ff), '54010000ff0000ff'],
  ['r1 |= r2', (a) => a.or('r1', 'r2'), '4f21000000000000'],
  ['w1 |= w2', (a) => a.or32('r1', 'r2'), '4c21000000000000'],
  ['r1 ^= r2', (a) => a.xor('r1', 'r2'), 'af21000000000000'],
  ['w1 ^= 1', (a) => a.xor32('r1', 1), 'a401000001000000'],
  ['r1 <<= 63', (a) => a.lsh('r1', 63), '670100003f000000'],
  ['w1 <<= 31', (a) => a.lsh32('r1', 31), '640100001f000000'],
  ['r1 >>= r2', (a) => a.rsh('r1', 'r2'), '7f21000000000000'],
  ['w1 >>= 3', (a) => a.rsh32('r1', 3), '7401000003000000'],
  ['r1 s>>= 3', (a) => a.arsh('r1', 3), 'c701000003000000'],
  ['w1 s>>= 3', (a) => a.arsh32('r1', 3), 'c401000003000000'],
  ['r1 = -r1', (a) => a.neg('r1'), '8701000000000000'],
  ['w1 = -w1', (a) => a.neg32('r1'), '8401000000000000'],
  ['r1 = be16 r1', (a) => a.be16('r1'), 'dc01000010000000'],
  ['r1 = be32 r1', (a) => a.be32('r1'), 'dc01000020000000'],
  ['r1 = be64 r1', (a) => a.be64('r1'), 'dc01000040000000'],
  ['r1 = *(u8 *)(r2 - 3)', (a) => a.load(1, 'r1', 'r2', -3), '7121fdff00000000'],
  ['r1 = *(u16 *)(r2 + 2)', (a) => a.load(2, 'r1', 'r2', 2), '6921020000000000'],
  ['r1 = *(u32 *)(r2 + 4)', (a) => a.load(4, 'r1', 'r2', 4), '6121040000000000'],
  ['r1 = *(u64 *)(r2 + 8)', (a) => a.load(8, 'r1', 'r2', 8), '7921080000000000'],
  ['*(u8 *)(r10 - 1) = r2', (a) => a.store(1, 'r10', -1, 'r2'), '732affff00000000'],
  ['*(u64 *)(r10 - 8) = r2', (a) => a.store(8, 'r10', -8, 'r2'), '7b2af8ff00000000'],
  ['*(u32 *)(r10 - 4) = 3', (a) => a.storeImmediate(4, 'r10', -4, 3), '620afcff03000000'],
  ['*(u64 *)(r10 - 8) = -1', (a) => a.storeImmediate(8, 'r10', -8, -1), '7a0af8ffffffffff'],
  ['lock *(u64 *)(r1 + 0) += r2', (a) => a.atomicAdd(8, 'r1', 0, 'r2'), 'db21000000000000'],
  ['lock *(u32 *)(r1 + 4) += r2', (a) => a.atomicAdd(4, 'r1', 4, 'r2'), 'c321040000000000'],
  ['r2 = atomic_fetch_add(r1, r2)', (a) => a.atomicFetchAdd(8, 'r1', 0, 'r2'), 'db21000001000000'],
  ['call 109', (a) => a.callHelper(109), '850000006d000000'],
  ['call of a symbol', (a) => a.callExtern('rf_x'), '85100000ffffffff'],
  ['address of a symbol', (a) => a.loadAddress('r2', '.rodata', 16), '18020000100000000000000000000000'],
  ['exit', (a) => a.exit(), '9500000000000000'],
];

for (const [name, emit, hex] of encodings) {
  test(`assemble: ${name}`, () => {
    const { instructions } = assembled(emit(new Assembler()).exit());
    assert.equal(Buffer.from(encode(instructions.slice(0, -1))).toString('hex'), hex);
  });
}

/** Conditions and their opcodes with an immediate, in the class of 64-bit jumps. */
const conditions = [
  ['eq', 0x15],
  ['ne', 0x55],
  ['gt', 0x25],
  ['ge', 0x35],
  ['lt', 0xa5],
  ['le', 0xb5],
  ['sgt', 0x65],
  ['sge', 0x75],
  ['slt', 0xc5],
  ['sle', 0xd5],
  ['set', 0x45],
] as const;

for (const [condition, opcode] of conditions) {
  test(`assemble: jump if ${condition}`, () => {
    const code = assembled(
      new Assembler()
        .jumpIf(condition, 'r1', 5, 'out')
        .jumpIf(condition, 'r1', 'r2', 'out')
        .jumpIf32(condition, 'r1', 0xffff_fffe, 'out')
        .jumpIf32(condition, 'r1', 'r2', 'out')
        .label('out')
        .exit(),
    );
    const expected = [
      { opcode, dst: 1, src: 0, offset: 3, immediate: 5 },
      { opcode: opcode | 8, dst: 1, src: 2, offset: 2, immediate: 0 },
      { opcode: opcode + 1, dst: 1, src: 0, offset: 1, immediate: -2 },
      { opcode: (opcode + 1) | 8, dst: 1, src: 2, offset: 0, immediate: 0 },
    ];
    assert.deepEqual(code.instructions.slice(0, 4), expected);
  });
}

test('labels count slots, so that a 64-bit immediate takes two', () => {
  const code = assembled(
    new Assembler().label('top').jump('out').loadImmediate64('r1', 1n).jump('top').label('out').move('r0', 0).exit(),
  );
  assert.deepEqual(
    code.instructions.map((each) => each.offset),
    [3, 0, 0, -4, 0, 0],
  );
  assert.deepEqual(code.labels, [
    { name: 'top', instruction: 0 },
    { name: 'out', instruction: 4 },
  ]);
});

test('fresh labels differ', () => {
  const assembler = new Assembler();
  assert.notEqual(assembler.freshLabel('next'), assembler.freshLabel('next'));
});

test('every slot remembers its span, relocations remember their instruction', () => {
  const values = line(12, 'values');
  const code = assembled(
    new Assembler()
      .move('r0', 0)
      .at(values)
      .loadAddress('r1', '.rodata', 3)
      .callExtern('rf_x')
      .at(undefined)
      .relocateNext({ kind: 'fieldByteOffset', typeId: btfTypeId(7), access: '0:2' })
      .load(8, 'r1', 'r6', 16)
      .exit(),
  );
  assert.deepEqual(code.spans, [undefined, values, values, values, undefined, undefined]);
  assert.deepEqual(code.relocations, [
    { instruction: 1, kind: 'address', symbol: '.rodata' },
    { instruction: 3, kind: 'call', symbol: 'rf_x' },
  ]);
  assert.deepEqual(code.coreRelocations, [{ instruction: 4, kind: 'fieldByteOffset', typeId: 7, access: '0:2' }]);
});

/** A jump over `count` instructions, forwards from the first or backwards from the last. */
function jumpOver(count: number, direction: 'forwards' | 'backwards'): Assembler {
  const assembler = new Assembler().at(line(4, 'matchArgs'));
  if (direction === 'forwards') assembler.jump('far');
  else assembler.label('far');
  for (let index = 0; index < count; index += 1) assembler.move('r0', 0);
  return direction === 'forwards' ? assembler.label('far').exit() : assembler.jump('far');
}

const distances = [
  [0x7fff, 'forwards', 'assembled'],
  [0x8000, 'forwards', 'overflow'],
  [0x7fff, 'backwards', 'assembled'],
  [0x8000, 'backwards', 'overflow'],
] as const;

for (const [count, direction, kind] of distances) {
  test(`a jump ${direction} over ${count} instructions: ${kind}`, () => {
    const assembly = jumpOver(count, direction).assemble();
    assert.equal(assembly.kind, kind);
    if (assembly.kind === 'overflow') {
      assert.deepEqual(assembly, {
        kind: 'overflow',
        label: 'far',
        instruction: direction === 'forwards' ? 0 : count,
        distance: direction === 'forwards' ? count : -count - 1,
        span: line(4, 'matchArgs'),
      });
    }
  });
}

const mistakes: readonly (readonly [string, (assembler: Assembler) => unknown])[] = [
  ['a label placed twice', (a) => a.label('x').move('r0', 0).label('x')],
  ['a label never placed', (a) => a.jump('x').assemble()],
  ['a label after the last instruction', (a) => a.jump('x').label('x').assemble()],
  ['code that runs past its end', (a) => a.move('r0', 0).assemble()],
  ['no code', (a) => a.assemble()],
  [
    'a relocation of nothing',
    (a) =>
      a
        .exit()
        .relocateNext({ kind: 'typeExists', typeId: btfTypeId(1), access: '0' })
        .assemble(),
  ],
  ['an immediate beyond 32 bits', (a) => a.move('r0', 2 ** 32)],
  ['an unsigned immediate of a 64-bit operation', (a) => a.move('r0', 0xffff_ffff)],
  ['an unsigned immediate stored in 64 bits', (a) => a.storeImmediate(8, 'r10', -8, 0xffff_ffff)],
  ['half an immediate', (a) => a.move('r0', 0.5)],
  ['an offset beyond 16 bits', (a) => a.load(8, 'r1', 'r2', 0x8000)],
  ['a shift by the whole width', (a) => a.lsh32('r1', 32)],
  ['a shift backwards', (a) => a.rsh('r1', -1)],
  ['a 65-bit immediate', (a) => a.loadImmediate64('r1', 2n ** 64n)],
  ['helper 0', (a) => a.callHelper(0)],
];

for (const [name, mistake] of mistakes) {
  test(`assembler refuses ${name}`, () => {
    assert.throws(() => mistake(new Assembler()), AssertionFailed);
  });
}
