/** The agent: the picture of docs/architecture.md as code. What is made here is undone in reverse. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bound } from '#abi';
import { strictly } from '#compiler';
import { ControlServer, EventBus } from '#control';
import { type Diagnostic, EnvironmentError, hasErrors } from '#diagnostics';
import { type Event, SequenceTracker } from '#events';
import { FEATURES_NEEDED, probeTarget, requireFeatures, requirePrivileges } from '#kernel';
import { parsePolicyFiles } from '#policy';
import { FollowingClock } from '#process';
import type { Publisher } from '#publish';
import {
  BaseSensor,
  detachPinned,
  lockNode,
  Pins,
  PolicyRegistry,
  PolicySensor,
  PolicyStore,
  preparePolicies,
  readHostNamespaces,
  removeOthers,
  STATE_FILE,
  writeCriticalBinaries,
} from '#sensors';
import { StartGuard } from '#start-guard';
import { readClocks, wallNs } from './clock.ts';
import { controlPorts } from './control.ts';
import { Enforcement } from './enforcement.ts';
import { tellDemoted } from './kill-budgets.ts';
import { KernelLosses, LossCounts, lossEvent } from './losses.ts';
import type { AgentOptions } from './options.ts';
import { makePipeline, makeWaiter } from './pipeline.ts';
import { Protection } from './protection.ts';
import { makeRenderers, openPublisher, type Renderers } from './publishers.ts';
import { tellDiagnostic, tellForeign, tellReady } from './tell.ts';

const TICK_MS = 250;

/** Runs until `stop` is aborted. Returns the diagnostics instead when the policies have errors: nothing was changed. */
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
  const guardImage = readObject(options.kprobes, 'guard.bpf.o');
  using _lock = lockNode(options.runDirectory);
  const guard = startGuardOf(options);
  if (!(await mayAttach(options, guard, stop))) return [];
  await using publishing = new AsyncDisposableStack();
  const renderers = makeRenderers(options);
  const publisher = await openPublisher(options, renderers);
  publishing.defer(() => publisher.close());
  const pins = options.pins === undefined ? undefined : Pins.make(options.pins);
  guard.attaching();
  using base = new BaseSensor({
    ...{ image, pins },
    ...{ verdictRingBytes: options.rings.verdict, observationRingBytes: options.rings.observation },
  });
  writeCriticalBinaries(base.map('rf_critical'), options.criticalBinaries);
  const enforcement = new Enforcement({ base, guard, detect: options.detect, log: options.log });
  const statePath = join(options.runDirectory, STATE_FILE);
  using sensor = new PolicySensor({ base, target, hostNamespaces, runtime, statePath });
  const result = await run({ options, guardImage, base, sensor, enforcement, publisher, renderers }, stop);
  guard.stopped();
  return result;
}

type Parts = {
  readonly options: AgentOptions;
  readonly guardImage: Uint8Array;
  readonly base: BaseSensor;
  readonly sensor: PolicySensor;
  readonly enforcement: Enforcement;
  readonly publisher: Publisher;
  readonly renderers: Renderers;
};

async function run(parts: Parts, stop: AbortSignal) {
  const { options, base, sensor, enforcement, publisher, renderers } = parts;
  const { nodeName, log } = options;
  const bus = new EventBus();
  const losses = new LossCounts();
  const publish = (event: Event): void => {
    losses.count(event);
    publisher.publish(event);
    bus.publish(event);
  };
  const sequences = new SequenceTracker({ begin: base.adopted ? 'first' : 'one' });
  const clock = new FollowingClock(readClocks);
  const pipeline = makePipeline({ nodeName, base, sensor, sequences, clock, sink: publish });
  using waiter = makeWaiter(log, base, pipeline);
  base.seed((bytes, offset, length) => pipeline.accept(bytes, offset, length));
  base.exemptSelf();
  waiter.start();
  using protection = protectionOf(parts, publish);
  const kernelLosses = new KernelLosses({ nodeName, base, sensor, publish });
  const registry = new PolicyRegistry({ loaded: sensor, store: await storeOf(options), strict: options.strict });
  const startedNs = process.hrtime.bigint();
  const started = await registry.start(options.policies);
  const attachedMs = Number(process.hrtime.bigint() - startedNs) / 1e6;
  const refused = hasErrors(started.diagnostics) && started.policies.length === 0;
  if (refused && options.policies.length > 0) return started.diagnostics;
  removeOlder({ options, base, publish });
  const ports = controlPorts({ options, base, registry, enforcement, renderers, bus, losses });
  await using listening = new AsyncDisposableStack();
  const server = await ControlServer.listen({ path: options.controlSocket, ports });
  listening.defer(() => server.close());
  tellReady(options, started, attachedMs);
  const numbersGiven = () =>
    base.sequences((ringNumber, cpu, sequence) => sequences.reached(ringNumber, cpu, Number(sequence)));
  await untilAborted(stop, () => {
    clock.follow();
    numbersGiven();
    pipeline.tick(process.hrtime.bigint());
    kernelLosses.tell();
    tellDemoted({ nodeName, sensor, clock, publish, log });
    enforcement.check();
    protection.tick();
    sensor.settle(performance.now());
  });
  await listening.disposeAsync();
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

function protectionOf({ options, guardImage, base, sensor }: Parts, publish: (event: Event) => void): Protection {
  const { nodeName, selfProtection, pins: root } = options;
  const level = selfProtection === 'off' ? undefined : selfProtection;
  return new Protection({ nodeName, level, image: guardImage, root, base, sensor, publish });
}

function startGuardOf({ stateDirectory, runDirectory, startGuardMs, log }: AgentOptions): StartGuard {
  return new StartGuard({
    ...{ stateDirectory, runDirectory, guardMs: startGuardMs },
    onProblem: (problem) => tellDiagnostic(log, problem),
  });
}

/** While somebody has switched everything off, nothing is attached, and what was is taken away. False: to stop. */
async function mayAttach({ log, pins, runDirectory }: AgentOptions, guard: StartGuard, stop: AbortSignal) {
  if (guard.decision.enforcement !== 'off') return true;
  if (pins !== undefined) detachPinned({ pins, run: runDirectory });
  log('warn', { reason: guard.decision.reason }, 'switched off: nothing is attached');
  while (!stop.aborted && guard.decision.enforcement === 'off') {
    await sleep(TICK_MS, undefined, { signal: stop }).catch(() => undefined);
    guard.check();
  }
  return !stop.aborted;
}

/** What agents of other versions left goes, now that this one enforces. */
function removeOlder({
  options,
  base,
  publish,
}: Pick<Parts, 'options' | 'base'> & { publish: (event: Event) => void }) {
  const { pins: root, nodeName, log } = options;
  if (root === undefined || base.layout === undefined) return;
  const pins = new Pins(root);
  for (const { layout, records } of removeOthers(pins, base.layout)) {
    const now = wallNs();
    log('info', { layout, unread: records }, 'replaced what another version left in the kernel');
    if (records > 0) publish(lossEvent(nodeName, { stage: 'upgrade', count: records, fromNs: now, toNs: now }));
  }
  tellForeign(log, pins.foreign);
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
