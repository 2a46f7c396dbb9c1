/** BPF programs of somebody else's: what a node has beside an agent. */
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Assembler, BtfBuilder, writeObject } from '#bpf';

export type ForeignSource = { readonly name: string; readonly section: string; readonly returns: number };

/** Programs that do nothing but let through what they see. */
export function foreignObject(sources: readonly ForeignSource[]): Uint8Array {
  const btf = new BtfBuilder();
  const context = btf.ptr(btf.int('unsigned long long', 8, 'unsigned'));
  const prototype = btf.funcProto(btf.int('int', 4, 'signed'), [{ name: 'context', typeId: context }]);
  return writeObject({
    programs: sources.map(({ name, section, returns }) => {
      const assembly = new Assembler().move('r0', returns).exit().assemble();
      if (assembly.kind !== 'assembled') throw new Error('two instructions have no long jumps');
      return { name, section, code: assembly.code, functionTypeId: btf.func(name, prototype, 'global') };
    }),
    maps: [],
    btf,
    externs: [],
    license: 'Dual BSD/GPL',
  });
}

export function bpftool(...args: readonly string[]): string {
  return execFileSync('bpftool', args, { encoding: 'utf8' });
}

/** Loads them and pins each at `directory`/NAME. */
export function loadForeign(sources: readonly ForeignSource[], place: { directory: string; scratch: string }): void {
  const file = join(place.scratch, `${sources[0]?.name}.o`);
  writeFileSync(file, foreignObject(sources));
  bpftool('prog', 'loadall', file, place.directory);
}

export function unpinForeign(directory: string): void {
  for (const name of readdirSync(directory)) rmSync(join(directory, name));
  rmSync(directory, { recursive: true });
}
