/** Losses that no record can tell of: they are counted in the kernel, and told of here. */
import type { Event, LossEvent, LossStage } from '#events';
import type { BaseSensor, PolicySensor } from '#sensors';
import { wallNs } from './clock.ts';

export type LossPorts = {
  readonly nodeName: string;
  readonly base: Pick<BaseSensor, 'told' | 'counts' | 'skipped'>;
  readonly sensor: Pick<PolicySensor, 'skippedByAttached' | 'skippedByDetached'>;
  readonly publish: (event: Event) => void;
};

const INTERVAL_MS = 1000;

const STAGES = ['scratch', 'skipped'] as const;

export class KernelLosses {
  readonly #ports: LossPorts;
  readonly #seen: Record<(typeof STAGES)[number], bigint>;
  #fromNs = wallNs();
  #toldMs = Number.NEGATIVE_INFINITY;

  /** To be made before anything is installed: from then on the programs of an earlier agent are gone. */
  constructor(ports: LossPorts) {
    this.#ports = ports;
    const { scratch, skipped } = ports.base.told;
    this.#seen = { scratch, skipped };
  }

  /** Tells, but no oftener than once a second: the kernel is asked for each program. */
  tick(nowMs: number): void {
    if (nowMs - this.#toldMs < INTERVAL_MS) return;
    this.#toldMs = nowMs;
    this.tell();
  }

  /** What was lost since the last call; at first, since an earlier agent has last told. */
  tell(): void {
    const { base, sensor, nodeName } = this.#ports;
    const toNs = wallNs();
    const byBase = base.skipped();
    const byAttached = sensor.skippedByAttached();
    const totals = { scratch: base.counts().scratchRefused, skipped: byBase + byAttached + sensor.skippedByDetached };
    for (const stage of STAGES) {
      const count = Number(totals[stage] - this.#seen[stage]);
      if (count > 0) this.#ports.publish(lossEvent(nodeName, { stage, count, fromNs: this.#fromNs, toNs }));
      this.#seen[stage] = totals[stage];
    }
    base.told = { scratch: totals.scratch, skipped: byBase + byAttached };
    this.#fromNs = toNs;
  }
}

export type Loss = Pick<LossEvent, 'count' | 'fromNs' | 'toNs'> & { readonly stage: LossStage };

export function lossEvent(nodeName: string, loss: Loss): LossEvent {
  return { kind: 'loss', nodeName, timeNs: loss.toNs, ...loss, hole: undefined };
}

/** How many losses of each place have been told of. */
export class LossCounts {
  readonly #counts = new Map<LossStage, number>();

  count(event: Event): void {
    if (event.kind === 'loss') this.#counts.set(event.stage, (this.#counts.get(event.stage) ?? 0) + event.count);
  }

  get list(): readonly { readonly stage: LossStage; readonly count: number }[] {
    return Array.from(this.#counts, ([stage, count]) => ({ stage, count }));
  }
}
