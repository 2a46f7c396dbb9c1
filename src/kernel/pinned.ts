/** What is pinned in a bpffs, by whom ever: programs, and the programs of links. */
import { readlinkSync } from 'node:fs';
import { pinsIn } from './bpffs.ts';
import { loadLibbpf } from './ffi.ts';
import { Descriptor } from './handle.ts';
import { readLinkInfo, readProgramInfo } from './info.ts';

export type PinnedProgram = { readonly path: string; readonly programId: number };

export type Pinned = {
  readonly programs: readonly PinnedProgram[];
  /** Directories and pins at the top. */
  readonly names: readonly string[];
  /** There are more than were looked at. */
  readonly more: boolean;
};

export type PinnedOptions = {
  readonly pinsMax: number;
  readonly depthMax: number;
  /** Directories that are not entered. To open a pin is to take a descriptor, which who guards a map would tell of. */
  readonly except: (path: string) => boolean;
};

export function pinnedPrograms(root: string, { pinsMax, depthMax, except }: PinnedOptions): Pinned {
  const programs: PinnedProgram[] = [];
  let left = pinsMax;
  let more = false;
  const enter = (directory: string, depth: number) => {
    for (const { name, isDirectory } of namesIn(directory)) {
      const path = `${directory}/${name}`;
      if (except(path)) continue;
      if (left === 0 || (isDirectory && depth === depthMax)) {
        more = true;
        continue;
      }
      left -= 1;
      if (isDirectory) enter(path, depth + 1);
      else {
        const programId = programAt(path);
        if (programId !== undefined) programs.push({ path, programId });
      }
    }
  };
  enter(root, 1);
  return { programs, names: namesIn(root).map(({ name }) => name), more };
}

function namesIn(directory: string): ReturnType<typeof pinsIn> {
  try {
    return pinsIn(directory);
  } catch {
    return []; // no directory, or not for us
  }
}

/** Undefined for a map, and for what cannot be opened. */
function programAt(path: string): number | undefined {
  const fd = loadLibbpf().bpf_obj_get(path);
  if (fd < 0) return undefined;
  using object = new Descriptor(path, fd);
  const kind = readlinkSync(`/proc/self/fd/${object.fd}`);
  if (kind.endsWith('bpf-prog')) return readProgramInfo(object.fd).id;
  return kind.endsWith('bpf_link') ? readLinkInfo(object.fd).programId : undefined;
}
