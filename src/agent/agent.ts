/** The agent: the picture of docs/architecture.md as code. What is made here is undone in reverse. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bound } from '#abi';
import type { Target } from '#bpf';
import { type HostNamespaces, strictly } from '#compiler';
import { ControlServer, EventBus } from '#control';
import { type Diagnostic, EnvironmentError, hasErrors } from '#diagnostics';
import { type Event, SequenceTracker } from '#events';
import { FEATURES_NEEDED, probeTarget, requireFeatures, requirePrivileges } from '#kernel';
import type { MetricsServer } from '#metrics';
import { type ParseResult, parsePolicyFiles } from '#policy';
import { FollowingClock } from '#process';
import { fanOut, type Publisher } from '#publish';
import {
  BaseSensor,
  detachPinned,
  lockNode,
  Pins,
  PolicyRegistry,
  PolicySensor,
  PolicyStore,
  type Prepared,
  preparePolicies,
  readHostNamespaces,
  stateFileOf,
  writeCriticalBinaries,
} from '#sensors';
import { StartGuard } from '#start-guard';
import type { Hierarchy } from '#workloads';
import { readClocks } from './clock.ts';
import { Cluster } from './cluster.ts';
import { Containers, findHierarchy } from './containers.ts';
import { controlPorts, switchedOffPorts } from './control.ts';
import { Enforcement } from './enforcement.ts';
import { tellDemoted } from './kill-budgets.ts';
import { KernelLosses, LossCounts } from './losses.ts';
import { EventCounts, numbersOf, numbersSwitchedOff, openMetrics } from './metrics.ts';
import { Older, type OlderPorts } from './older.ts';
import type { AgentOptions } from './options.ts';
import { OwnNode } from './own-node.ts';
import { makePipeline, makeWaiter } from './pipeline.ts';
import { Protection } from './protection.ts';
import { makeRenderers, openSinks, type Renderers, type Sink } from './publishers.ts';
import { tellDiagnostic, tellReady } from './tell.ts';

const TICK_MS = 250;

/** Runs until `stop` is aborted. Returns the diagnostics instead when the policies have errors: nothing was changed. */
export async function runAgent(options: AgentOptions, stop: AbortSignal): Promise<readonly Diagnostic[]> {
  const parsed = parsePolicyFiles(options.policies);
  const { policies, diagnostics } = parsed;
  if (hasErrors(diagnostics)) return diagnostics;
  requirePrivileges();
  const target = probeTarget();
  requireFeatures(target, FEATURES_NEEDED);
  const hostNamespaces = readHostNamespaces();
  const prepared = preparePolicies(policies, { target, hostNamespaces, nodeRoot: options.nodeRoot });
  const found = options.strict ? strictly(prepared.diagnostics) : prepared.diagnostics;
  if (hasErrors(found)) return [...diagnostics, ...found];

  const objects = {
    runtime: readObject(options.kprobes, 'runtime.bpf.o'),
    base: readObject(options.kprobes, 'base.bpf.o'),
    guard: readObject(options.kprobes, 'guard.bpf.o'),
  };
  using _lock = lockNode(options.runDirectory);
  const guard = startGuardOf(options);
  await using publishing = new AsyncDisposableStack();
  const renderers = makeRenderers(options);
  const sinks = await openSinks(options, renderers);
  const publisher = fanOut(sinks.map((sink) => sink.publisher));
  publishing.defer(() => publisher.close());
  const metrics = publishing.use(await openMetrics(options));
  let refused: readonly Diagnostic[] = [];
  while (refused.length === 0 && (await mayAttach({ options, guard, renderers, sinks, metrics }, stop))) {
    refused = await attached(
      { options, target, hostNamespaces, parsed, prepared, objects, guard, publisher, renderers, sinks, metrics },
      stop,
    );
  }
  guard.stopped();
  return refused;
}

type Ready = {
  readonly options: AgentOptions;
  readonly target: Target;
  readonly hostNamespaces: HostNamespaces;
  readonly parsed: ParseResult;
  readonly prepared: Prepared;
  readonly objects: Readonly<Record<'runtime' | 'base' | 'guard', Uint8Array>>;
  readonly guard: StartGuard;
  readonly publisher: Publisher;
  readonly renderers: Renderers;
  readonly sinks: readonly Sink[];
  readonly metrics: MetricsServer | undefined;
};

/** From the first program that is attached until the agent is to stop, or somebody switches everything off. */
async function attached(ready: Ready, stop: AbortSignal): Promise<readonly Diagnostic[]> {
  const { options, target, hostNamespaces, prepared, objects, guard } = ready;
  const pins = options.pins === undefined ? undefined : Pins.make(options.pins);
  guard.attaching();
  const hierarchy = findHierarchy(options);
  using base = new BaseSensor({
    ...{ image: objects.base, pins },
    ...(hierarchy === undefined ? {} : { hierarchy: hierarchy.controller ?? 'unified' }),
    ...{ verdictRingBytes: options.rings.verdict, observationRingBytes: options.rings.observation },
  });
  writeCriticalBinaries(base.map('rf_critical'), options.criticalBinaries);
  const enforcement = new Enforcement({ base, guard, detect: options.detect, log: options.log });
  const statePath = base.layout === undefined ? undefined : stateFileOf(options.runDirectory, base.layout.name);
  using sensor = new PolicySensor({
    ...{ base, target, hostNamespaces, statePath, nodeRoot: options.nodeRoot },
    ...{ runtime: objects.runtime, earlier: prepared },
  });
  return await run({ ...ready, hierarchy, base, sensor, enforcement }, stop);
}

type Parts = Ready & {
  readonly hierarchy: Hierarchy | undefined;
  readonly base: BaseSensor;
  readonly sensor: PolicySensor;
  readonly enforcement: Enforcement;
};

async function run(parts: Parts, stop: AbortSignal) {
  const { options, hierarchy, base, sensor, enforcement, publisher, renderers, sinks, metrics } = parts;
  const { nodeName, log } = options;
  const bus = new EventBus();
  const losses = new LossCounts();
  const events = new EventCounts();
  const publish = (event: Event): void => {
    losses.count(event);
    events.count(event);
    publisher.publish(event);
    bus.publish(event);
  };
  await using listening = new AsyncDisposableStack();
  const onKnown = (pendingMs: number, container: { readonly announced: boolean }) =>
    metrics?.pendingGap.observe(pendingMs / 1000, container);
  const containers = await Containers.open({ options, hierarchy, base, sensor, onKnown });
  listening.use(containers);
  const workloads = containers?.find;
  const sequences = new SequenceTracker({ begin: base.adopted ? 'first' : 'one' });
  const clock = new FollowingClock(readClocks);
  const pipeline = makePipeline({ nodeName, base, sensor, sequences, clock, workloads, sink: publish });
  using waiter = makeWaiter(log, base, pipeline);
  base.seed((bytes, offset, length) => pipeline.accept(bytes, offset, length));
  base.exemptSelf();
  waiter.start();
  using protection = protectionOf(parts, publish);
  const kernelLosses = new KernelLosses({ nodeName, base, sensor, publish });
  const node = OwnNode.of(options);
  const { strict } = options;
  const registry = new PolicyRegistry({ loaded: sensor, store: await storeOf(options), strict, node: node.facts });
  const startedNs = process.hrtime.bigint();
  const started = await registry.start(options.policies, parts.parsed);
  const attachedMs = Number(process.hrtime.bigint() - startedNs) / 1e6;
  const refused = hasErrors(started.diagnostics) && started.policies.length === 0;
  if (refused && options.policies.length > 0) return started.diagnostics;
  let cluster: Cluster | undefined;
  const { problems } = started;
  const isHeard = () => options.cluster === undefined || cluster?.isHeard === true;
  using older = olderOf(parts, { list: () => registry.list(), problems, isHeard, publish });
  cluster = listening.use(await Cluster.open({ options, registry, enforcement, containers, older, node }));
  const ports = controlPorts({
    ...{ options, base, registry, enforcement, renderers, bus, losses, containers, cluster, older },
  });
  const server = await ControlServer.listen({ path: options.controlSocket, ports });
  listening.defer(() => server.close());
  const measured = { options, base, sensor, registry, enforcement, pipeline, events, losses, sinks };
  metrics?.show(() => numbersOf({ ...measured, containers, cluster, server }));
  listening.defer(() => metrics?.show(undefined));
  tellReady(options, started, attachedMs);
  const numbersGiven = () =>
    base.sequences((ringNumber, cpu, sequence) => sequences.reached(ringNumber, cpu, Number(sequence)));
  const switchedOff = new AbortController();
  await untilAborted(AbortSignal.any([stop, switchedOff.signal]), () => {
    clock.follow();
    numbersGiven();
    pipeline.tick(process.hrtime.bigint());
    kernelLosses.tick(performance.now());
    tellDemoted({ nodeName, sensor, clock, publish, log });
    enforcement.check();
    if (enforcement.isOff) switchedOff.abort();
    protection.tick();
    containers?.tick(performance.now());
    cluster?.tick(performance.now());
    older.tick(performance.now());
    sensor.settle(performance.now());
  });
  await listening.disposeAsync();
  await registry.settled();
  kernelLosses.tell(); // those of programs that are not pinned end with them
  sensor[Symbol.dispose]();
  base.detach();
  waiter.stop();
  waiter.drainNow(Number.POSITIVE_INFINITY);
  numbersGiven();
  pipeline.finish(process.hrtime.bigint());
  log('info', { ...pipeline.counts, ...base.counts(), ...publisher.losses }, 'stopped');
  return [];
}

function protectionOf({ options, objects, base, sensor }: Parts, publish: (event: Event) => void): Protection {
  const { nodeName, selfProtection, pins: root } = options;
  const level = selfProtection === 'off' ? undefined : selfProtection;
  return new Protection({ nodeName, level, image: objects.guard, root, base, sensor, publish });
}

function startGuardOf({ stateDirectory, runDirectory, startGuardMs, log }: AgentOptions): StartGuard {
  return new StartGuard({
    ...{ stateDirectory, runDirectory, guardMs: startGuardMs },
    onProblem: (problem) => tellDiagnostic(log, problem),
  });
}

/** While somebody has switched everything off, nothing is attached, and what was is taken away. False: to stop. */
async function mayAttach(
  { options, guard, renderers, sinks, metrics }: Pick<Ready, 'options' | 'guard' | 'renderers' | 'sinks' | 'metrics'>,
  stop: AbortSignal,
) {
  const { log, pins, runDirectory, controlSocket } = options;
  if (stop.aborted || guard.decision.enforcement !== 'off') return !stop.aborted;
  if (pins !== undefined) detachPinned({ pins, run: runDirectory });
  log('warn', { reason: guard.decision.reason }, 'switched off: nothing is attached');
  const server = await ControlServer.listen({
    path: controlSocket,
    ports: switchedOffPorts({ options, guard, renderers }),
  });
  metrics?.show(() => numbersSwitchedOff(options, sinks, server));
  try {
    while (!stop.aborted && guard.decision.enforcement === 'off') {
      await sleep(TICK_MS, undefined, { signal: stop }).catch(() => undefined);
      guard.check();
    }
  } finally {
    metrics?.show(undefined);
    await server.close();
  }
  if (!stop.aborted) log('warn', { reason: guard.decision.reason }, 'switched on again');
  return !stop.aborted;
}

function olderOf(
  { options, base }: Pick<Parts, 'options' | 'base'>,
  ports: Pick<OlderPorts, 'list' | 'problems' | 'isHeard' | 'publish'>,
): Older {
  const { nodeName, pins, runDirectory, detect, log } = options;
  const place = { nodeName, pins, runDirectory, own: base.layout?.name };
  return new Older({ ...place, ...ports, detect, log }, performance.now());
}

async function untilAborted(stop: AbortSignal, tick: () => void): Promise<void> {
  while (!stop.aborted) {
    tick();
    await sleep(TICK_MS, undefined, { signal: stop }).catch(() => undefined);
  }
}

async function storeOf({ stateDirectory }: AgentOptions): Promise<PolicyStore> {
  return await PolicyStore.open({ directory: join(stateDirectory, 'policies'), policyMax: bound.policyMax });
}

function readObject(directory: string, name: string): Uint8Array {
  const path = join(directory, name);
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new EnvironmentError('RF3101', { path }, { cause });
  }
}
