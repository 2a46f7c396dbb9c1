/** Emits lookups in sets: once for the hook, whichever test comes first; then each test is a bit of the row. */
import { addressLayout, keyLayout, pathLayout, scratchLayout } from '#abi';
import type { Assembler } from '#bpf';
import { known } from '#std';
import { emitLoadFact, NUMBER } from './emit-integer.ts';
import type { HookPlan, InSet, SetKey } from './plan.ts';
import { addressAt, PROCESS, pathAddress, rowWord, SCRATCH } from './registers.ts';
import { IDENTITY_BYTES } from './set-builder.ts';

const MAP_LOOKUP_ELEM = 1; // include/uapi/linux/bpf.h
const BITS = scratchLayout.key + keyLayout.bits;
const VALUE = scratchLayout.key + keyLayout.value;

/** Falls through when the set holds that test `inSet.bit` holds. What the key is made of has been read. */
export function emitInSet(to: Assembler, plan: HookPlan, inSet: InSet, fails: string): void {
  const holds = to.freshLabel('listed');
  emitIsListed(to, plan, inSet, holds);
  to.jump(fails).label(holds);
}

/** Jumps to `holds` when the set says so. */
export function emitIsListed(to: Assembler, plan: HookPlan, { set, bit }: InSet, holds: string): void {
  emitRow(to, plan, set);
  const { offset, mask } = rowWord(set, bit);
  to.load(4, 'r1', SCRATCH, offset).jumpIf32('set', 'r1', mask, holds);
}

export function emitRow(to: Assembler, plan: HookPlan, set: number): void {
  const ready = to.freshLabel('row');
  const { key, map } = known(plan.sets[set], 'set');
  to.load(8, 'r1', SCRATCH, scratchLayout.rowsReady).jumpIf('set', 'r1', 1 << set, ready);
  emitKey(to, key);
  to.loadAddress('r1', map).move('r2', SCRATCH).add('r2', scratchLayout.key).callHelper(MAP_LOOKUP_ELEM);
  to.move('r1', SCRATCH).move('r2', set).move('r3', 'r0').callExtern('rf_row_store').label(ready);
}

function emitKey(to: Assembler, key: SetKey): void {
  switch (key.kind) {
    case 'text':
      if (key.fact.value.kind !== 'text') return;
      to.move('r1', SCRATCH).move('r2', key.fact.value.slot);
      to.callExtern(key.direction === 'forward' ? 'rf_key_forward' : 'rf_key_reverse');
      return;
    case 'binary':
      to.move('r1', SCRATCH).move('r2', PROCESS);
      to.callExtern(key.direction === 'forward' ? 'rf_key_binary' : 'rf_key_binary_reverse');
      return;
    case 'integer':
      emitLoadFact(to, NUMBER, key.fact, key.shape);
      if (key.shape.signed) to.loadImmediate64('r5', 1n << 63n).xor(NUMBER, 'r5');
      to.be64(NUMBER).store(8, SCRATCH, VALUE, NUMBER).storeImmediate(4, SCRATCH, BITS, 64);
      return;
    case 'identity':
      emitIdentityKey(to, key);
      return;
    case 'address':
      emitAddressKey(to, key);
  }
}

function emitIdentityKey(to: Assembler, { fact }: Extract<SetKey, { kind: 'identity' }>): void {
  if (fact.value.kind !== 'text') return;
  pathAddress(to, 'r3', fact.value.slot);
  to.load(8, 'r1', 'r3', pathLayout.inode).store(8, SCRATCH, VALUE, 'r1');
  to.load(4, 'r1', 'r3', pathLayout.device).store(4, SCRATCH, VALUE + 8, 'r1');
  to.storeImmediate(4, SCRATCH, BITS, 8 * IDENTITY_BYTES);
}

/** Only addresses are looked up that are there; see emit-socket.ts. */
function emitAddressKey(to: Assembler, { fact, side }: Extract<SetKey, { kind: 'address' }>): void {
  if (fact.value.kind !== 'socket') return;
  const address = addressAt(fact.value.slot, side);
  const bits = to.freshLabel('bits');
  to.load(1, 'r1', SCRATCH, address + addressLayout.version).store(1, SCRATCH, VALUE, 'r1');
  for (const half of [0, 8]) {
    to.load(8, 'r2', SCRATCH, address + addressLayout.octets + half).store(8, SCRATCH, VALUE + 1 + half, 'r2');
  }
  to.move('r2', 8 + 32)
    .jumpIf('eq', 'r1', 4, bits)
    .move('r2', 8 + 128)
    .label(bits)
    .store(4, SCRATCH, BITS, 'r2');
}
