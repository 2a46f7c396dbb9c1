/** The kernel side of the test: sensors with policies, the observer before them, and the calls. */
import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Event, EventPipeline, isPolicyEvent, type PolicyEvent, SequenceTracker } from '#events';
import { probeTarget } from '#kernel';
import type { Namespaces } from '#policy';
import { bootClock, ProcessTable } from '#process';
import { BaseSensor, type Installed, PolicySensor, readHostNamespaces } from '#sensors';
import { assert } from '#std';
import { repository } from '../kernel/harness/index.ts';
import { type Answer, Caller } from './caller.ts';
import type { Call, Who } from './calls.ts';
import type { Ancestry } from './judge.ts';
import { Observer, type Sighting } from './observer.ts';
import { Places } from './places.ts';
import type { RandomPolicy } from './policies.ts';
import type { CallScene } from './scene.ts';

export type Played = {
  readonly call: Call;
  readonly who: Who;
  readonly answer: Answer;
  readonly sightings: readonly Sighting[];
  readonly events: readonly PolicyEvent[];
};

export type Plan = readonly { readonly call: Call; readonly who: Who }[];

const nodeName = 'differential';

type Parts = {
  readonly base: BaseSensor;
  readonly sensor: PolicySensor;
  readonly caller: Caller;
  readonly observer: Observer;
  readonly scene: CallScene;
  readonly opened: AsyncDisposableStack;
};

export class Stage {
  readonly caller: Caller;
  readonly places: Places;
  readonly ancestry: Ancestry;
  readonly hostNamespaces: Namespaces;
  readonly #base: BaseSensor;
  readonly #sensor: PolicySensor;
  readonly #observer: Observer;
  readonly #pipeline: EventPipeline;
  readonly #opened: AsyncDisposableStack;
  #events: Event[] = [];

  private constructor({ base, sensor, caller, observer, scene, opened }: Parts) {
    const { pid, keeper } = caller.greeting;
    this.caller = caller;
    this.places = new Places(scene.root, ['self', keeper]);
    this.ancestry = ancestryOf(pid);
    this.hostNamespaces = namespacesOfHost();
    this.#base = base;
    this.#sensor = sensor;
    this.#observer = observer;
    this.#opened = opened;
    const sequences = new SequenceTracker({ begin: 'one' });
    const clock = bootClock(0n);
    this.#pipeline = new EventPipeline({
      ...{ nodeName, clock, sequences, processes: new ProcessTable({ nodeName, clock }) },
      source: { bootId: 'boot', ringIncarnations: ['verdict', 'observation'], takenOverNs: 0n },
      policies: (slot, incarnation, hook) => sensor.directory.find(slot, incarnation, hook),
      sink: (event) => void this.#events.push(event),
    });
    base.seed((bytes, offset, length) => this.#pipeline.accept(bytes, offset, length));
  }

  static async open(scene: CallScene): Promise<Stage> {
    const object = (name: string) => readFileSync(join(repository, 'kprobes/build', name));
    await using opened = new AsyncDisposableStack();
    const base = opened.use(new BaseSensor({ image: object('base.bpf.o') }));
    const hostNamespaces = readHostNamespaces();
    const runtime = object('runtime.bpf.o');
    const sensor = opened.use(new PolicySensor({ base, target: probeTarget(), hostNamespaces, runtime }));
    const [program = ''] = scene.binaries;
    const caller = await Caller.start(program);
    opened.defer(() => caller.stop());
    const { Uts, userUts } = caller.greeting;
    const observer = opened.use(new Observer([Uts, userUts]));
    return new Stage({ base, sensor, caller, observer, scene, opened: opened.move() });
  }

  install(policies: readonly RandomPolicy[]): Installed {
    const prepared = this.#sensor.prepare(policies.map(({ policy }) => policy));
    return this.#sensor.install(prepared);
  }

  /** How the calls end while there is no policy. */
  control(plan: Plan): Promise<readonly Answer[]> {
    return this.caller.run(plan.map(({ who }) => who.line));
  }

  async play(calls: Plan): Promise<readonly Played[]> {
    this.#drain();
    this.#events = [];
    this.#observer.forget();
    this.#observer.attach();
    const answers = await this.caller.run(calls.map(({ who }) => who.line));
    const sightings = Map.groupBy(this.#observer.detach(), ({ pid }) => pid);
    this.#drain();
    const events = Map.groupBy(this.#events.filter(isPolicyEvent), ({ process }) => process.key.pid);
    this.#checkLosses();
    return calls.map(({ call, who }, index) => {
      const answer = answers[index];
      assert(answer !== undefined && answer.status === 0, `the call is made: ${call.name}`);
      return { call, who, answer, sightings: sightings.get(who.pid) ?? [], events: events.get(who.pid) ?? [] };
    });
  }

  #drain(): void {
    for (const ring of this.#base.rings) {
      ring.drain((bytes, offset, length) => this.#pipeline.accept(bytes, offset, length), 1_000_000);
    }
  }

  /** An event that is missing because it was lost would be no finding. */
  #checkLosses(): void {
    const { malformed, unknownPolicy } = this.#pipeline.counts;
    assert(malformed === 0 && unknownPolicy === 0, `records are known: ${this.#pipeline.lastMalformed}`);
    const losses = this.#events.filter(({ kind }) => kind === 'loss');
    assert(losses.length === 0 && this.#base.counts().scratchRefused === 0n, 'nothing is lost');
  }

  close(): Promise<void> {
    return this.#opened.disposeAsync();
  }
}

/** The processes that `pid` descends from, itself included, as /proc has them. */
function ancestryOf(pid: number): Ancestry {
  const binaries: string[] = [];
  const pids: number[] = [];
  for (let each = pid; each > 0; each = parentOf(each)) {
    pids.push(each);
    binaries.push(readlinkSync(`/proc/${each}/exe`));
  }
  return { binaries, pids };
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
}

function namespacesOfHost(): Namespaces {
  const { uts, ipc, mnt, pid, pidForChildren, net, time, timeForChildren, cgroup, user } = readHostNamespaces();
  const inode = (number: number | undefined) => number ?? 0;
  return {
    ...{ Uts: inode(uts), Ipc: inode(ipc), Mnt: inode(mnt), Pid: inode(pid), Net: inode(net), Time: inode(time) },
    ...{ PidForChildren: inode(pidForChildren), TimeForChildren: inode(timeForChildren) },
    ...{ Cgroup: inode(cgroup), User: inode(user) },
  };
}
