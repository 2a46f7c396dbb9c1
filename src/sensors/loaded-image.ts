/** The programs of an image in the kernel: linked with the runtime library, loaded, their sets filled, attached. */
import { readFileSync } from 'node:fs';
import type { SensorImage } from '#bpf';
import { BpfObject, type Link, linkObjects, unpinAll } from '#kernel';
import { assert } from '#std';
import type { BaseSensor } from './base-sensor.ts';
import { writeConstants } from './constants.ts';
import { pinLinks } from './pins.ts';
import { type WatchedPin, watched } from './watchdog.ts';

export type LoadOptions = {
  readonly base: BaseSensor;
  /** kprobes/build/runtime.bpf.o */
  readonly runtime: Uint8Array;
  readonly image: SensorImage;
  /** Of this set of programs; see BaseSensor.beginSwap. */
  readonly epoch: number;
  /** Load this program only. */
  readonly program?: string;
};

export type ProgramCost = {
  /** That the verifier walked, which is more than a call executes. */
  readonly instructions: number;
  /** Since they were loaded, while the sysctl kernel.bpf_stats_enabled is 1; else they do not grow. */
  readonly runs: bigint;
  readonly runNs: bigint;
};

const NO_COST: ProgramCost = { instructions: 0, runs: 0n, runNs: 0n };

export class LoadedImage {
  readonly #object: BpfObject;
  readonly #image: SensorImage;
  #links: readonly Link[] = [];
  readonly #pinsAt: string | undefined;
  #pinned: readonly WatchedPin[] = [];
  #attached = false;

  /** Throws LoadRejected where the kernel does not take a program. */
  constructor({ base, runtime, image, epoch, program }: LoadOptions) {
    using undo = new DisposableStack();
    const linked = linkObjects([runtime, image.object]);
    this.#object = undo.use(BpfObject.open(linked, { name: 'rf_policies' }));
    this.#image = image;
    for (const map of base.maps) this.#object.reuseMap(map.name, map);
    writeConstants(this.#object, linked, { ...base.constants, epoch });
    this.#pinsAt = base.layout?.epochPath(epoch);
    if (program !== undefined) {
      for (const hook of image.hooks) this.#object.setAutoload(hook.program, hook.program === program);
    }
    this.#object.load();
    for (const set of image.sets) {
      const map = this.#object.map(set.map);
      map.fill(set.entries);
      map.freeze();
    }
    undo.move();
  }

  /** Throws AttachRefused, with nothing attached, where the kernel does not attach a program; RF3020 for its pins. */
  attach(): void {
    assert(!this.#attached, 'an image is attached once');
    using undo = new DisposableStack();
    const links = this.#image.hooks.map((hook) => undo.use(this.#object.program(hook.program).attach()));
    if (this.#pinsAt !== undefined) pinLinks(this.#pinsAt, new Map(links.map((link) => [link.name, link])));
    this.#links = links;
    this.#pinned = this.#pinsAt === undefined ? [] : links.map((link) => watched(`${this.#pinsAt}/${link.name}`, link));
    this.#attached = true;
    undo.move();
  }

  get usesKprobes(): boolean {
    return this.#image.hooks.some(({ point: { kind } }) => kind === 'kprobe' || kind === 'kretprobe');
  }

  /** Calls that a program did not see since it was loaded, because it, or another probe, ran on that CPU. */
  skipped(): bigint {
    return [...this.skippedBySection().values()].reduce((sum, count) => sum + count, 0n);
  }

  /** The same by attach point, which is what policies share; see sectionOf. */
  skippedBySection(): ReadonlyMap<string, bigint> {
    const bySection = new Map<string, bigint>();
    for (const [index, { program, section }] of this.#image.hooks.entries()) {
      const link = this.#links[index];
      const missed = link === undefined || link.closed ? 0n : (link.info().missed ?? 0n);
      const count = (this.#object.program(program).info().recursionMisses ?? 0n) + missed;
      bySection.set(section, (bySection.get(section) ?? 0n) + count);
    }
    return bySection;
  }

  /** What the programs of each attach point cost, which is what policies share; see sectionOf. */
  costBySection(): ReadonlyMap<string, ProgramCost> {
    const bySection = new Map<string, ProgramCost>();
    for (const { program, section } of this.#image.hooks) {
      const { verifiedInstructions = 0, runCount, runTimeNs } = this.#object.program(program).info();
      const { instructions, runs, runNs } = bySection.get(section) ?? NO_COST;
      bySection.set(section, {
        instructions: instructions + verifiedInstructions,
        runs: runs + runCount,
        runNs: runNs + runTimeNs,
      });
    }
    return bySection;
  }

  /** Bytes in the kernel by slot of the policy: of its programs, and of the sets, which are of all policies. */
  memory(): ReadonlyMap<number, number> {
    const bySlot = new Map<number, number>();
    const share = (bytes: number, slots: readonly number[]) => {
      for (const slot of slots) bySlot.set(slot, (bySlot.get(slot) ?? 0) + Math.ceil(bytes / slots.length));
    };
    for (const hook of this.#image.hooks) {
      const slots = [...new Set(hook.policies.map(({ slot }) => slot))];
      share(lockedBytes(this.#object.program(hook.program).fd), slots);
    }
    const sets = this.#image.sets.reduce((sum, set) => sum + lockedBytes(this.#object.map(set.map).fd), 0);
    share(sets, [...bySlot.keys()]);
    return bySlot;
  }

  /** What is pinned, and how to pin it again; the same list from when it is attached. */
  get pinned(): readonly WatchedPin[] {
    return this.#pinned;
  }

  /** It runs no more, though it was pinned. */
  detach(): void {
    if (this.#attached && this.#pinsAt !== undefined) unpinAll(this.#pinsAt);
    for (const link of this.#links) link.destroy();
  }

  /** Lets go: what is pinned goes on. */
  [Symbol.dispose](): void {
    for (const link of this.#links) link.destroy();
    this.#object.close();
  }
}

/** What the kernel counts for a program or a map; the same field for both. */
function lockedBytes(fd: number): number {
  const text = readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1');
  return Number(/^memlock:\s*(\d+)$/m.exec(text)?.[1] ?? 0);
}
