/** Maps that an object defines, in the form that libbpf reads: a structure whose member types carry the numbers. */
import type { BtfTypeId } from '#std';
import type { BtfBuilder } from './btf-builder.ts';

export const MAPS_SECTION = '.maps';

export type MapDefinition = {
  readonly name: string;
  /** enum bpf_map_type, include/uapi/linux/bpf.h */
  readonly type: number;
  readonly keyBytes: number;
  readonly valueBytes: number;
  readonly maxEntries: number;
  /** BPF_F_ bits of map creation. */
  readonly flags: number;
};

const MEMBERS = ['type', 'key_size', 'value_size', 'max_entries', 'map_flags'] as const;

/** Bytes of a definition in its section; they are zero, all that counts is in the types. */
export const DEFINITION_BYTES = MEMBERS.length * 8;

/** Adds a variable for each map, and the section that they stand in. */
export function addMapTypes(maps: readonly MapDefinition[], btf: BtfBuilder): void {
  const entries = maps.map((map, index) => ({
    typeId: btf.var(map.name, definitionType(map, btf), 'global'),
    offset: index * DEFINITION_BYTES,
    size: DEFINITION_BYTES,
  }));
  if (entries.length > 0) btf.datasec(MAPS_SECTION, entries.length * DEFINITION_BYTES, entries);
}

/** A number is the length of an array that a member points to. */
function definitionType({ type, keyBytes, valueBytes, maxEntries, flags }: MapDefinition, btf: BtfBuilder): BtfTypeId {
  const numbers = [type, keyBytes, valueBytes, maxEntries, flags];
  const int = btf.int('int', 4, 'signed');
  const members = MEMBERS.map((name, index) => ({
    name,
    typeId: btf.ptr(btf.array(int, numbers[index] ?? 0)),
    offset: index * 8,
  }));
  return btf.struct('', DEFINITION_BYTES, members);
}
