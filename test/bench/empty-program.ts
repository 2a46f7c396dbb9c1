/** A program that does nothing: what it costs, any program costs. */
import { Assembler, BtfBuilder, writeObject } from '#bpf';
import { assert } from '#std';

/** An object with one program, `empty`. */
export function emptyProgram(section: string): Uint8Array {
  const btf = new BtfBuilder();
  const context = btf.ptr(btf.int('unsigned long long', 8, 'unsigned'));
  const prototype = btf.funcProto(btf.int('int', 4, 'signed'), [{ name: 'context', typeId: context }]);
  const assembly = new Assembler().move('r0', 0).exit().assemble();
  assert(assembly.kind === 'assembled', 'two instructions have no long jumps');
  const functionTypeId = btf.func('empty', prototype, 'global');
  const programs = [{ name: 'empty', section, code: assembly.code, functionTypeId }];
  return writeObject({ programs, maps: [], btf, externs: [], license: 'Dual BSD/GPL' });
}
