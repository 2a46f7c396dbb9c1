/** The way out, for when no agent runs: takes away what agents pinned. What is not ours stays where it is. */
import { mkdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError } from '#diagnostics';
import { FileLock, pinsIn } from '#kernel';
import { LayoutSlots } from './layout-slots.ts';
import { Pins } from './pins.ts';
import type { PolicyName } from './policy-sensor.ts';
import { readSlots, stateFileOf } from './saved-state.ts';

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
  for (const { name } of layouts) rmSync(stateFileOf(run, name), { force: true });
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
    const slots = readSlots(stateFileOf(run, layout.name), layout.name);
    return (slots?.policies ?? []).map((policy) => ({ layout, policy, places: slots?.places }));
  });
  const found = known.filter(({ policy }) => isWanted(policy, wanted));
  if (found.length === 0) {
    const names = [...new Set(known.map(({ policy }) => policy.name))].toSorted();
    throw new EnvironmentError('RF3023', { name: wanted.name, names: names.join(', ') || 'none' });
  }
  for (const { layout, policy, places } of found) {
    if (places === undefined) continue;
    using slots = new LayoutSlots(layout, places);
    slots.switchOff(policy);
  }
  return unique(found.map(({ policy: { name, namespace } }) => ({ name, namespace })));
}

function isWanted(policy: PolicyName, { name, namespace }: PolicyName): boolean {
  return policy.name === name && (namespace === undefined || policy.namespace === namespace);
}

/** Agents of two versions may have it loaded. */
function unique(policies: readonly PolicyName[]): readonly PolicyName[] {
  return [...new Map(policies.map((policy) => [JSON.stringify([policy.namespace, policy.name]), policy])).values()];
}
