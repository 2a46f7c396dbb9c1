/** Emits tests of what has addresses and ports. */
import { addressLayout, socketFlag, socketLayout } from '#abi';
import type { Assembler } from '#bpf';
import { assert } from '#std';
import { emitRanges, NUMBER } from './emit-integer.ts';
import { emitReadFact } from './emit-read.ts';
import { emitInSet } from './emit-row.ts';
import type { Exits } from './emit-test.ts';
import { emitAny } from './emit-text.ts';
import type { HookPlan, Network, SocketField, SocketTest } from './plan.ts';
import { addressAt, SCRATCH, socketAt } from './registers.ts';

/** Flags that must be there, and must not be, for a field to have a value. */
const NEEDS: Readonly<Record<SocketField | 'source' | 'destination', { readonly all: number; readonly none: number }>> =
  {
    family: { all: 0, none: socketFlag.none },
    protocol: { all: socketFlag.protocol, none: 0 },
    state: { all: socketFlag.state, none: 0 },
    sourcePort: { all: socketFlag.ports, none: 0 },
    destinationPort: { all: socketFlag.ports, none: socketFlag.noDestination },
    source: { all: socketFlag.addresses, none: 0 },
    destination: { all: socketFlag.addresses, none: socketFlag.noDestination },
  };

const SIXTEEN_BITS = { bits: 16, signed: false } as const;

/** Falls through when the value is one of those listed, whether or not the test is negated. */
export function emitSocketCore(to: Assembler, plan: HookPlan, test: SocketTest, exits: Exits): void {
  const { value } = test.fact;
  assert(value.kind === 'socket', 'the fact of a socket test is a socket');
  emitReadFact(to, test.fact);
  to.jumpIf('ne', 'r0', 0, exits.unreadable);
  const { how } = test;
  const needs = NEEDS[how.kind === 'number' ? how.field : how.side];
  to.load(4, 'r1', SCRATCH, socketAt(value.slot) + socketLayout.flags);
  if (needs.none !== 0) to.jumpIf('set', 'r1', needs.none, exits.never);
  if (needs.all !== 0) to.and('r1', needs.all).jumpIf('ne', 'r1', needs.all, exits.never);
  if (how.kind === 'number') {
    to.load(2, NUMBER, SCRATCH, socketAt(value.slot) + socketLayout[how.field]);
    emitRanges(to, how.ranges, SIXTEEN_BITS, exits.fails);
    return;
  }
  const address = addressAt(value.slot, how.side);
  to.load(1, 'r1', SCRATCH, address + addressLayout.version).jumpIf('eq', 'r1', 0, exits.never);
  if (how.inSet !== undefined) {
    emitInSet(to, plan, how.inSet, exits.fails);
    return;
  }
  emitAny(to, how.networks, exits.fails, (network, differs) => {
    to.load(1, 'r1', SCRATCH, address + addressLayout.version).jumpIf('ne', 'r1', network.version, differs);
    emitNetwork(to, network, address + addressLayout.octets, differs);
  });
}

/** Four bytes at a time: an IPv4 address is one such word. */
function emitNetwork(to: Assembler, { bytes, prefixLength }: Network, offset: number, differs: string): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at * 8 < prefixLength; at += 4) {
    const bits = Math.min(32, prefixLength - at * 8);
    to.load(4, 'r2', SCRATCH, offset + at);
    if (bits < 32) to.and32('r2', inNetworkOrder(bits));
    to.jumpIf32('ne', 'r2', view.getUint32(at, true), differs);
  }
}

/** A mask of the first `bits` bits of four bytes, as a little-endian word. */
function inNetworkOrder(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits === 0 ? 0 : (0xffff_ffff << (32 - bits)) >>> 0);
  return view.getUint32(0, true);
}
