/** Which container a cgroup lies in that nobody registered: what containers make in their own is looked up when asked. */
import { type CgroupPlace, placeOf } from './cgroup-layout.ts';

type ContainerPlace = CgroupPlace & { readonly kind: 'container' };

export type NestedOptions = {
  /** Undefined when the cgroup has gone. */
  readonly pathOf: (cgroupId: bigint) => string | undefined;
  readonly idOf: (path: string) => bigint | undefined;
  readonly max?: number;
};

/** Answers that are kept: the host has some hundred cgroups, a container what it likes. */
const MAX = 8192;

export class NestedCgroups {
  readonly #options: NestedOptions;
  readonly #max: number;
  /** Undefined: in no container. */
  readonly #answers = new Map<bigint, bigint | undefined>();

  constructor(options: NestedOptions) {
    this.#options = options;
    this.#max = options.max ?? MAX;
  }

  /** The cgroup of the container; `found` is called the first time that one is led to. */
  containerOf(cgroupId: bigint, found: (containerCgroupId: bigint, place: ContainerPlace) => void): bigint | undefined {
    if (this.#answers.has(cgroupId)) return this.#answers.get(cgroupId);
    const path = this.#options.pathOf(cgroupId);
    const place = path === undefined ? undefined : placeOf(path);
    const container = place?.kind === 'container' ? this.#options.idOf(place.path) : undefined;
    this.#keep(cgroupId, container);
    if (container !== undefined && place?.kind === 'container') found(container, place);
    return container;
  }

  #keep(cgroupId: bigint, container: bigint | undefined): void {
    if (this.#answers.size >= this.#max) {
      const [oldest] = this.#answers.keys();
      if (oldest !== undefined) this.#answers.delete(oldest);
    }
    this.#answers.set(cgroupId, container);
  }
}
