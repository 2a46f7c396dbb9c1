/** What ours is measured beside, attached on the same hooks: programs that do nothing, and the least by hand. */
import { readFileSync } from 'node:fs';
import { sectionOf } from '#bpf';
import { BpfObject, u32Key } from '#kernel';
import { minimalObject } from './build.ts';
import { emptyProgram } from './empty-program.ts';
import { type HookName, hooks } from './works.ts';

const PATH_BYTES = 256;
const PREFIXES = ['data/', 'keys/', 'logs/', 'backup/', 'secret/'].map((name) => `/srv/tenant-0/${name}`);
const NETWORKS: readonly (readonly [bits: number, address: readonly [number, number, number, number]])[] = [
  [8, [10, 0, 0, 0]],
  [12, [172, 16, 0, 0]],
  [16, [192, 168, 0, 0]],
];

/** Until it is disposed of. */
export function attachEmpty(hook: HookName): Disposable {
  const stack = new DisposableStack();
  for (const point of hooks[hook].empty) {
    const object = BpfObject.open(emptyProgram(sectionOf(point)), { name: 'empty' });
    stack.defer(() => object.close());
    object.load();
    stack.use(object.program('empty').attach());
  }
  return stack;
}

export function attachMinimal(hook: HookName): Disposable {
  const stack = new DisposableStack();
  const object = BpfObject.open(readFileSync(minimalObject), { name: 'minimal' });
  stack.defer(() => object.close());
  const wanted: readonly string[] = hooks[hook].minimal;
  for (const { name } of object.programs) object.setAutoload(name, wanted.includes(name));
  object.load();
  const value = u32Key(1);
  object.map('prefixes').fill(PREFIXES.map((prefix) => ({ key: pathKey(prefix), value })));
  object.map('networks').fill(NETWORKS.map(([bits, address]) => ({ key: addressKey(bits, address), value })));
  for (const name of wanted) stack.use(object.program(name).attach());
  return stack;
}

/** struct path_key */
function pathKey(prefix: string): Uint8Array {
  const key = Buffer.alloc(4 + PATH_BYTES);
  key.writeUInt32LE(prefix.length * 8);
  key.write(prefix, 4, 'latin1');
  return key;
}

/** struct address_key */
function addressKey(bits: number, address: readonly number[]): Uint8Array {
  return Uint8Array.from([...u32Key(bits), ...address]);
}
