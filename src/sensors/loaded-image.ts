/** The programs of an image in the kernel: linked with the runtime library, loaded, their sets filled, attached. */
import type { SensorImage } from '#bpf';
import { BpfObject, type Link, linkObjects } from '#kernel';
import { assert } from '#std';
import type { BaseSensor } from './base-sensor.ts';
import { writeConstants } from './constants.ts';

export type LoadOptions = {
  readonly base: BaseSensor;
  /** kprobes/build/runtime.bpf.o */
  readonly runtime: Uint8Array;
  readonly image: SensorImage;
  /** Load this program only. */
  readonly program?: string;
};

export class LoadedImage {
  readonly #object: BpfObject;
  readonly #image: SensorImage;
  #links: readonly Link[] = [];
  #attached = false;

  /** Throws LoadRejected where the kernel does not take a program. */
  constructor({ base, runtime, image, program }: LoadOptions) {
    using undo = new DisposableStack();
    const linked = linkObjects([runtime, image.object]);
    this.#object = undo.use(BpfObject.open(linked, { name: 'rf_policies' }));
    this.#image = image;
    for (const map of base.maps) this.#object.reuseMap(map.name, map);
    writeConstants(this.#object, linked, base.constants);
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

  /** Throws AttachRefused, with nothing attached, where the kernel does not attach a program. */
  attach(): void {
    assert(!this.#attached, 'an image is attached once');
    using undo = new DisposableStack();
    this.#links = this.#image.hooks.map((hook) => undo.use(this.#object.program(hook.program).attach()));
    this.#attached = true;
    undo.move();
  }

  /** Calls that a program did not see since it was loaded, because it, or another probe, ran on that CPU. */
  skipped(): bigint {
    const sum = (counts: readonly (bigint | undefined)[]) =>
      counts.reduce<bigint>((all, each) => all + (each ?? 0n), 0n);
    const programs = this.#image.hooks.map((hook) => this.#object.program(hook.program).info().recursionMisses);
    const probes = this.#links.map((link) => (link.closed ? 0n : link.info().missed));
    return sum(programs) + sum(probes);
  }

  detach(): void {
    for (const link of this.#links) link.destroy();
  }

  [Symbol.dispose](): void {
    this.detach();
    this.#object.close();
  }
}
