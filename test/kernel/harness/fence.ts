/** Sensors in the test's own process: to replace policies costs what a replacement costs, and no start of an agent. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasErrors } from '#diagnostics';
import { type Event, EventPipeline, type HeldEvent, isPolicyEvent, type PolicyEvent, SequenceTracker } from '#events';
import { probeTarget } from '#kernel';
import { type Policy, parsePolicies } from '#policy';
import { bootClock, ProcessTable } from '#process';
import { BaseSensor, type Hierarchy, Pins, PolicySensor, readHostNamespaces } from '#sensors';
import { repository } from './agent.ts';

const nodeName = 'fence';
const DRAIN_MAX = 1_000_000;
const OBSERVATION_RING_BYTES = 16 * 1024 * 1024;

export type FenceOptions = {
  /** What is loaded outlives it, and the next one of the same place takes it over. */
  readonly kept?: { readonly pins: string; readonly statePath: string };
  readonly hierarchy?: Hierarchy;
};

export class Fence {
  readonly base: BaseSensor;
  readonly sensor: PolicySensor;
  readonly #pipeline: EventPipeline;
  #events: Event[] = [];

  constructor({ kept, hierarchy }: FenceOptions = {}) {
    const object = (name: string) => readFileSync(join(repository, 'kprobes/build', name));
    using undo = new DisposableStack();
    const base = undo.use(
      new BaseSensor({
        ...{ image: object('base.bpf.o'), observationRingBytes: OBSERVATION_RING_BYTES },
        pins: kept === undefined ? undefined : Pins.make(kept.pins),
        ...(hierarchy === undefined ? {} : { hierarchy }),
      }),
    );
    const hostNamespaces = readHostNamespaces();
    this.base = base;
    this.sensor = undo.use(
      new PolicySensor({
        ...{ base, target: probeTarget(), hostNamespaces, runtime: object('runtime.bpf.o') },
        statePath: kept?.statePath,
      }),
    );
    const clock = bootClock(0n);
    this.#pipeline = new EventPipeline({
      ...{ nodeName, clock, processes: new ProcessTable({ nodeName, clock }) },
      sequences: new SequenceTracker({ begin: base.adopted ? 'first' : 'one' }),
      source: { bootId: 'boot', ringIncarnations: base.ringIncarnations, takenOverNs: 0n },
      policies: (slot, incarnation, hook) => this.sensor.directory.find(slot, incarnation, hook),
      sink: (event) => void this.#events.push(event),
    });
    base.seed((bytes, offset, length) => this.#pipeline.accept(bytes, offset, length));
    base.exemptSelf();
    undo.move();
  }

  /** All of them are loaded, and what was loaded before is not any more. */
  replace(policies: readonly Policy[]): void {
    const errors = this.sensor.replace(policies).filter(({ severity }) => severity === 'error');
    assert.deepEqual(errors, []);
  }

  /** What policies told since this was last called. */
  takeEvents(): readonly PolicyEvent[] {
    this.#drain();
    const told = this.#events.filter(isPolicyEvent);
    this.#events = this.#events.filter(({ kind }) => kind === 'loss' || kind === 'held');
    return told;
  }

  /** Programs that were held back since this was last called; what policies told stays. */
  takeHeld(): readonly HeldEvent[] {
    this.#drain();
    const held = this.#events.filter((event) => event.kind === 'held');
    this.#events = this.#events.filter(({ kind }) => kind !== 'held');
    return held;
  }

  /** Once nothing is told any more: no record found its ring full, and no call found no memory to work in. */
  checkNothingLost(): void {
    this.#pipeline.finish(process.hrtime.bigint());
    assert.deepEqual(
      this.#events.filter(({ kind }) => kind === 'loss'),
      [],
    );
    assert.equal(this.base.counts().scratchRefused, 0n);
  }

  #drain(): void {
    for (const ring of this.base.rings) {
      ring.drain((bytes, offset, length) => this.#pipeline.accept(bytes, offset, length), DRAIN_MAX);
    }
    const { malformed, unknownPolicy } = this.#pipeline.counts;
    assert.deepEqual({ malformed, unknownPolicy }, { malformed: 0, unknownPolicy: 0 }, this.#pipeline.lastMalformed);
  }

  [Symbol.dispose](): void {
    this.sensor[Symbol.dispose]();
    this.base[Symbol.dispose]();
  }
}

export function parsed(...texts: readonly string[]): readonly Policy[] {
  return texts.flatMap((text, index) => {
    const { policies, diagnostics } = parsePolicies(text, `policy-${index}.yaml`);
    assert.ok(!hasErrors(diagnostics), JSON.stringify(diagnostics));
    return policies;
  });
}
