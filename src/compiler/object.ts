/** Assembled programs to one BPF object: types, line info that points at the policy, declarations of the runtime, sets. */
import { keyLayout, rowLayout, runtimeBtf } from '#abi';
import {
  type AttachPoint,
  BtfBuilder,
  BtfView,
  type Code,
  declareExterns,
  type MapDefinition,
  type SetImage,
  sectionOf,
  writeObject,
} from '#bpf';
import { assert, type BtfTypeId } from '#std';
import type { HookPlan, SetPlan } from './plan.ts';
import { IDENTITY_BYTES } from './set-builder.ts';

export type Program = { readonly plan: HookPlan; readonly name: string; readonly section: string; readonly code: Code };

/** The kernel keeps 15 characters of a name: the number comes first, so that they stay apart. */
export function programName({ id, point }: HookPlan): string {
  return `rf_${id}_${placeName(point).replaceAll(/\W/g, '_')}`;
}

function placeName(point: AttachPoint): string {
  switch (point.kind) {
    case 'lsm':
      return point.hook;
    case 'tp_btf':
    case 'tracepoint':
      return point.event;
    case 'test':
      return 'test';
    default:
      return point.function;
  }
}

export function programOf(plan: HookPlan, code: Code): Program {
  return { plan, name: programName(plan), section: sectionOf(plan.point), code };
}

/** `library`: BTF of what the programs are linked with; tests have one of their own. */
export function writePrograms(programs: readonly Program[], library: Uint8Array = runtimeBtf): Uint8Array {
  const btf = new BtfBuilder();
  const sets = programs.flatMap(({ plan }) => plan.sets);
  const own = new Set(sets.map(({ map }) => map));
  const used = new Set(programs.flatMap(({ code }) => code.relocations.map((each) => each.symbol)));
  const externs = [...used].filter((name) => !own.has(name)).toSorted();
  const missing = declareExterns(new BtfView(library), externs, btf);
  assert(missing.length === 0, `the runtime library has no ${missing.join(', ')}`);
  const contextType = btf.ptr(btf.int('unsigned long long', 8, 'unsigned'));
  const prototype = btf.funcProto(btf.int('int', 4, 'signed'), [{ name: 'context', typeId: contextType }]);
  return writeObject({
    programs: programs.map(({ name, section, code }) => ({
      name,
      section,
      code,
      functionTypeId: functionType(btf, name, prototype),
    })),
    maps: sets.map(mapOf),
    btf,
    externs,
  });
}

function functionType(btf: BtfBuilder, name: string, prototype: BtfTypeId): BtfTypeId {
  return btf.func(name, prototype, 'global');
}

const LPM_TRIE = 11; // enum bpf_map_type, include/uapi/linux/bpf.h
const NO_PREALLOC = 1 << 0;

function mapOf({ map, key, entries }: SetPlan): MapDefinition {
  return {
    name: map,
    type: LPM_TRIE,
    keyBytes: keyBytes(key),
    valueBytes: rowLayout.bytes,
    maxEntries: Math.max(1, entries.length),
    // not read-only: the verifier holds that a global function, as rf_row_store(), may write to what it is given
    flags: NO_PREALLOC,
  };
}

/** What counts of a key, and its bytes: those that a value of this kind can have, in words. */
function keyBytes(key: SetPlan['key']): number {
  const longest = {
    text: keyLayout.bytes - keyLayout.value - 4,
    binary: keyLayout.bytes - keyLayout.value - 4,
    integer: 8,
    identity: IDENTITY_BYTES,
    address: 20,
  };
  return keyLayout.value + longest[key.kind];
}

/** The members as the map takes them. */
export function setImages(plans: readonly HookPlan[]): readonly SetImage[] {
  return plans.flatMap((plan) =>
    plan.sets.map(({ map, key, entries }) => ({
      map,
      keyBytes: keyBytes(key),
      valueBytes: rowLayout.bytes,
      entries: entries.map(({ bytes, bits, row }) => ({
        key: memberKey(bytes, bits, keyBytes(key)),
        value: new Uint8Array(row.buffer, row.byteOffset, row.byteLength),
      })),
    })),
  );
}

function memberKey(bytes: Uint8Array, bits: number, size: number): Uint8Array {
  const key = new Uint8Array(size);
  new DataView(key.buffer).setUint32(0, bits, true);
  key.set(bytes, keyLayout.value);
  return key;
}
