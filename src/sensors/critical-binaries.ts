/** The binaries that the node can not do without, in the kernel: only a policy that names such a process may kill it. */
import { bound, criticalLayout } from '#abi';
import { type BpfMap, u32Key } from '#kernel';
import { assert } from '#std';

/** Absolute paths; one that ends in `*` stands for all that begin so. All of an earlier agent's go. */
export function writeCriticalBinaries(map: Pick<BpfMap, 'update'>, paths: readonly string[]): void {
  assert(paths.length <= bound.criticalMax, 'the configuration knows how many there may be');
  for (const [index, path] of paths.entries()) map.update(u32Key(index), entryOf(path));
  for (let index = paths.length; index < bound.criticalMax; index += 1) map.update(u32Key(index), NOTHING);
}

const NOTHING = new Uint8Array(criticalLayout.bytes);

function entryOf(path: string): Uint8Array {
  const isPrefix = path.endsWith('*');
  const bytes = new TextEncoder().encode(isPrefix ? path.slice(0, -1) : path);
  assert(bytes.length > 0 && bytes.length < bound.binaryMax, 'the configuration knows how long a path may be');
  const entry = new Uint8Array(criticalLayout.bytes);
  const view = new DataView(entry.buffer);
  view.setUint32(criticalLayout.length, bytes.length, true);
  view.setUint32(criticalLayout.prefix, isPrefix ? 1 : 0, true);
  entry.set(bytes, criticalLayout.path);
  return entry;
}
