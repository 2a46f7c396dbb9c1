/**
 * What agents of other versions left goes, each policy of it once this agent does what it says, or somebody deleted it;
 * what this one refuses, the programs of the other one go on with.
 */
import { diagnostic } from '#diagnostics';
import type { Event } from '#events';
import {
  isStillNeeded,
  keyOf,
  mayStillBeNeeded,
  type OlderLayout,
  olderLayouts,
  Pins,
  type PolicyName,
  type PolicyStatus,
  type StoreProblem,
  titleOf,
} from '#sensors';
import { wallNs } from './clock.ts';
import { lossEvent } from './losses.ts';
import type { Log } from './options.ts';
import { tellDiagnostic, tellForeign } from './tell.ts';

export type OlderPorts = {
  readonly nodeName: string;
  /** Undefined where nothing is pinned. */
  readonly pins: string | undefined;
  readonly runDirectory: string;
  /** Of the maps that this agent has. */
  readonly own: string | undefined;
  readonly list: () => readonly PolicyStatus[];
  readonly problems: readonly StoreProblem[];
  /** Nothing is to enforce. */
  readonly detect: boolean;
  /** The API server, where there is one, has said which policies there are. */
  readonly isHeard: () => boolean;
  readonly publish: (event: Event) => void;
  readonly log: Log;
};

const LOOK_MS = 1000;

export type OlderStatus = { readonly layout: string; readonly policies: readonly PolicyName[] | 'not known' };

export class Older {
  readonly #ports: OlderPorts;
  #layouts: readonly OlderLayout[] = [];
  #lookedAtMs: number;
  #told = '';
  #fromNs = wallNs();

  constructor(ports: OlderPorts, nowMs: number) {
    this.#ports = ports;
    this.#lookedAtMs = nowMs;
    const { pins: root, own, runDirectory, log } = ports;
    if (root === undefined || own === undefined) return;
    const pins = new Pins(root);
    this.#layouts = olderLayouts(pins, { own, run: runDirectory });
    for (const layout of this.#layouts) this.#tellLost(layout.unread());
    this.#settle();
    tellForeign(log, pins.foreign);
  }

  /** To be called with the agent's tick. */
  tick(nowMs: number): void {
    if (this.#layouts.length === 0 || nowMs - this.#lookedAtMs < LOOK_MS) return;
    this.#lookedAtMs = nowMs;
    for (const layout of this.#layouts) this.#tellLost(layout.takeUntold());
    this.#settle();
  }

  /** What is there still. */
  get status(): readonly OlderStatus[] {
    return this.#layouts.map(({ name, policies }) => ({
      layout: name,
      policies: policies?.map(({ name: policy, namespace }) => ({ name: policy, namespace })) ?? 'not known',
    }));
  }

  /** The same list, with a mark on what only programs of another version enforce. */
  marked(policies: readonly PolicyStatus[]): readonly PolicyStatus[] {
    if (this.#layouts.length === 0) return policies;
    const enforced = new Set(this.#layouts.flatMap((layout) => layout.policies ?? []).map(keyOf));
    return policies.map((policy) =>
      policy.state === 'refused' && enforced.has(keyOf(policy)) ? { ...policy, olderEnforces: true } : policy,
    );
  }

  [Symbol.dispose](): void {
    for (const layout of this.#layouts) layout[Symbol.dispose]();
    this.#layouts = [];
  }

  #settle(): void {
    if (this.#layouts.length === 0) return;
    const { list, problems, isHeard, detect, log } = this.#ports;
    const now = { policies: list(), problems, isHeard: isHeard() };
    this.#layouts = this.#layouts.filter((layout) => {
      const needed = layout.policies?.filter((policy) => isStillNeeded(policy, now));
      const isNeeded = needed === undefined ? mayStillBeNeeded(now) : needed.length > 0;
      if (isNeeded && !detect) {
        layout.keepOnly(needed ?? []);
        return true;
      }
      this.#tellLost(layout.takeUntold());
      layout.remove();
      log('info', { layout: layout.name }, 'replaced what another version left in the kernel');
      return false;
    });
    this.#tellKept();
  }

  /** Once for each set of policies. */
  #tellKept(): void {
    const { status } = this;
    const told = JSON.stringify(status);
    if (told === this.#told) return;
    this.#told = told;
    for (const { layout, policies } of status) {
      const names = policies === 'not known' ? policies : policies.map(titleOf).join(', ');
      tellDiagnostic(this.#ports.log, diagnostic('RF2407', undefined, { layout, policies: names }));
    }
  }

  #tellLost(count: number): void {
    const { nodeName, publish } = this.#ports;
    const [fromNs, toNs] = [this.#fromNs, wallNs()];
    this.#fromNs = toNs;
    if (count > 0) publish(lossEvent(nodeName, { stage: 'upgrade', count, fromNs, toNs }));
  }
}
