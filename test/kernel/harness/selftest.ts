/** The object with the self-tests of the C runtime: opened for this machine, its programs run by hand. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { bound, ring } from '#abi';
import { BpfObject, kernelSymbols, possibleCpus, runProgram, u32Key } from '#kernel';
import { type ObjectConstants, writeConstants } from '../../../src/sensors/constants.ts';

const RING_BYTES = 65_536;

export type RuntimeOptions = {
  readonly symbols?: boolean;
  readonly hierarchy?: ObjectConstants['hierarchy'];
  readonly prepare?: (object: BpfObject) => void;
};

/** With the machine's constants; `symbols: false` hides the kernel's global counters from it. */
export function openRuntime(
  name: 'selftest.bpf.o' | 'base.bpf.o',
  { symbols = true, hierarchy = 'unified', prepare }: RuntimeOptions = {},
): BpfObject {
  const image = readFileSync(new URL(`../../../kprobes/build/${name}`, import.meta.url));
  const object = BpfObject.open(image, { name: 'selftest' });
  const cpus = possibleCpus();
  const found = symbols ? kernelSymbols(['rename_lock', 'mount_lock']) : new Map<string, bigint>();
  writeConstants(object, image, {
    epoch: 0,
    cpus,
    renameLock: found.get('rename_lock') ?? 0n,
    mountLock: found.get('mount_lock') ?? 0n,
    hierarchy,
  });
  object.setMaxEntries('rf_verdicts', RING_BYTES);
  object.setMaxEntries('rf_observations', RING_BYTES);
  object.setMaxEntries('rf_ring_states', ring.count * cpus);
  object.setMaxEntries('rf_claims', cpus);
  object.setMaxEntries('rf_scratches', bound.scratchSlots * cpus);
  prepare?.(object);
  object.load();
  return object;
}

export function words(...values: number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The one value of a map. */
export function readOnly(object: BpfObject, map: string): DataView {
  const value = object.map(map).lookup(u32Key(0));
  assert.ok(value);
  return viewOf(value);
}

/** A self-test returns 0, or the line of the check that failed; gives the context back. */
export function passes(object: BpfObject, name: string, context?: Uint8Array): Uint8Array {
  const run = runProgram(object.program(name), context);
  assert.equal(run.returnValue, 0, `line of the check of ${name} that failed`);
  return run.context;
}

/** One that does nothing to a process that does not care. */
export const SIGWINCH = 28;

const SIGNAL_MS = 20;
const SIGNAL_WAIT_MS = 5_000;

/** How many of them `act` brings to this process; when as many as expected have come, some time is left for more. */
export async function countSignals(expected: number, act: () => void): Promise<number> {
  let signals = 0;
  const count = () => {
    signals += 1;
  };
  process.on('SIGWINCH', count);
  try {
    act();
    for (const end = Date.now() + SIGNAL_WAIT_MS; signals < expected && Date.now() < end; ) await delay(SIGNAL_MS);
    await delay(SIGNAL_MS);
  } finally {
    process.off('SIGWINCH', count);
  }
  return signals;
}
