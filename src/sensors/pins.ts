/**
 * What stays in the kernel when the agent goes, in the host's bpffs:
 *
 *   ROOT/LAYOUT/maps/MAP            the maps that all programs share
 *   ROOT/LAYOUT/base/PROGRAM        links of the base sensor
 *   ROOT/LAYOUT/policies/EPOCH/PROGRAM   links of one set of programs of policies
 *
 * LAYOUT names the version of the ABI and the shapes of the maps: an agent that finds its own takes the maps over, with
 * what is known of processes in them; beside another one it makes its own, and removes the other one afterwards. Names
 * on a bpffs have no dots (kernel/bpf/inode.c).
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { abiVersion } from '#abi';
import { EnvironmentError } from '#diagnostics';
import { BpfMap, isOnBpffs, Link, type MapShape, mountBpffs, pinsIn, unpin, unpinAll } from '#kernel';

const LAYOUT = /^\d+-[0-9a-f]{8}$/;
const EPOCH = /^\d+$/;
const MAKING = 'making';

/** Maps whose names begin so are shared; see kprobes/include/ringfence/maps.h. */
const SHARED = 'rf_';

export class Pins {
  readonly root: string;

  /** Takes what is there; nothing is made. */
  constructor(root: string) {
    this.root = root;
  }

  /** Makes the root, on a bpffs. Throws RF3020. */
  static make(root: string): Pins {
    return orNotPinned(root, () => {
      mountBpffs(root);
      if (!isOnBpffs(root)) throw new Error('it does not lie on a bpffs');
      mkdirSync(root, { recursive: true, mode: 0o700 });
      unpinAll(`${root}/${MAKING}`);
      return new Pins(root);
    });
  }

  layout(name: string): PinnedLayout {
    return new PinnedLayout(this.root, name);
  }

  get layouts(): readonly PinnedLayout[] {
    return pinsIn(this.root)
      .filter(({ name, isDirectory }) => isDirectory && LAYOUT.test(name))
      .map(({ name }) => this.layout(name));
  }

  /** What somebody else put there. */
  get foreign(): readonly string[] {
    return pinsIn(this.root)
      .filter(({ name, isDirectory }) => name !== MAKING && !(isDirectory && LAYOUT.test(name)))
      .map(({ name }) => `${this.root}/${name}`);
  }
}

export class PinnedLayout {
  readonly name: string;
  readonly path: string;
  readonly #root: string;

  constructor(root: string, name: string) {
    this.name = name;
    this.path = `${root}/${name}`;
    this.#root = root;
  }

  /** It is made as a whole, or not at all. */
  get exists(): boolean {
    return existsSync(this.path);
  }

  mapPath(name: string): string {
    return `${this.path}/maps/${name}`;
  }

  openMap(name: string): BpfMap {
    return BpfMap.openPinned(this.mapPath(name));
  }

  basePath(program: string): string {
    return `${this.path}/base/${program}`;
  }

  /** Throws RF3020, with nothing left behind. */
  make(maps: readonly BpfMap[]): void {
    const making = `${this.#root}/${MAKING}`;
    orNotPinned(this.path, () => {
      unpinAll(making);
      for (const folder of ['maps', 'base', 'policies']) mkdirSync(`${making}/${folder}`, { recursive: true });
      for (const map of maps) map.pin(`${making}/maps/${map.name}`);
      renameSync(making, this.path);
    });
  }

  /** The sets of programs that are pinned, oldest first. */
  get epochs(): readonly number[] {
    return pinsIn(`${this.path}/policies`)
      .filter(({ name }) => EPOCH.test(name))
      .map(({ name }) => Number(name))
      .toSorted((a, b) => a - b);
  }

  epochPath(epoch: number): string {
    return `${this.path}/policies/${epoch}`;
  }

  /** Policies go first: as long as one is enforced, what it needs is there. When it returns, nothing of it runs. */
  remove(): void {
    const folders = [...this.epochs.map((epoch) => this.epochPath(epoch)), `${this.path}/base`, `${this.path}/guard`];
    for (const folder of folders) endLinks(folder);
    unpinAll(this.path);
  }
}

/** The kernel lets go of a link later when a pin was the last to hold it, at once when a descriptor was. */
function endLinks(directory: string): void {
  for (const { name, isDirectory } of pinsIn(directory)) {
    if (isDirectory) continue;
    using _link = Link.openPinned(`${directory}/${name}`);
    unpin(`${directory}/${name}`);
  }
}

export function layoutName(shapes: readonly MapShape[]): string {
  const text = JSON.stringify(shapes.filter(({ name }) => name.startsWith(SHARED)));
  return `${abiVersion}-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
}

/** Pins all links in a new directory, or none. Throws RF3020. */
export function pinLinks(directory: string, links: ReadonlyMap<string, Link>): void {
  try {
    orNotPinned(directory, () => {
      mkdirSync(directory);
      for (const [name, link] of links) link.pin(`${directory}/${name}`);
    });
  } catch (error) {
    unpinAll(directory);
    throw error;
  }
}

/** In the place of the link that is pinned there: at no moment there is none. Throws RF3020. */
export function repin(path: string, link: Link): void {
  const aside = `${path}-new`;
  orNotPinned(path, () => {
    unpin(aside);
    link.pin(aside);
    renameSync(aside, path);
  });
}

function orNotPinned<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    throw new EnvironmentError(
      'RF3020',
      { path, reason: cause instanceof Error ? cause.message : String(cause) },
      { cause },
    );
  }
}
