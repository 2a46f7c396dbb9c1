/**
 * The cgroups of pods and containers, as directories come and go: looked through at the start, then watched where pods
 * and containers appear. What is below a container is not looked at: how much that is only the container decides.
 */
import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { basename, join } from 'node:path';
import { type CgroupPlace, placeOf } from './cgroup-layout.ts';

export type CgroupSink = {
  appeared(cgroupId: bigint, place: CgroupPlace): void;
  gone(cgroupId: bigint): void;
};

export type CgroupTreeOptions = {
  /** Where the root of the hierarchy can be read. */
  readonly mount: string;
  readonly sink: CgroupSink;
  readonly watchesMax?: number;
  readonly cgroupsMax?: number;
};

export type CgroupTreeCounts = {
  readonly cgroups: number;
  /** That could not be watched: what changes there shows when all is looked through again. */
  readonly unwatched: number;
  /** That there was no room for. */
  readonly refused: number;
};

const WATCHES_MAX = 8192;
const CGROUPS_MAX = 32_768;

/** Directories of the host that pods or containers are found in; nothing else of it is looked at. */
const LEADS_TO_CONTAINERS = new Set([
  ...['system.slice', 'machine.slice', 'podruntime.slice', 'containerd.service'],
  ...['kubelet', 'kubelet.slice', 'docker', 'libpod_parent'],
]);

type Node = {
  readonly path: string;
  readonly cgroupId: bigint;
  readonly children: Map<string, Node>;
  watcher: FSWatcher | undefined;
};

export class CgroupTree {
  readonly #mount: string;
  readonly #sink: CgroupSink;
  readonly #watchesMax: number;
  readonly #cgroupsMax: number;
  readonly #root: Node;
  #cgroups = 0;
  #watches = 0;
  #unwatched = 0;
  #refused = 0;

  constructor({ mount, sink, watchesMax, cgroupsMax }: CgroupTreeOptions) {
    this.#mount = mount;
    this.#sink = sink;
    this.#watchesMax = watchesMax ?? WATCHES_MAX;
    this.#cgroupsMax = cgroupsMax ?? CGROUPS_MAX;
    this.#root = { path: '/', cgroupId: 0n, children: new Map(), watcher: undefined };
    this.#watch(this.#root);
  }

  get counts(): CgroupTreeCounts {
    return { cgroups: this.#cgroups, unwatched: this.#unwatched, refused: this.#refused };
  }

  /** Looks through all that is there: at the start, and now and then, as a notification may be lost. */
  scan(): void {
    this.#look(this.#root);
  }

  /** The id of a cgroup is the number of its directory. */
  idOf(path: string): bigint | undefined {
    const found = statSync(join(this.#mount, path), { bigint: true, throwIfNoEntry: false });
    return found?.isDirectory() === true ? found.ino : undefined;
  }

  [Symbol.dispose](): void {
    const close = (node: Node): void => {
      this.#unwatch(node);
      for (const child of node.children.values()) close(child);
    };
    close(this.#root);
  }

  #look(node: Node): void {
    const names = namesIn(join(this.#mount, node.path));
    for (const name of node.children.keys()) if (!names.has(name)) this.#leave(node, name);
    for (const name of names) {
      const child = this.#visit(node, name);
      if (child !== undefined && holdsMore(placeOf(child.path))) this.#look(child);
    }
  }

  /** What of that name is there now; it may be another one than before. */
  #visit(parent: Node, name: string): Node | undefined {
    const path = join(parent.path, name);
    const place = placeOf(path);
    if (!isWanted(place, path)) return undefined;
    const cgroupId = this.idOf(path);
    const before = parent.children.get(name);
    if (before !== undefined && before.cgroupId === cgroupId) return before;
    if (before !== undefined) this.#leave(parent, name);
    if (cgroupId === undefined) return undefined;
    if (this.#cgroups >= this.#cgroupsMax) {
      this.#refused += 1;
      return undefined;
    }
    const node: Node = { path, cgroupId, children: new Map(), watcher: undefined };
    parent.children.set(name, node);
    this.#cgroups += 1;
    this.#sink.appeared(cgroupId, place);
    if (holdsMore(place)) this.#watch(node);
    return node;
  }

  #leave(parent: Node, name: string): void {
    const node = parent.children.get(name);
    if (node === undefined) return;
    for (const child of node.children.keys()) this.#leave(node, child);
    parent.children.delete(name);
    this.#unwatch(node);
    this.#cgroups -= 1;
    this.#sink.gone(node.cgroupId);
  }

  #watch(node: Node): void {
    if (this.#watches >= this.#watchesMax) {
      this.#unwatched += 1;
      return;
    }
    try {
      node.watcher = watch(join(this.#mount, node.path), { persistent: false }, (_, name) => this.#noticed(node, name));
    } catch {
      this.#unwatched += 1; // it has gone, or the user has as many watches as the kernel gives
      return;
    }
    this.#watches += 1;
    node.watcher.on('error', () => this.#unwatch(node));
  }

  #unwatch(node: Node): void {
    if (node.watcher === undefined) return;
    node.watcher.close();
    node.watcher = undefined;
    this.#watches -= 1;
  }

  #noticed(node: Node, name: string | null): void {
    if (node.watcher === undefined) return;
    if (name === null) this.#look(node);
    else {
      const before = node.children.get(name);
      const child = this.#visit(node, name);
      if (child !== undefined && child !== before && holdsMore(placeOf(child.path))) this.#look(child);
    }
  }
}

function namesIn(directory: string): ReadonlySet<string> {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return new Set(entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])));
  } catch {
    return new Set(); // it has just gone
  }
}

function isWanted(place: CgroupPlace, path: string): boolean {
  return place.kind === 'host' ? LEADS_TO_CONTAINERS.has(basename(path)) : place.path === path;
}

function holdsMore({ kind }: CgroupPlace): boolean {
  return kind === 'host' || kind === 'pods' || kind === 'pod';
}
