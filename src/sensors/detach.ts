/** The way out, for when no agent runs: takes away what agents pinned. What is not ours stays where it is. */
import { mkdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { mode, policyLayout } from '#abi';
import { EnvironmentError } from '#diagnostics';
import { type BpfMap, FileLock, pinsIn, RingBuffer } from '#kernel';
import type { SlotOwner } from './directory.ts';
import { type PinnedLayout, Pins } from './pins.ts';
import type { PolicyName } from './policy-sensor.ts';
import { readState } from './saved-state.ts';

export const STATE_FILE = 'loaded.json';
const LOCK_FILE = 'agent.lock';

export type Place = {
  /** Directory in a bpffs. */
  readonly pins: string;
  /** That the agent has for what ends with the boot. */
  readonly run: string;
};

/** Throws RF3021 while an agent runs: it would put back what is taken away. */
export function lockNode(directory: string): FileLock {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, LOCK_FILE);
  const lock = FileLock.take(path);
  if (lock === undefined) throw new EnvironmentError('RF3021', { path, pid: FileLock.holder(path) ?? 'unknown' });
  return lock;
}

export type Detached = {
  /** Sets of maps and programs that are gone. */
  readonly layouts: readonly string[];
  /** Paths that stay. */
  readonly foreign: readonly string[];
};

/** Takes the lock of the node for it. */
export function detachAll(place: Place): Detached {
  using _lock = lockNode(place.run);
  return detachPinned(place);
}

/** For who has the lock. */
export function detachPinned({ pins: root, run }: Place): Detached {
  const pins = new Pins(root);
  const { layouts, foreign } = pins;
  for (const layout of layouts) layout.remove();
  rmSync(join(run, STATE_FILE), { force: true });
  if (pinsIn(root).length === 0 && layouts.length > 0) rmdirSync(root);
  return { layouts: layouts.map(({ name }) => name), foreign };
}

/**
 * Switches one policy off, of those that share their programs with others. A namespace that is not given is any.
 * Throws RF3023 when there is none of that name.
 */
export function detachPolicy({ pins: root, run }: Place, wanted: PolicyName): readonly PolicyName[] {
  using _lock = lockNode(run);
  const known = new Pins(root).layouts.flatMap((layout) => {
    const state = readState(join(run, STATE_FILE), layout.name);
    return (state?.owners ?? []).map((owner) => ({ layout, owner }));
  });
  const found = known.filter(({ owner: { policy } }) => isWanted(policy, wanted));
  if (found.length === 0) {
    const names = [...new Set(known.map(({ owner: { policy } }) => policy.name))].toSorted();
    throw new EnvironmentError('RF3023', { name: wanted.name, names: names.join(', ') || 'none' });
  }
  for (const { layout, owner } of found) switchOff(layout, owner);
  return found.map(({ owner: { policy } }) => ({ name: policy.name, namespace: policy.namespace }));
}

function isWanted(policy: PolicyName, { name, namespace }: PolicyName): boolean {
  return policy.name === name && (namespace === undefined || policy.namespace === namespace);
}

function switchOff(layout: PinnedLayout, { slot, incarnation }: SlotOwner): void {
  using map = layout.openMap('rf_policies');
  using memory = map.mapMemory({ writable: true });
  const view = new DataView(memory.buffer, slot * policyLayout.bytes, policyLayout.bytes);
  if (view.getUint32(policyLayout.incarnation, true) !== incarnation) return;
  view.setUint32(policyLayout.mode, mode.off, true);
}

export type Unread = { readonly layout: string; readonly records: number };

/** Removes what agents of other versions left, once this one enforces; returns what nobody will read of it any more. */
export function removeOthers(pins: Pins, own: PinnedLayout): readonly Unread[] {
  return pins.layouts
    .filter(({ name }) => name !== own.name)
    .map((layout) => {
      const records = ['rf_verdicts', 'rf_observations'].reduce((sum, name) => sum + unreadIn(layout, name), 0);
      layout.remove();
      return { layout: layout.name, records };
    });
}

/** The header of a record is the kernel's, whatever version wrote what is within. */
function unreadIn(layout: PinnedLayout, name: string): number {
  if (!pinsIn(`${layout.path}/maps`).some((pin) => pin.name === name)) return 0;
  using map: BpfMap = layout.openMap(name);
  using ring = RingBuffer.open(map);
  return ring.drain(() => undefined, Number.POSITIVE_INFINITY);
}
