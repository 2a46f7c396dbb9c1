/** For the tests of this folder: one object that uses everything the writer can write. */
import type { Span } from '#diagnostics';
import { assert } from '#std';
import { Assembler } from './assembler.ts';
import { VOID } from './btf.ts';
import { BtfBuilder } from './btf-builder.ts';
import type { Code } from './code.ts';
import { type ObjectDescription, writeObject } from './elf-writer.ts';

export function line(number: number, text: string): Span {
  return { file: 'policy.yaml', line: number, column: 9, endLine: number, endColumn: 9 + text.length, text };
}

/** The code of an assembler whose jumps are short. */
export function assembled(assembler: Assembler): Code {
  const assembly = assembler.assemble();
  assert(assembly.kind === 'assembled', 'a jump does not reach');
  return assembly.code;
}

/** A program that reads constant bytes and calls a function of the same object; any kernel's verifier takes it. */
export function sampleObject(): ObjectDescription {
  const btf = new BtfBuilder();
  const int = btf.int('int', 4, 'signed');
  const char = btf.int('char', 1, 'char');
  const rodata = new TextEncoder().encode('/tmp/kill');
  const pattern = btf.var('pattern', btf.const(btf.array(char, rodata.length)), 'static');
  btf.datasec('.rodata', rodata.length, [{ typeId: pattern, offset: 0, size: rodata.length }]);

  const program = new Assembler()
    .at(line(12, '        values: ["/tmp/kill"]'))
    .loadAddress('r1', '.rodata', 1)
    .load(1, 'r6', 'r1', 0)
    .jumpIf('ne', 'r6', 't'.charCodeAt(0), 'out')
    .at(line(15, '      - action: Sigkill'))
    .callHelper(14)
    .move('r1', 'r6')
    .callExtern('twice')
    .move('r0', 1)
    .exit()
    .label('out')
    .at(line(9, '  - hook: file_open'))
    .move('r0', 0)
    .exit();
  const twice = new Assembler().move('r0', 'r1').lsh('r0', 1).exit();

  return {
    programs: [
      {
        name: 'sample',
        section: 'syscall',
        code: assembled(program),
        functionTypeId: btf.func('sample', btf.funcProto(int, [{ name: 'ctx', typeId: btf.ptr(VOID) }]), 'global'),
      },
      {
        name: 'twice',
        section: '.text',
        visibility: 'hidden',
        code: assembled(twice),
        functionTypeId: btf.func('twice', btf.funcProto(int, [{ name: 'value', typeId: int }]), 'global'),
      },
    ],
    rodata,
    btf,
    externs: [],
    license: 'Dual BSD/GPL',
  };
}

export function sampleBytes(): Uint8Array<ArrayBuffer> {
  return writeObject(sampleObject());
}
