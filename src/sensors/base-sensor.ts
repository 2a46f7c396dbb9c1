/**
 * The base sensor: exec, fork and exit, the processes that were there before, and the maps that all other sensors
 * share. It owns the maps; policies are loaded beside it.
 */
import { bound, controlLayout, mode, processFlag, processLayout, ring, ringStateLayout } from '#abi';
import {
  type BpfMap,
  BpfObject,
  type Link,
  type MappedMemory,
  openPidfd,
  RingBuffer,
  readIterator,
  u32Key,
} from '#kernel';
import { assert } from '#std';
import { type Constants, readConstants, writeConstants } from './constants.ts';

export type BaseSensorOptions = {
  /** kprobes/build/base.bpf.o */
  readonly image: Uint8Array;
  /** Bytes of each ring, a power of two. */
  readonly verdictRingBytes?: number;
  readonly observationRingBytes?: number;
};

/** Verdicts are few and must not be lost; a fork bomb of observations may be, and is counted. */
const VERDICT_RING_BYTES = 2 * 1024 * 1024;
const OBSERVATION_RING_BYTES = 4 * 1024 * 1024;

/** State first, so that nothing that a record tells of is missing from it. */
const PROGRAMS = ['rf_task_alloc', 'rf_exec_thread', 'rf_exec', 'rf_fork', 'rf_exit'] as const;

const RECORD_HEAD_BYTES = 8;

export class BaseSensor {
  readonly constants: Constants;
  readonly rings: readonly [verdict: RingBuffer, observation: RingBuffer];
  readonly #object: BpfObject;
  readonly #links: readonly Link[];
  readonly #control: MappedMemory;
  readonly #controlView: DataView;
  readonly #states: MappedMemory;
  readonly #statesView: DataView;

  /** Opens, loads and attaches; on any error nothing stays attached. */
  constructor(options: BaseSensorOptions) {
    using undo = new DisposableStack();
    this.constants = readConstants();
    this.#object = undo.use(BpfObject.open(options.image, { name: 'ringfence' }));
    this.#size(options);
    writeConstants(this.#object, options.image, this.constants);
    this.#object.load();
    this.rings = [
      undo.use(RingBuffer.open(this.map('rf_verdicts'))),
      undo.use(RingBuffer.open(this.map('rf_observations'))),
    ];
    this.#control = undo.use(this.map('rf_control').mapMemory({ writable: true }));
    this.#controlView = new DataView(this.#control.buffer);
    this.#states = undo.use(this.map('rf_ring_states').mapMemory({ writable: false }));
    this.#statesView = new DataView(this.#states.buffer);
    this.#links = PROGRAMS.map((name) => undo.use(this.#object.program(name).attach()));
    undo.move();
  }

  map(name: string): BpfMap {
    return this.#object.map(name);
  }

  get maps(): readonly BpfMap[] {
    return this.#object.maps.filter((each) => each.name.startsWith('rf_'));
  }

  /** Nothing is enforced, whatever the policies say, while this is `monitor`. */
  setMode(value: 'enforce' | 'monitor'): void {
    this.#controlView.setUint32(controlLayout.mode, mode[value], true);
  }

  /** While the reader is awake, programs do not wake it unless a ring fills up. */
  setReaderAwake(awake: boolean): void {
    this.#controlView.setUint32(controlLayout.readerAwake, awake ? 1 : 0, true);
  }

  /** These lists of processes that are followed are new: what a process has of them is stale. */
  classifyAnew(added: readonly number[]): void {
    const generation = this.#controlView.getUint32(controlLayout.followGeneration, true) + 1;
    for (const bit of added) this.#controlView.setUint32(controlLayout.followSince + 4 * bit, generation, true);
    this.#controlView.setUint32(controlLayout.followGeneration, generation, true);
  }

  /** Counts since the sensor was loaded, of what bounds refused and of answers that could not be given. */
  counts(): Readonly<Record<'scratchRefused' | 'pathUnstable' | 'processLate' | 'processRefused', bigint>> {
    const read = (offset: number) => this.#controlView.getBigUint64(offset, true);
    return {
      scratchRefused: read(controlLayout.scratchRefused),
      pathUnstable: read(controlLayout.pathUnstable),
      processLate: read(controlLayout.processLate),
      processRefused: read(controlLayout.processRefused),
    };
  }

  /** The highest number given out so far, by ring and CPU. */
  sequences(visit: (ringNumber: number, cpu: number, sequence: bigint) => void): void {
    for (let ringNumber = 0; ringNumber < ring.count; ringNumber += 1) {
      for (let cpu = 0; cpu < this.constants.cpus; cpu += 1) {
        const state = (ringNumber * this.constants.cpus + cpu) * ringStateLayout.bytes;
        visit(ringNumber, cpu, this.#statesView.getBigUint64(state + ringStateLayout.sequence, true));
      }
    }
  }

  /** Calls fentry-like programs were skipped for, because the same program ran on that CPU; they are losses. */
  skipped(): bigint {
    return PROGRAMS.reduce((sum, name) => sum + (this.#object.program(name).info().recursionMisses ?? 0n), 0n);
  }

  /** Runs the task iterator: one exec record for each process that is older than the sensor. */
  seed(accept: (bytes: Uint8Array, offset: number, length: number) => void): void {
    using link = this.#object.program('rf_seed').attachIterator();
    let rest: Uint8Array = new Uint8Array();
    for (const chunk of readIterator(link)) {
      const bytes = Buffer.concat([rest, chunk]);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      let at = 0;
      while (bytes.length - at >= RECORD_HEAD_BYTES) {
        const length = view.getUint32(at, true);
        assert(length >= RECORD_HEAD_BYTES && length <= bound.recordMax, `the iterator wrote ${length} bytes`);
        if (bytes.length - at < length) break;
        accept(bytes, at, length);
        at += length;
      }
      rest = bytes.subarray(at);
    }
    assert(rest.length === 0, 'the iterator ended within a record');
  }

  /** This process, with all its threads, is not subject to policies; its children are. */
  exemptSelf(): void {
    using pidfd = openPidfd(process.pid);
    const processes = this.map('rf_processes');
    const key = u32Key(pidfd.fd);
    const state = processes.lookup(key) ?? new Uint8Array(processLayout.bytes);
    const view = new DataView(state.buffer, state.byteOffset, state.byteLength);
    view.setUint32(processLayout.flags, view.getUint32(processLayout.flags, true) | processFlag.exempt, true);
    processes.update(key, state);
  }

  /** Nothing is written any more; what is in the rings can still be read. */
  detach(): void {
    for (const link of this.#links.toReversed()) link.destroy();
  }

  /** Detaches and unloads: nothing of the kernel side remains. */
  [Symbol.dispose](): void {
    this.detach();
    this.#states[Symbol.dispose]();
    this.#control[Symbol.dispose]();
    for (const each of this.rings) each[Symbol.dispose]();
    this.#object.close();
  }

  #size({ verdictRingBytes = VERDICT_RING_BYTES, observationRingBytes = OBSERVATION_RING_BYTES }: BaseSensorOptions) {
    const { cpus } = this.constants;
    this.#object.setMaxEntries('rf_verdicts', verdictRingBytes);
    this.#object.setMaxEntries('rf_observations', observationRingBytes);
    this.#object.setMaxEntries('rf_ring_states', ring.count * cpus);
    this.#object.setMaxEntries('rf_claims', cpus);
    this.#object.setMaxEntries('rf_scratches', bound.scratchSlots * cpus);
  }
}
