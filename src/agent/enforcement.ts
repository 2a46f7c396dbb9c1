/** Whether policies may enforce now, over all of them: one word in the kernel that every program reads. */
import { uptime } from 'node:os';
import type { BaseSensor } from '#sensors';
import type { Decision, StartGuard } from '#start-guard';
import type { Log } from './options.ts';

export type EnforcementPorts = {
  readonly base: Pick<BaseSensor, 'setMode'>;
  readonly guard: StartGuard;
  readonly detect: boolean;
  readonly log: Log;
};

export class Enforcement {
  readonly #ports: EnforcementPorts;

  /** Sets the word before anything else is attached. */
  constructor(ports: EnforcementPorts) {
    this.#ports = ports;
    this.#apply(ports.guard.decision);
  }

  /** To be called often: the way out is looked for, and the time after a boot ends. */
  check(): void {
    const changed = this.#ports.guard.check();
    if (changed !== undefined) this.#apply(changed);
  }

  /** Somebody who is there changed the policies: what a boot died of is in their hands. */
  changedByHuman(): void {
    if (this.#ports.guard.decision.enforcement === 'held') this.#apply(this.#ports.guard.clear());
  }

  /** Somebody wants everything taken down. */
  get isOff(): boolean {
    return this.#ports.guard.decision.enforcement === 'off';
  }

  /** Why policies do not enforce now, in a word; undefined when they do. */
  get held(): string | undefined {
    if (this.#ports.detect) return 'DetectionMode';
    const { enforcement } = this.#ports.guard.decision;
    return enforcement === 'enforce' ? undefined : HELD[enforcement];
  }

  get status(): GuardStatus {
    return guardStatus(this.#ports.guard.decision);
  }

  #apply({ enforcement, reason }: Decision): void {
    const { base, detect, log } = this.#ports;
    const enforces = !detect && enforcement === 'enforce';
    base.setMode(enforces ? 'enforce' : 'monitor');
    if (enforcement !== 'enforce') log('warn', { enforcement, reason }, 'policies enforce nothing now');
    else if (!detect) log('info', { enforcement, reason }, 'policies enforce what they say');
  }
}

const HELD = { off: 'SwitchedOff', held: 'HeldAfterBoot', 'monitor-until': 'StartGuard' } as const;

export type GuardStatus = {
  readonly enforcement: 'enforce' | 'monitor' | 'off';
  readonly reason: string;
  readonly untilMs?: number;
};

export function guardStatus({ enforcement, reason, untilMs }: Decision): GuardStatus {
  if (enforcement === 'off' || enforcement === 'enforce') return { enforcement, reason };
  if (untilMs === undefined) return { enforcement: 'monitor', reason };
  return { enforcement: 'monitor', reason, untilMs: Date.now() + untilMs - uptime() * 1000 };
}
