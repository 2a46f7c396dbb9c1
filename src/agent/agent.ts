/** The agent: the picture of docs/architecture.md as code. What is made here is undone in reverse. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ring } from '#abi';
import { sectionOf } from '#bpf';
import { strictly, syscallName } from '#compiler';
import { type Diagnostic, EnvironmentError, hasErrors } from '#diagnostics';
import { compactRenderer, type Event, EventPipeline, JsonRenderer, SequenceTracker } from '#events';
import { FEATURES_NEEDED, probeTarget, RingWaiter, requireFeatures, requirePrivileges } from '#kernel';
import { type PolicyFile, parsePolicyFiles } from '#policy';
import { type ClockReading, FollowingClock, ProcessTable } from '#process';
import { fanOut, NatsPublisher, type Publisher, StdoutPublisher } from '#publish';
import { BaseSensor, type Installed, PolicySensor, type Prepared, preparePolicies, readHostNamespaces } from '#sensors';

export type EventKind = Event['kind'];

export type AgentOptions = {
  readonly policies: readonly PolicyFile[];
  /** On the standard output. */
  readonly output: 'json' | 'compact' | 'none';
  readonly colour: boolean;
  /** Kinds that reach the standard output; NATS gets all. Losses are always told. */
  readonly outputKinds: ReadonlySet<EventKind> | undefined;
  readonly nats: { readonly servers: readonly string[]; readonly credentialsFile?: string | undefined } | undefined;
  readonly nodeName: string;
  readonly clusterName: string;
  /** Nothing is enforced, whatever the policies say. */
  readonly detect: boolean;
  /** A policy that another thread can get around is refused. */
  readonly strict: boolean;
  /** Where runtime.bpf.o and base.bpf.o are. */
  readonly kprobes: string;
  readonly log: (level: 'info' | 'warn' | 'error', fields: Readonly<Record<string, unknown>>, message: string) => void;
};

const TICK_MS = 250;

/** Runs until `stop` is aborted. Returns the diagnostics instead when the policies have errors: nothing was loaded. */
export async function runAgent(options: AgentOptions, stop: AbortSignal): Promise<readonly Diagnostic[]> {
  const { policies, diagnostics } = parsePolicyFiles(options.policies);
  if (hasErrors(diagnostics)) return diagnostics;
  requirePrivileges();
  const target = probeTarget();
  requireFeatures(target, FEATURES_NEEDED);
  const hostNamespaces = readHostNamespaces();
  const prepared = preparePolicies(policies, { target, hostNamespaces });
  const found = options.strict ? strictly(prepared.diagnostics) : prepared.diagnostics;
  if (hasErrors(found)) return [...diagnostics, ...found];

  const runtime = readObject(options.kprobes, 'runtime.bpf.o');
  const image = readObject(options.kprobes, 'base.bpf.o');
  await using publishing = new AsyncDisposableStack();
  const publisher = await openPublisher(options);
  publishing.defer(() => publisher.close());
  using base = new BaseSensor({ image });
  if (options.detect) base.setMode('monitor');
  using sensor = new PolicySensor({ base, target, hostNamespaces, runtime });
  return await run({ options, base, sensor, publisher, prepared, diagnostics }, stop);
}

type Parts = {
  readonly options: AgentOptions;
  readonly base: BaseSensor;
  readonly sensor: PolicySensor;
  readonly publisher: Publisher;
  readonly prepared: Prepared;
  readonly diagnostics: readonly Diagnostic[];
};

async function run({ options, base, sensor, publisher, prepared, diagnostics }: Parts, stop: AbortSignal) {
  const sequences = new SequenceTracker({ begin: 'one' });
  const clock = new FollowingClock(readClocks);
  const pipeline = makePipeline({ options, sensor, publisher, sequences, clock });
  using waiter = makeWaiter(options, base, pipeline);
  base.seed((bytes, offset, length) => pipeline.accept(bytes, offset, length));
  base.exemptSelf();
  waiter.start();
  const startedNs = process.hrtime.bigint();
  const installed = sensor.install(prepared);
  const attachedMs = Number(process.hrtime.bigint() - startedNs) / 1e6;
  const all = [...diagnostics, ...installed.diagnostics];
  if (hasErrors(all) && installed.policies.length === 0) return all;
  logInstalled(options, { ...installed, diagnostics: all }, attachedMs);
  const kernelLosses = watchKernelLosses({ options, base, sensor, publisher });
  const numbersGiven = () =>
    base.sequences((ringNumber, cpu, sequence) => sequences.reached(ringNumber, cpu, Number(sequence)));
  await untilAborted(stop, () => {
    clock.follow();
    numbersGiven();
    pipeline.tick(process.hrtime.bigint());
    kernelLosses();
  });
  sensor[Symbol.dispose]();
  kernelLosses(); // those of the base sensor end with its programs
  base.detach();
  waiter.stop();
  waiter.drainNow(Number.POSITIVE_INFINITY);
  numbersGiven();
  pipeline.finish(process.hrtime.bigint());
  options.log('info', { ...pipeline.counts, ...base.counts(), ...publisher.losses }, 'stopped');
  return [];
}

/** What each hook does on this kernel, what is wrong with a policy, and that the agent is ready. */
function logInstalled({ log, detect, nodeName }: AgentOptions, installed: Installed, attachedMs: number): void {
  for (const report of installed.reports) {
    const { policy, hook, points, effect, racy, mayBeSkipped, cost } = report;
    const attached = points.map(sectionOf);
    log('info', { policy, hook: hook.name.value, attached, effect, racy, mayBeSkipped, cost }, 'attached');
  }
  for (const { code, severity, hint, span, message } of installed.diagnostics) {
    const level = severity === 'error' ? 'error' : 'warn';
    log(level, { code, hint, file: span?.file, line: span?.line }, message);
  }
  const policies = installed.policies.map((policy) => policy.name);
  log('info', { policies, mode: detect ? 'detect' : 'enforce', attachedMs, node: nodeName }, 'ready');
}

async function untilAborted(stop: AbortSignal, tick: () => void): Promise<void> {
  while (!stop.aborted) {
    tick();
    await sleep(TICK_MS, undefined, { signal: stop }).catch(() => undefined);
  }
}

/** Returns what tells of the losses since it was last called that no record can tell of. */
function watchKernelLosses({ options, base, sensor, publisher }: Omit<Parts, 'prepared' | 'diagnostics'>): () => void {
  const told = { scratch: 0n, skipped: 0n };
  let fromNs = nowNs();
  return () => {
    const toNs = nowNs();
    const totals = { scratch: base.counts().scratchRefused, skipped: base.skipped() + sensor.skipped() };
    for (const stage of ['scratch', 'skipped'] as const) {
      const count = Number(totals[stage] - told[stage]);
      const loss = { kind: 'loss', nodeName: options.nodeName, timeNs: toNs, stage, count, fromNs, toNs } as const;
      if (count > 0) publisher.publish({ ...loss, hole: undefined });
      told[stage] = totals[stage];
    }
    fromNs = toNs;
  };
}

function readClocks(): ClockReading {
  const beforeNs = process.hrtime.bigint();
  return { beforeNs, wallNs: nowNs(), afterNs: process.hrtime.bigint() };
}

function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}

type PipelineParts = Pick<Parts, 'options' | 'sensor' | 'publisher'> & {
  readonly sequences: SequenceTracker;
  readonly clock: FollowingClock;
};

function makePipeline({ options, sensor, publisher, sequences, clock }: PipelineParts): EventPipeline {
  return new EventPipeline({
    nodeName: options.nodeName,
    source: {
      bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      ringIncarnations: [randomBytes(4).toString('hex'), randomBytes(4).toString('hex')],
    },
    clock,
    processes: new ProcessTable({ nodeName: options.nodeName, clock }),
    policies: (slot, incarnation, hook) => sensor.directory.find(slot, incarnation, hook),
    sequences,
    sink: (event) => publisher.publish(event),
  });
}

/** The verdict ring comes first, and again after each batch of observations. */
function makeWaiter({ log }: AgentOptions, base: BaseSensor, pipeline: EventPipeline): RingWaiter {
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

/** Tables of system calls by the name that events have for them. */
const SYSCALL_TABLES = {
  x64: ['x86_64', 64],
  i386: ['x86_64', 32],
  arm64: ['aarch64', 64],
  arm32: ['aarch64', 32],
} as const;

function syscallNames(id: number, abi: string): string | undefined {
  const table = Object.entries(SYSCALL_TABLES).find(([name]) => name === abi)?.[1];
  return table === undefined ? undefined : syscallName(id, table[1], table[0]);
}

async function openPublisher(options: AgentOptions): Promise<Publisher> {
  const { nodeName, clusterName, nats, log, outputKinds } = options;
  const json = new JsonRenderer({ clusterName: clusterName === '' ? undefined : clusterName });
  const publishers: Publisher[] = [];
  if (nats !== undefined) {
    const name = `ringfence ${nodeName}`;
    publishers.push(
      await NatsPublisher.connect({
        clusterName: clusterName === '' ? 'default' : clusterName,
        nodeName,
        server: { ...nats, name },
        render: (event) => json.render(event),
        onStatus: (status) => log(status.kind === 'connected' ? 'info' : 'warn', status, `nats ${status.kind}`),
      }),
    );
  }
  if (options.output !== 'none') {
    const compact = compactRenderer({ colour: options.colour, syscallNames });
    const render = options.output === 'json' ? (event: Event) => json.render(event) : compact;
    const onFailure = (error: EnvironmentError) => log('error', { code: error.code, hint: error.hint }, error.message);
    publishers.push(onlyKinds(new StdoutPublisher({ nodeName, render, onFailure }), outputKinds));
  }
  return fanOut(publishers);
}

function onlyKinds(publisher: Publisher, kinds: ReadonlySet<EventKind> | undefined): Publisher {
  if (kinds === undefined) return publisher;
  return {
    publish: (event) => {
      if (event.kind === 'loss' || kinds.has(event.kind)) publisher.publish(event);
    },
    close: () => publisher.close(),
    losses: publisher.losses,
  };
}

function readObject(directory: string, name: string): Uint8Array {
  const path = join(directory, name);
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new EnvironmentError('RF3101', { path }, { cause });
  }
}
