/** An object whose programs only count: one for each attach point, to see which of them run. */
import { Assembler, type AttachPoint, BtfBuilder, sectionOf, writeObject } from '#bpf';
import { type BpfMap, type BpfObject, mapTypes, u32Key } from '#kernel';
import { known } from '#std';

const COUNTS = 'counts';
const HELPER_MAP_LOOKUP = 1; // enum bpf_func_id

/** Of a cgroup, such as `connect4`: where ours attach nothing. */
export type CountingPoint = AttachPoint | { readonly kind: 'cgroup'; readonly hook: string };

/** Program `n` is called `count_n`. */
export function countingObject(points: readonly CountingPoint[]): Uint8Array {
  const btf = new BtfBuilder();
  const context = btf.ptr(btf.int('unsigned long long', 8, 'unsigned'));
  const prototype = btf.funcProto(btf.int('int', 4, 'signed'), [{ name: 'context', typeId: context }]);
  return writeObject({
    programs: points.map((point, index) => {
      const isCgroup = point.kind === 'cgroup';
      const assembly = countAndReturn(index, isCgroup ? 1 : 0).assemble();
      if (assembly.kind !== 'assembled') throw new Error('a short program has no long jumps');
      const name = `count_${index}`;
      const functionTypeId = btf.func(name, prototype, 'global');
      const section = isCgroup ? `cgroup/${point.hook}` : sectionOf(point);
      return { name, section, code: assembly.code, functionTypeId };
    }),
    maps: [{ name: COUNTS, type: mapTypes.array, keyBytes: 4, valueBytes: 8, maxEntries: points.length, flags: 0 }],
    btf,
    externs: [],
    license: 'Dual BSD/GPL',
  });
}

/** How often each program ran, in the order of the points. */
export function readCounts(object: BpfObject): readonly number[] {
  return countsIn(object.map(COUNTS));
}

/** Of an object that another program has loaded, and whose map is pinned. */
export function countsIn(map: BpfMap): readonly number[] {
  return Array.from({ length: map.maxEntries }, (_, index) => {
    const value = known(map.lookup(u32Key(index)), 'count');
    return Number(new DataView(value.buffer).getBigUint64(0, true));
  });
}

/** A program of a cgroup lets a call through by 1, others by 0. */
function countAndReturn(index: number, verdict: 0 | 1): Assembler {
  return new Assembler()
    .storeImmediate(4, 'r10', -4, index)
    .move('r2', 'r10')
    .add('r2', -4)
    .loadAddress('r1', COUNTS)
    .callHelper(HELPER_MAP_LOOKUP)
    .jumpIf('eq', 'r0', 0, 'end')
    .move('r1', 1)
    .atomicAdd(8, 'r0', 0, 'r1')
    .label('end')
    .move('r0', verdict)
    .exit();
}
