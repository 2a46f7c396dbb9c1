/** The machine's constants, written into an object's read-only data before it is loaded. */
import { hierarchy as hierarchyNumber } from '#abi';
import { ElfView } from '#bpf';
import { type BpfObject, kernelSymbols, possibleCpus } from '#kernel';
import { known } from '#std';

/** The unified one, or that of a controller of version 1. */
export type Hierarchy = keyof typeof hierarchyNumber;

export type Constants = {
  readonly cpus: number;
  readonly renameLock: bigint;
  readonly mountLock: bigint;
  /** Whose cgroups tell workloads apart, and stand in records. */
  readonly hierarchy: Hierarchy;
};

/** `epoch`: of a set of programs of policies; the base sensor has none. */
export type ObjectConstants = Constants & { readonly epoch: number };

/**
 * `renameLock` and `mountLock` are 0 where the kernel hides its symbols (kptr_restrict): each path is then read twice
 * and its parts compared, which is slower and as safe.
 */
export function readConstants(hierarchy: Hierarchy = 'unified'): Constants {
  const symbols = kernelSymbols(['rename_lock', 'mount_lock']);
  return {
    cpus: possibleCpus(),
    renameLock: symbols.get('rename_lock') ?? 0n,
    mountLock: symbols.get('mount_lock') ?? 0n,
    hierarchy,
  };
}

/** `image` is what `object` was opened from: its types say where each constant lies. */
export function writeConstants(object: BpfObject, image: Uint8Array, constants: ObjectConstants): void {
  const values = {
    rf_epoch: [constants.epoch, 4],
    rf_cpus: [constants.cpus, 4],
    rf_rename_lock: [constants.renameLock, 8],
    rf_mount_lock: [constants.mountLock, 8],
    rf_hierarchy: [hierarchyNumber[constants.hierarchy], 4],
  } as const;
  const offsets = readOnlyOffsets(image);
  for (const [name, [value, size]] of Object.entries(values)) {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
    object.setReadOnlyData(bytes.subarray(0, size), known(offsets.get(name), `constant ${name}`));
  }
}

/** In a relocatable object BTF does not know the offsets yet, the symbols do. */
function readOnlyOffsets(image: Uint8Array): ReadonlyMap<string, number> {
  const elf = new ElfView(image);
  const section = known(elf.section('.rodata'), '.rodata');
  const symbols = elf.symbols.filter((symbol) => symbol.section === section.index);
  return new Map(symbols.map((symbol) => [symbol.name, symbol.value]));
}
