/**
 * The base sensor: exec, fork and exit, the processes that were there before, and the maps that all other sensors
 * share. It owns the maps; policies are loaded beside it. With pins it goes on without the agent, and the next agent
 * takes it over: the maps as they are, each program where it is the same, else by one that is attached before the old
 * one is let go.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { bound, controlLayout, mode, processFlag, processLayout, ring, ringStateLayout } from '#abi';
import { EnvironmentError } from '#diagnostics';
import {
  type BpfMap,
  BpfObject,
  Link,
  type MappedMemory,
  openPidfd,
  pinsIn,
  programInfoById,
  programMapIds,
  RingBuffer,
  readIterator,
  u32Key,
  unpin,
} from '#kernel';
import { assert, known } from '#std';
import { type Constants, type Hierarchy, readConstants, writeConstants } from './constants.ts';
import { layoutName, type PinnedLayout, type Pins, repin } from './pins.ts';
import { type WatchedPin, watched } from './watchdog.ts';

export type BaseSensorOptions = {
  /** kprobes/build/base.bpf.o */
  readonly image: Uint8Array;
  /** Bytes of each ring, a power of two. */
  readonly verdictRingBytes?: number;
  readonly observationRingBytes?: number;
  /** Whose cgroups tell workloads apart; unless said, the unified one. #workloads knows which runtimes use. */
  readonly hierarchy?: Hierarchy;
  /** Without them all ends with this process. */
  readonly pins?: Pins | undefined;
};

/** Verdicts are few and must not be lost; a fork bomb of observations may be, and is counted. */
const VERDICT_RING_BYTES = 2 * 1024 * 1024;
const OBSERVATION_RING_BYTES = 4 * 1024 * 1024;

export type BaseCount =
  | 'scratchRefused'
  | 'pathUnstable'
  | 'processLate'
  | 'processRefused'
  /** Calls that a workload selector was asked of in a cgroup whose container is not known yet, or that is unreadable. */
  | 'workloadPending'
  | 'workloadUnreadable'
  /** Programs that were not executed there. */
  | 'execHeld';

/** State first, so that nothing that a record tells of is missing from it. */
const PROGRAMS = ['rf_task_alloc', 'rf_exec_begin', 'rf_exec', 'rf_fork', 'rf_exit'] as const;

const RECORD_HEAD_BYTES = 8;

export class BaseSensor {
  readonly constants: Constants;
  readonly rings: readonly [verdict: RingBuffer, observation: RingBuffer];
  /** Where it is pinned. */
  readonly layout: PinnedLayout | undefined;
  /** The maps were there, with what an earlier agent left in them. */
  readonly adopted: boolean;
  readonly #object: BpfObject;
  readonly #links: readonly Link[];
  readonly #control: MappedMemory;
  readonly #controlView: DataView;
  readonly #states: MappedMemory;
  readonly #statesView: DataView;

  /** Opens, loads and attaches; on any error nothing stays attached. */
  constructor(options: BaseSensorOptions) {
    using undo = new DisposableStack();
    this.constants = readConstants(options.hierarchy);
    this.#object = undo.use(BpfObject.open(options.image, { name: 'ringfence' }));
    this.#size(options);
    writeConstants(this.#object, options.image, { ...this.constants, epoch: 0 });
    this.layout = options.pins?.layout(layoutName(this.#object.declaredMaps()));
    this.adopted = this.layout?.exists === true;
    if (this.layout !== undefined && this.adopted) this.#reuseMaps(this.layout);
    this.#object.load();
    this.rings = [
      undo.use(RingBuffer.open(this.map('rf_verdicts'))),
      undo.use(RingBuffer.open(this.map('rf_observations'))),
    ];
    this.#control = undo.use(this.map('rf_control').mapMemory({ writable: true }));
    this.#controlView = new DataView(this.#control.buffer);
    this.#states = undo.use(this.map('rf_ring_states').mapMemory({ writable: false }));
    this.#statesView = new DataView(this.#states.buffer);
    if (!this.adopted)
      this.#controlBytes(controlLayout.ringIncarnation, 4 * ring.count).set(randomBytes(4 * ring.count));
    if (this.layout !== undefined && !this.adopted) this.layout.make(this.maps);
    this.#links = PROGRAMS.map((name) => undo.use(this.#attach(name)));
    if (this.layout !== undefined) dropOthers(`${this.layout.path}/base`, PROGRAMS);
    undo.move();
  }

  #reuseMaps(layout: PinnedLayout): void {
    for (const { name } of this.#object.declaredMaps()) {
      using map = layout.openMap(name);
      this.#object.reuseMap(name, map);
    }
  }

  /** The pinned link of the same program is taken as it is; any other is replaced. */
  #attach(name: string): Link {
    const program = this.#object.program(name);
    if (this.layout === undefined) return program.attach();
    const path = this.layout.basePath(name);
    using undo = new DisposableStack();
    if (existsSync(path)) {
      const pinned = undo.use(Link.openPinned(path));
      const { programId } = pinned.info();
      const used = programMapIds(programId);
      if (!this.maps.some(({ id }) => used.has(id))) {
        throw new EnvironmentError('RF3020', { path, reason: 'something else is pinned there' });
      }
      if (programInfoById(programId).tag === program.info().tag) {
        undo.move();
        return pinned;
      }
    }
    const link = undo.use(program.attach());
    repin(path, link);
    undo.move();
    return link;
  }

  map(name: string): BpfMap {
    return this.#object.map(name);
  }

  get maps(): readonly BpfMap[] {
    return this.#object.maps.filter((each) => each.name.startsWith('rf_'));
  }

  /** Random, by ring, from when the ring was made. */
  get ringIncarnations(): readonly [verdict: string, observation: string] {
    const bytes = Buffer.from(this.#controlBytes(controlLayout.ringIncarnation, 4 * ring.count));
    return [bytes.toString('hex', 0, 4), bytes.toString('hex', 4, 8)];
  }

  /** Programs of a new set are about to be attached beside others; what both see is told once. */
  beginSwap(epoch: number): void {
    this.#controlView.setUint32(controlLayout.swapping, 1, true);
    this.#controlView.setUint32(controlLayout.epoch, epoch, true);
  }

  /** To be called once no call is within the old programs any more. */
  endSwap(): void {
    this.#controlView.setUint32(controlLayout.swapping, 0, true);
  }

  /** Of the set of programs that comes next. */
  get nextEpoch(): number {
    return this.#controlView.getUint32(controlLayout.epoch, true) + 1;
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
  counts(): Readonly<Record<BaseCount, bigint>> {
    const read = (offset: number) => this.#controlView.getBigUint64(offset, true);
    return {
      scratchRefused: read(controlLayout.scratchRefused),
      pathUnstable: read(controlLayout.pathUnstable),
      processLate: read(controlLayout.processLate),
      processRefused: read(controlLayout.processRefused),
      workloadPending: read(controlLayout.workloadPending),
      workloadUnreadable: read(controlLayout.workloadUnreadable),
      execHeld: read(controlLayout.execHeld),
    };
  }

  /** What loss events have told of, by this agent or those before it; see struct rf_control. */
  get told(): { readonly scratch: bigint; readonly skipped: bigint } {
    const read = (offset: number) => this.#controlView.getBigUint64(offset, true);
    return { scratch: read(controlLayout.toldScratch), skipped: read(controlLayout.toldSkipped) };
  }

  set told({ scratch, skipped }: { readonly scratch: bigint; readonly skipped: bigint }) {
    this.#controlView.setBigUint64(controlLayout.toldScratch, scratch, true);
    this.#controlView.setBigUint64(controlLayout.toldSkipped, skipped, true);
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
    return this.#links.reduce((sum, link) => sum + (programInfoById(link.info().programId).recursionMisses ?? 0n), 0n);
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

  /** What is pinned, and how to pin it again. */
  get pinned(): readonly WatchedPin[] {
    const { layout } = this;
    if (layout === undefined) return [];
    const maps = this.maps.map((map) => watched(layout.mapPath(map.name), map));
    return [...maps, ...PROGRAMS.map((name, index) => watched(layout.basePath(name), known(this.#links[index], name)))];
  }

  /** Nothing is written any more, unless it is pinned; what is in the rings can still be read. */
  detach(): void {
    for (const link of this.#links.toReversed()) link.destroy();
  }

  /** Detaches and unloads: nothing of the kernel side remains, unless it is pinned. */
  [Symbol.dispose](): void {
    this.detach();
    this.#states[Symbol.dispose]();
    this.#control[Symbol.dispose]();
    for (const each of this.rings) each[Symbol.dispose]();
    this.#object.close();
  }

  #controlBytes(offset: number, length: number): Uint8Array {
    return new Uint8Array(this.#control.buffer, offset, length);
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

/** Programs that an earlier agent had, and this one has no more. */
function dropOthers(directory: string, names: readonly string[]): void {
  for (const { name } of pinsIn(directory)) if (!names.includes(name)) unpin(`${directory}/${name}`);
}
