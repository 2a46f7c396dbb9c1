/** What the profiler of Node tells, folded: how long each stack was the one that ran. */
import { basename } from 'node:path';

/** The part of it that is read here; times are microseconds. */
export type CpuProfile = {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
};

type ProfileNode = {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[] | undefined;
};

/** From the outermost function to the one that ran. */
export type FoldedStack = { readonly frames: readonly string[]; readonly micros: number };

/** When nothing ran. */
const IDLE = '(idle)';
const ROOT = '(root)';

/** Stacks in the order in which they were first met; those of the time when the process slept are left out. */
export function foldProfile(profile: CpuProfile): readonly FoldedStack[] {
  const stacks = stacksOf(profile.nodes);
  const micros = new Map<number, number>();
  for (const [index, id] of profile.samples.entries()) {
    micros.set(id, (micros.get(id) ?? 0) + (profile.timeDeltas[index] ?? 0));
  }
  return [...micros].flatMap(([id, spent]) => {
    const frames = stacks.get(id) ?? [];
    return spent <= 0 || frames.at(-1) === IDLE ? [] : [{ frames, micros: spent }];
  });
}

function stacksOf(nodes: readonly ProfileNode[]): ReadonlyMap<number, readonly string[]> {
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const stacks = new Map<number, readonly string[]>();
  // A node is written before its children.
  for (const { id, callFrame } of nodes) {
    const above = stacks.get(parents.get(id) ?? 0) ?? [];
    stacks.set(id, callFrame.functionName === ROOT ? above : [...above, frameName(callFrame)]);
  }
  return stacks;
}

function frameName({ functionName, url, lineNumber }: ProfileNode['callFrame']): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  return url === '' ? name : `${name} ${basename(url)}:${lineNumber + 1}`;
}
