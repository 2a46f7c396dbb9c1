/** Self-protection: the guard in the kernel, and the watchdog that puts back what root of the host takes away. */
import { join } from 'node:path';
import { type Event, foundTampered } from '#events';
import {
  type BaseSensor,
  Guard,
  type GuardedLevel,
  type PolicySensor,
  removeGuard,
  Watchdog,
  type WatchedPin,
} from '#sensors';
import { wallNs } from './clock.ts';
import { lossEvent } from './losses.ts';

export type ProtectionOptions = {
  readonly nodeName: string;
  /** Undefined: nothing is guarded, but what is taken away is put back all the same. */
  readonly level: GuardedLevel | undefined;
  /** kprobes/build/guard.bpf.o */
  readonly image: Uint8Array;
  /** Directory of all pins. */
  readonly root: string | undefined;
  readonly base: BaseSensor;
  readonly sensor: PolicySensor;
  readonly publish: (event: Event) => void;
};

export class Protection {
  readonly #options: ProtectionOptions;
  readonly #guard: Guard | undefined = undefined;
  readonly #watchdog: Watchdog;
  /** Of policies: another list after each change of them. */
  #policies: readonly WatchedPin[] = [];
  #untold: number;
  #toldNs = wallNs();

  constructor(options: ProtectionOptions) {
    this.#options = options;
    const { base, image, level, root, nodeName, publish, sensor } = options;
    const pinsAt = this.#guardDirectory;
    if (level !== undefined) this.#guard = new Guard({ base, image, level, pinsRoot: root, pinsAt });
    else if (pinsAt !== undefined) removeGuard(pinsAt);
    this.#untold = Number(this.#guard?.counts().untold ?? 0n);
    this.#watchdog = new Watchdog({
      root,
      onFinding: (finding) => publish(foundTampered(finding, { nodeName, timeNs: wallNs() })),
      onRepaired: () => this.#guard?.arm(),
      usesKprobes: () => sensor.usesKprobes,
    });
    for (const pin of [...base.pinned, ...(this.#guard?.pinned ?? [])]) this.#watchdog.watch(pin);
  }

  /** To be called with the agent's tick. */
  tick(): void {
    const { pinned } = this.#options.sensor;
    if (pinned !== this.#policies) {
      for (const { path } of this.#policies) this.#watchdog.forget(path);
      for (const pin of pinned) this.#watchdog.watch(pin);
      this.#policies = pinned;
    }
    this.#watchdog.tick();
    this.#tellUntold();
  }

  /** Attempts and findings that bounds leave without an event of their own. */
  #tellUntold(): void {
    const { nodeName, publish } = this.#options;
    const untold = Number(this.#guard?.counts().untold ?? 0n) + this.#watchdog.counts.untold;
    const count = untold - this.#untold;
    if (count === 0) return;
    const toNs = wallNs();
    publish(lossEvent(nodeName, { stage: 'tamper', count, fromNs: this.#toldNs, toNs }));
    this.#untold = untold;
    this.#toldNs = toNs;
  }

  [Symbol.dispose](): void {
    this.#guard?.[Symbol.dispose]();
  }

  get #guardDirectory(): string | undefined {
    const { layout } = this.#options.base;
    return layout === undefined ? undefined : join(layout.path, 'guard');
  }
}
