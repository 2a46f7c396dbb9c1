/** What metrics are served of: read off all parts of the agent when somebody asks, and nothing before. */
import { release } from 'node:os';
import type { ControlServer } from '#control';
import { EnvironmentError } from '#diagnostics';
import type { Event, EventPipeline } from '#events';
import type { AgentNumbers, MetricsServer } from '#metrics';
import type { BaseSensor, PolicyRegistry, PolicySensor } from '#sensors';
import type { Cluster } from './cluster.ts';
import type { Containers } from './containers.ts';
import type { Enforcement } from './enforcement.ts';
import type { LossCounts } from './losses.ts';
import type { AgentOptions, EventKind } from './options.ts';
import type { Sink } from './publishers.ts';
import { ringsOf } from './rings.ts';
import { tellError } from './tell.ts';

/** Undefined where nobody asked for it: then nothing of it is loaded. */
export async function openMetrics({ metricsServer, log }: AgentOptions): Promise<MetricsServer | undefined> {
  if (metricsServer === undefined) return undefined;
  const { MetricsServer: Server } = await import('#metrics');
  return new Server({
    ...metricsServer,
    onError: (error) => {
      if (error instanceof EnvironmentError) tellError(log, error);
      else log('error', { error: String(error) }, 'the numbers for metrics can not be read');
    },
  });
}

/** How many events there were of each kind. */
export class EventCounts {
  readonly counts: Record<EventKind, number> = {
    ...{ exec: 0, exit: 0, lsm: 0, kprobe: 0, tracepoint: 0 },
    ...{ held: 0, tamper: 0, loss: 0, demotion: 0 },
  };

  count({ kind }: Event): void {
    this.counts[kind] += 1;
  }
}

export type MetricsParts = {
  readonly options: AgentOptions;
  readonly base: BaseSensor;
  readonly sensor: PolicySensor;
  readonly registry: PolicyRegistry;
  readonly enforcement: Enforcement;
  readonly pipeline: EventPipeline;
  readonly events: EventCounts;
  readonly losses: LossCounts;
  readonly sinks: readonly Sink[];
  readonly containers: Containers | undefined;
  readonly cluster: Cluster | undefined;
  readonly server: ControlServer;
};

export function numbersOf(parts: MetricsParts): AgentNumbers {
  const { options, base, sensor, registry, enforcement, pipeline, server } = parts;
  const { records: read, malformed, unknownPolicy } = pipeline.counts;
  const { scratchRefused, pathUnstable, processLate, processRefused } = base.counts();
  return {
    ...commonNumbers(options, parts.sinks),
    enforcement: enforcement.isOff ? 'off' : enforcement.held === undefined ? 'enforce' : 'monitor',
    policies: registry.list(),
    events: parts.events.counts,
    records: { read, malformed, unknownPolicy },
    rings: ringsOf(base),
    losses: parts.losses.list,
    kernel: {
      ...{ scratchRefused: Number(scratchRefused), pathUnstable: Number(pathUnstable) },
      ...{ processLate: Number(processLate), processRefused: Number(processRefused) },
    },
    skippedCalls: sensor.skippedBySection(),
    control: server.status,
    containers: parts.containers?.status,
    cluster: parts.cluster?.status,
  };
}

/** While somebody has switched everything off, there is little to tell, and that it is so. */
export function numbersSwitchedOff(
  options: AgentOptions,
  sinks: readonly Sink[],
  server: Pick<ControlServer, 'status'>,
): AgentNumbers {
  return {
    ...commonNumbers(options, sinks),
    ...{ enforcement: 'off', policies: [], events: {}, rings: [], losses: [], skippedCalls: new Map() },
    records: { read: 0, malformed: 0, unknownPolicy: 0 },
    kernel: { scratchRefused: 0, pathUnstable: 0, processLate: 0, processRefused: 0 },
    control: server.status,
    containers: undefined,
    cluster: undefined,
  };
}

function commonNumbers({ version }: AgentOptions, sinks: readonly Sink[]) {
  const { user, system } = process.cpuUsage();
  return {
    version,
    kernelRelease: release(),
    sinks: sinks.map(({ name, publisher, health }) => ({ name, up: health.up, ...publisher.losses })),
    process: {
      startedSeconds: Date.now() / 1000 - process.uptime(),
      cpuSeconds: (user + system) / 1e6,
      residentBytes: process.memoryUsage.rss(),
    },
  };
}
