/** From the rings to events. */
import { readFileSync } from 'node:fs';
import { ring } from '#abi';
import { type Event, EventPipeline, type SequenceTracker } from '#events';
import { RingWaiter } from '#kernel';
import { type FollowingClock, ProcessTable, type WorkloadLookup } from '#process';
import type { BaseSensor, PolicySensor } from '#sensors';
import type { Log } from './options.ts';

export type PipelineParts = {
  readonly nodeName: string;
  readonly base: BaseSensor;
  readonly sensor: PolicySensor;
  readonly sequences: SequenceTracker;
  readonly clock: FollowingClock;
  /** Undefined where nobody knows of containers. */
  readonly workloads: WorkloadLookup | undefined;
  readonly sink: (event: Event) => void;
};

export function makePipeline({
  nodeName,
  base,
  sensor,
  sequences,
  clock,
  workloads,
  sink,
}: PipelineParts): EventPipeline {
  return new EventPipeline({
    nodeName,
    source: {
      bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      ringIncarnations: base.ringIncarnations,
      takenOverNs: base.adopted ? process.hrtime.bigint() : 0n,
    },
    clock,
    processes: new ProcessTable({ nodeName, clock }),
    policies: (slot, incarnation, hook) => sensor.directory.find(slot, incarnation, hook),
    sequences,
    workloads,
    sink,
  });
}

/** The verdict ring comes first, and again after each batch of observations. */
export function makeWaiter(log: Log, base: BaseSensor, pipeline: EventPipeline): RingWaiter {
  const visit = (bytes: Uint8Array, offset: number, length: number) => pipeline.accept(bytes, offset, length);
  const [verdicts, observations] = base.rings;
  return new RingWaiter(
    [
      { ring: verdicts, fd: base.map('rf_verdicts').fd, visit },
      { ring: observations, fd: base.map('rf_observations').fd, visit, batchMax: 512 },
    ],
    {
      onBusy: () => base.setReaderAwake(true),
      onIdle: () => base.setReaderAwake(false),
      onError: (error) => log('error', { error: String(error), rings: ring.count }, 'reading the rings failed'),
    },
  );
}
