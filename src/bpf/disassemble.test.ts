import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Assembler } from './assembler.ts';
import { disassemble, disassembleInstruction } from './disassemble.ts';
import { assembled, sampleObject } from './fixtures.ts';
import { decode } from './instruction.ts';

/** Bytes and texts as llvm-objdump gives them; calls of helpers in decimal, as the kernel's headers number them. */
const table = [
  ['b701000005000000', 'r1 = 0x5'],
  ['b7010000fbffffff', 'r1 = -0x5'],
  ['b701000000000080', 'r1 = -0x80000000'],
  ['b401000005000000', 'w1 = 0x5'],
  ['0f21000000000000', 'r1 += r2'],
  ['1c21000000000000', 'w1 -= w2'],
  ['3701000003000000', 'r1 /= 0x3'],
  ['3f21010000000000', 'r1 s/= r2'],
  ['9401010003000000', 'w1 s%= 0x3'],
  ['c401000003000000', 'w1 s>>= 0x3'],
  ['8701000000000000', 'r1 = -r1'],
  ['8401000000000000', 'w1 = -w1'],
  ['dc01000010000000', 'r1 = be16 r1'],
  ['d401000020000000', 'r1 = le32 r1'],
  ['d701000010000000', 'r1 = bswap16 r1'],
  ['bf21080000000000', 'r1 = (s8)r2'],
  ['bc21100000000000', 'w1 = (s16)w2'],
  ['7121fdff00000000', 'r1 = *(u8 *)(r2 - 0x3)'],
  ['9121000000000000', 'r1 = *(s8 *)(r2 + 0x0)'],
  ['7b21080000000000', '*(u64 *)(r1 + 0x8) = r2'],
  ['620100000500f000', '*(u32 *)(r1 + 0x0) = 0xf00005'],
  ['db21000000000000', 'lock *(u64 *)(r1 + 0x0) += r2'],
  ['db21000040000000', 'lock *(u64 *)(r1 + 0x0) |= r2'],
  ['db21000001000000', 'r2 = atomic_fetch_add((u64 *)(r1 + 0x0), r2)'],
  ['c321000001000000', 'w2 = atomic_fetch_add((u32 *)(r1 + 0x0), w2)'],
  ['db210000e1000000', 'r2 = xchg_64(r1 + 0x0, r2)'],
  ['c3210000f1000000', 'w0 = cmpxchg32_32(r1 + 0x0, w0, w2)'],
  ['65010100ffffffff', 'if r1 s> -0x1 goto +0x1'],
  ['4601010005000000', 'if w1 & 0x5 goto +0x1'],
  ['4d51feff00000000', 'if r1 & r5 goto -0x2'],
  ['0500010000000000', 'goto +0x1'],
  ['0600000005000000', 'gotol +0x5'],
  ['850000006d000000', 'call 109'],
  ['8510000003000000', 'call +3'],
  ['85100000ffffffff', 'call -1'],
  ['852000000a000000', 'call kernel function 10'],
  ['8d01000000000000', 'callx r1'],
  ['9500000000000000', 'exit'],
  ['1801000088776655', 'unknown opcode 0x18 (dst 1, src 0, offset 0, immediate 0x55667788)'],
  ['f701000000000000', 'unknown opcode 0xf7 (dst 1, src 0, offset 0, immediate 0x0)'],
  ['e501000000000000', 'unknown opcode 0xe5 (dst 1, src 0, offset 0, immediate 0x0)'],
  ['d321000000000000', 'unknown opcode 0xd3 (dst 1, src 2, offset 0, immediate 0x0)'],
] as const;

for (const [hex, text] of table) {
  test(`disassemble: ${text}`, () => {
    const [instruction] = decode(Buffer.from(hex, 'hex'));
    assert.equal(instruction && disassembleInstruction(instruction), text);
  });
}

test('a 64-bit immediate takes both slots, and the sign of the whole', () => {
  const code = assembled(
    new Assembler()
      .loadImmediate64('r1', 0xffff_ffffn)
      .loadImmediate64('r2', -(2n ** 63n))
      .move('r0', 0)
      .exit(),
  );
  const expected = ['r1 = 0xffffffff ll', 'r2 = -0x8000000000000000 ll', 'r0 = 0x0', 'exit'];
  assert.deepEqual(texts(disassemble(code)), expected);
});

test('a program reads with the policy, labels and symbols', () => {
  const [program] = sampleObject().programs;
  assert.ok(program);
  const helperNames = new Map([[14, 'get_current_pid_tgid']]);
  assert.equal(
    disassemble(program.code, { helperNames }),
    `; policy.yaml:12: values: ["/tmp/kill"]
     0: r1 = &.rodata + 0x1 ll
     2: r6 = *(u8 *)(r1 + 0x0)
     3: if r6 != 0x74 goto +0x5 <out>
; policy.yaml:15: - action: Sigkill
     4: call get_current_pid_tgid#14
     5: r1 = r6
     6: call twice
     7: r0 = 0x1
     8: exit
out:
; policy.yaml:9: - hook: file_open
     9: r0 = 0x0
    10: exit
`,
  );
});

test('jump targets without a name are numbered, and targets outside the code are left alone', () => {
  const instructions = decode(Buffer.from('150101000000000005000500000000009500000000000000', 'hex'));
  assert.equal(
    disassemble({ instructions }),
    '     0: if r1 == 0x0 goto +0x1 <L1>\n     1: goto +0x5\nL1:\n     2: exit\n',
  );
});

test('control characters of a policy do not reach the terminal', () => {
  const span = { file: 'a.yaml', line: 1, column: 1, endLine: 1, endColumn: 2, text: '\u001b[2Jvalues' };
  const code = assembled(new Assembler().at(span).exit());
  assert.match(disassemble(code), /^; a\.yaml:1: \\u001b\[2Jvalues$/m);
});

function texts(disassembly: string): string[] {
  return Array.from(disassembly.matchAll(/^ *\d+: (.*)$/gm), ([, text = '']) => text);
}
