/**
 * Self-protection in the kernel: maps, pins and the agent are kept out of other hands, and who tries is told of; see
 * kprobes/include/ringfence/guard.h. It is an object of its own, loaded beside the base sensor, or not at all.
 */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { guardArmLayout, guardLayout, guardLevel, guardListLayout } from '#abi';
import { EnvironmentError } from '#diagnostics';
import { BpfMap, BpfObject, type Link, runProgram, u32Key, unpin, unpinAll } from '#kernel';
import type { BaseSensor } from './base-sensor.ts';
import { writeConstants } from './constants.ts';
import { kernelDevice } from './identity.ts';
import { repin } from './pins.ts';
import { type WatchedPin, watched } from './watchdog.ts';

/**
 * - `maps`: maps, programs and pins; nobody may trace the agent, which has descriptors of them
 * - `agent`: signals, limits and the cgroup of the agent too: refused to containers, told of on the host
 * - `strict`: refused to all but process 1
 */
export type GuardedLevel = Exclude<keyof typeof guardLevel, 'off'>;

export type GuardOptions = {
  readonly base: Pick<BaseSensor, 'constants' | 'maps'>;
  /** kprobes/build/guard.bpf.o */
  readonly image: Uint8Array;
  readonly level: GuardedLevel;
  /** Where everything is pinned, if it is: nobody else removes what is in it. */
  readonly pinsRoot?: string | undefined;
  /** Where the guard itself is pinned, if it is: without it the guard ends with this process. */
  readonly pinsAt?: string | undefined;
};

export type GuardCounts = {
  readonly denied: bigint;
  /** Let through, and told of. */
  readonly seen: bigint;
  /** Attempts that no record tells of: there are bounds on records. */
  readonly untold: bigint;
};

const MAPS = ['rf_guard', 'rf_guarded', 'rf_guard_programs'] as const;

/** Run by the agent itself, and never attached. */
const ARM = 'rf_guard_arm';
const LIST = 'rf_guard_list';

/** What ends the agent's time comes first: nobody is the agent for longer than it lives. */
const OF_MAPS = [
  'rf_guard_exec',
  'rf_guard_exit',
  'rf_guard_free',
  'rf_guard_trace',
  'rf_guard_map_fd',
  'rf_guard_freeze',
  'rf_guard_program_fd',
  'rf_guard_unlink',
  'rf_guard_rmdir',
  'rf_guard_rename',
  'rf_guard_unmount',
] as const;
const OF_AGENT = ['rf_guard_signal', 'rf_guard_sigio', 'rf_guard_limit', 'rf_guard_steer', 'rf_guard_move'] as const;

export class Guard {
  readonly #object: BpfObject;
  readonly #level: GuardedLevel;
  readonly #pinsRoot: string | undefined;
  readonly #pinsAt: string | undefined;
  readonly #links: readonly Link[];

  /** Loads, attaches and arms; on any error nothing stays attached, but for what was pinned before. */
  constructor({ base, image, level, pinsRoot, pinsAt }: GuardOptions) {
    using undo = new DisposableStack();
    this.#level = level;
    this.#pinsRoot = pinsRoot;
    this.#pinsAt = pinsAt;
    this.#object = undo.use(BpfObject.open(image, { name: 'rf_guard' }));
    for (const map of base.maps) this.#object.reuseMap(map.name, map);
    const adopted = this.#reuseMaps();
    writeConstants(this.#object, image, { ...base.constants, epoch: 0 });
    const programs = guardPrograms(level);
    for (const { name } of this.#object.programs) this.#object.setAutoload(name, programs.includes(name));
    this.#object.load();
    if (!adopted) this.#makeMaps();
    this.#dropOthers(programs);
    this.#links = programs.filter((name) => name !== ARM && name !== LIST).map((name) => undo.use(this.#attach(name)));
    this.arm();
    for (const map of [...base.maps, ...this.maps]) this.guardMap(map);
    undo.move();
  }

  /** By name; the links by which it runs. */
  get links(): ReadonlyMap<string, Link> {
    return new Map(this.#links.map((link) => [link.name, link]));
  }

  /** For the watchdog; none without a place for them. */
  get pinned(): readonly WatchedPin[] {
    const at = this.#pinsAt;
    if (at === undefined) return [];
    const maps = this.maps.map((map) => watched(mapPath(at, map.name), map));
    return [...maps, ...this.#links.map((link) => watched(join(at, link.name), link))];
  }

  /** Its own; those of the base sensor are that one's. */
  get maps(): readonly BpfMap[] {
    return MAPS.map((name) => this.#object.map(name));
  }

  /** Once more, where its pins have been made anew, or its cgroup is another one. Throws RF3031 for a second agent. */
  arm(): void {
    const context = new Uint8Array(guardArmLayout.bytes);
    const view = new DataView(context.buffer);
    const directory = this.#pinsRoot === undefined ? undefined : statSync(this.#pinsRoot, { bigint: true });
    view.setUint32(guardArmLayout.level, guardLevel[this.#level], true);
    view.setUint32(guardArmLayout.directoryDevice, directory === undefined ? 0 : kernelDevice(directory.dev), true);
    view.setBigUint64(guardArmLayout.directoryInode, directory?.ino ?? 0n, true);
    this.#run(ARM, context);
  }

  /** From now on others get no descriptor of it. */
  guardMap(map: Pick<BpfMap, 'id'>): void {
    this.#list(map.id, true);
  }

  /** To be called before the map goes: the kernel gives its number to another one some day. */
  forgetMap(map: Pick<BpfMap, 'id'>): void {
    this.#list(map.id, false);
  }

  counts(): GuardCounts {
    const view = this.#view();
    const read = (offset: number) => view.getBigUint64(offset, true);
    return { denied: read(guardLayout.denied), seen: read(guardLayout.seen), untold: read(guardLayout.untold) };
  }

  /** Lets go: what is pinned goes on, without an agent from when this process ends. */
  [Symbol.dispose](): void {
    for (const link of this.#links) link.destroy();
    this.#object.close();
  }

  /** Those of the agent before this one; false when there are none. */
  #reuseMaps(): boolean {
    const paths = MAPS.map((name) => [name, this.#mapPath(name)] as const);
    if (!paths.every(([, path]) => path !== undefined && existsSync(path))) return false;
    for (const [name, path = ''] of paths) {
      using map = BpfMap.openPinned(path);
      this.#object.reuseMap(name, map);
    }
    return true;
  }

  #makeMaps(): void {
    for (const map of this.maps) {
      const path = this.#mapPath(map.name);
      map.freeze();
      if (path === undefined) continue;
      mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
      map.pin(path);
    }
  }

  #mapPath(name: string): string | undefined {
    return this.#pinsAt === undefined ? undefined : mapPath(this.#pinsAt, name);
  }

  #attach(name: string): Link {
    const link = this.#object.program(name).attach();
    if (this.#pinsAt === undefined) return link;
    using undo = new DisposableStack();
    undo.use(link);
    mkdirSync(this.#pinsAt, { recursive: true, mode: 0o700 });
    repin(join(this.#pinsAt, name), link);
    undo.move();
    return link;
  }

  /** Of an agent with a higher level. */
  #dropOthers(programs: readonly string[]): void {
    if (this.#pinsAt === undefined) return;
    for (const name of OF_AGENT) if (!programs.includes(name)) unpin(join(this.#pinsAt, name));
  }

  #list(map: number, guarded: boolean): void {
    const context = new Uint8Array(guardListLayout.bytes);
    const view = new DataView(context.buffer);
    view.setUint32(guardListLayout.map, map, true);
    view.setUint32(guardListLayout.guarded, guarded ? 1 : 0, true);
    this.#run(LIST, context);
  }

  #run(name: string, context: Uint8Array): void {
    const { returnValue } = runProgram(this.#object.program(name), context);
    if (returnValue === 0) return;
    const agent = this.#view().getUint32(guardLayout.agentPid, true);
    throw new EnvironmentError('RF3031', { agent: agent === 0 ? 'none' : String(agent), errno: String(-returnValue) });
  }

  #view(): DataView {
    const value = this.#object.map('rf_guard').lookup(u32Key(0)) ?? new Uint8Array(guardLayout.bytes);
    return new DataView(value.buffer, value.byteOffset, value.byteLength);
  }
}

function mapPath(pinsAt: string, name: string): string {
  return join(pinsAt, 'maps', name);
}

/** What is loaded for a level. */
export function guardPrograms(level: GuardedLevel): readonly string[] {
  return [ARM, LIST, ...OF_MAPS, ...(level === 'maps' ? [] : OF_AGENT)];
}

/** Of an earlier agent, where this one is to have none. */
export function removeGuard(pinsAt: string): void {
  unpinAll(pinsAt);
}
