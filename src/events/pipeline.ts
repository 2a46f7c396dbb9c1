/** A record becomes an event: decode, track the sequence, keep the process table, hand the event on. */
import { heldFlag, pathFlag, policyFlag, ring, tamperFlag } from '#abi';
import {
  type BootClock,
  decodeText,
  type Process,
  type ProcessTable,
  type Workload,
  type WorkloadLookup,
} from '#process';
import { assertNever } from '#std';
import { decodeRecord } from './decode.ts';
import { execFacts, forkFacts } from './enrich.ts';
import { policyEvent } from './enrich-policy.ts';
import type { Event, ExecEvent, Identity, RingName } from './event.ts';
import { signalName } from './kernel-names.ts';
import { type PolicyDirectory, unknownHook } from './policy-directory.ts';
import type {
  ExecRecord,
  ExitRecord,
  HeldRecord,
  KernelRecord,
  PolicyRecord,
  RecordHead,
  TamperRecord,
} from './record.ts';
import type { SequenceLoss, SequenceTracker } from './sequence.ts';
import { tamperEvent } from './tamper.ts';

/** What makes the identity of a record unique beyond this boot and these rings. */
export type RecordSource = {
  readonly bootId: string;
  /** By `ring` of the ABI: the random number that was chosen when the ring was made. */
  readonly ringIncarnations: readonly [verdict: string, observation: string];
  /** CLOCK_MONOTONIC of when this reader took over what another one had left; 0 for rings that are new. */
  readonly takenOverNs: bigint;
};

export type EventPipelinePorts = {
  readonly nodeName: string;
  readonly source: RecordSource;
  readonly clock: BootClock;
  readonly processes: ProcessTable;
  readonly policies: PolicyDirectory;
  readonly sequences: SequenceTracker;
  /** Without it no event has a pod or a container. */
  readonly workloads?: WorkloadLookup | undefined;
  readonly sink: (event: Event) => void;
};

export type PipelineCounts = {
  records: number;
  /** Of these: written before this reader took over. */
  whileAway: number;
  events: number;
  malformed: number;
  /** Records of a policy, or a hook, that the directory does not know. */
  unknownPolicy: number;
};

type Who = Pick<ExecEvent, 'process' | 'parent' | 'workload' | 'parentWorkload'>;

const ringNames: readonly RingName[] = ['verdict', 'observation', 'iterator'];

export class EventPipeline {
  readonly counts: PipelineCounts = { records: 0, whileAway: 0, events: 0, malformed: 0, unknownPolicy: 0 };
  /** Why the last malformed record was refused. */
  lastMalformed = '';

  readonly #ports: EventPipelinePorts;
  #malformedTold = 0;
  #lastTickNs: bigint | undefined;

  constructor(ports: EventPipelinePorts) {
    this.#ports = ports;
  }

  /** Takes the record of `length` bytes at `offset`; nothing of `bytes` is needed after the return. */
  accept(bytes: Uint8Array, offset: number, length: number): void {
    this.counts.records += 1;
    const record = decodeRecord(bytes, offset, length);
    if (record.kind === 'malformed') {
      this.counts.malformed += 1;
      this.lastMalformed = record.reason;
      return;
    }
    if (record.ring !== ring.count) {
      if (record.timeNs < this.#ports.source.takenOverNs) this.counts.whileAway += 1;
      this.#ports.sequences.observe(record.ring, record.cpu, record.sequence, record.timeNs);
    }
    this.#join(record);
  }

  /** Tells of losses that are certain by now; `nowNs` is CLOCK_MONOTONIC. Call it with the drain timer. */
  tick(nowNs: bigint): void {
    this.#tellLosses(this.#ports.sequences.tick(nowNs), nowNs);
  }

  /** Nothing more will be accepted: every hole is a loss. */
  finish(nowNs: bigint): void {
    this.#tellLosses(this.#ports.sequences.finish(), nowNs);
  }

  #join(record: KernelRecord): void {
    switch (record.kind) {
      case 'exec':
        this.#exec(record);
        break;
      case 'fork':
        // The events API has no event for it: the child speaks through its exec, its exit, or a policy.
        this.#ports.processes.fork(forkFacts(record));
        break;
      case 'exit':
        this.#exit(record);
        break;
      case 'policy':
        this.#policy(record);
        break;
      case 'held':
        this.#held(record);
        break;
      case 'tamper':
        this.#tamper(record);
        break;
      default:
        assertNever(record);
    }
  }

  #exec(record: ExecRecord): void {
    const process = this.#ports.processes.exec(execFacts(record));
    this.#emit({
      kind: 'exec',
      ...this.#head(record),
      ...this.#who(process, process.cgroupId),
      tid: record.tid,
      binaryTruncated: (record.binaryFlags & pathFlag.truncated) !== 0,
    });
  }

  #exit(record: ExitRecord): void {
    const process = this.#ports.processes.exit(record.process, record.timeNs);
    this.#emit({
      kind: 'exit',
      ...this.#head(record),
      ...this.#who(process, process.cgroupId),
      tid: record.tid,
      status: (record.status >> 8) & 0xff,
      signal: signalName(record.status & 0x7f),
    });
  }

  #policy(record: PolicyRecord): void {
    const { nodeName, clock, processes, policies } = this.#ports;
    const hook = policies(record.policy, record.incarnation, record.entry);
    if (hook === undefined) this.counts.unknownPolicy += 1;
    const late = (record.flags & policyFlag.processUnknown) !== 0;
    const process = late ? processes.findLate(record.process) : processes.find(record.process);
    const who = this.#who(process, record.cgroupId);
    const timeNs = clock.wallNs(record.timeNs);
    const identity = this.#identity(record);
    this.#emit(policyEvent(record, hook ?? unknownHook, { nodeName, timeNs, identity, ...who }));
  }

  #held(record: HeldRecord): void {
    const { processes } = this.#ports;
    const unknown = (record.flags & heldFlag.processUnknown) !== 0;
    const process = unknown ? processes.findLate(record.process) : processes.find(record.process);
    this.#emit({
      ...{ kind: 'held', ...this.#head(record), ...this.#who(process, record.cgroupId), tid: record.tid },
      outcome: record.verdict === 0 ? 'would' : 'denied',
      ...{ name: decodeText(record.name), comm: decodeText(record.comm), cgroupId: record.cgroupId },
    });
  }

  #tamper(record: TamperRecord): void {
    const { processes } = this.#ports;
    const unknown = (record.flags & tamperFlag.processUnknown) !== 0;
    const process = unknown ? processes.findLate(record.process) : processes.find(record.process);
    this.#emit(tamperEvent(record, { ...this.#head(record), ...this.#who(process, record.cgroupId) }));
  }

  /** `cgroupId`: where the process was just then; it may have been moved since it was executed. */
  #who(process: Process, cgroupId: bigint): Who {
    const parent = this.#ports.processes.parentOf(process);
    const workload = this.#workload(cgroupId === 0n ? process.cgroupId : cgroupId);
    return { process, parent, workload, parentWorkload: parent && this.#workload(parent.cgroupId) };
  }

  #workload(cgroupId: bigint): Workload | undefined {
    return cgroupId === 0n ? undefined : this.#ports.workloads?.(cgroupId);
  }

  #head(record: RecordHead): { nodeName: string; timeNs: bigint; identity: Identity } {
    const { nodeName, clock } = this.#ports;
    return { nodeName, timeNs: clock.wallNs(record.timeNs), identity: this.#identity(record) };
  }

  #identity(record: RecordHead): Identity {
    const { source } = this.#ports;
    return {
      bootId: source.bootId,
      ring: ringName(record.ring),
      ringIncarnation: source.ringIncarnations[record.ring] ?? '',
      cpu: record.cpu,
      sequence: record.sequence,
      whileAway: record.ring !== ring.count && record.timeNs < source.takenOverNs,
    };
  }

  #tellLosses(losses: readonly SequenceLoss[], nowNs: bigint): void {
    for (const loss of losses) this.#tellLoss(loss, nowNs);
    const malformed = this.counts.malformed - this.#malformedTold;
    if (malformed > 0) {
      const { nodeName, clock } = this.#ports;
      this.#malformedTold = this.counts.malformed;
      const toNs = clock.wallNs(nowNs);
      const fromNs = this.#lastTickNs === undefined ? toNs : clock.wallNs(this.#lastTickNs);
      this.#emit({
        kind: 'loss',
        nodeName,
        timeNs: toNs,
        stage: 'decode',
        count: malformed,
        fromNs,
        toNs,
        hole: undefined,
      });
    }
    this.#lastTickNs = nowNs;
  }

  #tellLoss(loss: SequenceLoss, nowNs: bigint): void {
    const { nodeName, clock, source } = this.#ports;
    this.#emit({
      kind: 'loss',
      nodeName,
      timeNs: clock.wallNs(nowNs),
      stage: 'ring',
      count: loss.count,
      fromNs: clock.wallNs(loss.fromNs),
      toNs: clock.wallNs(loss.toNs),
      hole: {
        bootId: source.bootId,
        ring: ringName(loss.ring),
        ringIncarnation: source.ringIncarnations[loss.ring] ?? '',
        cpu: loss.cpu,
        fromSequence: loss.from,
        toSequence: loss.to,
      },
    });
  }

  #emit(event: Event): void {
    this.counts.events += 1;
    this.#ports.sink(event);
  }
}

function ringName(number: number): RingName {
  return ringNames[number] ?? 'iterator';
}
