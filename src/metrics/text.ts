/** All metrics in the text form of Prometheus. */
import Counter from '@prometheus-io/client/lib/counter.js';
import Gauge from '@prometheus-io/client/lib/gauge.js';
import Registry from '@prometheus-io/client/lib/registry.js';
import { families } from './families.ts';
import type { Family } from './family.ts';
import type { AgentNumbers } from './numbers.ts';
import type { PendingGap } from './pending-gap.ts';

export const CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** What the library keeps is made anew each time: what is gone, a policy or a hook, leaves no series behind. */
export async function metricsText(numbers: AgentNumbers, pendingGap: PendingGap): Promise<string> {
  const registry = new Registry();
  for (const family of families.flatMap(([, each]) => each)) fill(registry, family, numbers);
  return `${await registry.metrics()}\n${await pendingGap.registry.metrics()}`;
}

function fill(registry: InstanceType<typeof Registry>, family: Family, numbers: AgentNumbers): void {
  const { name, type, help, labels, read } = family;
  const declared = { name, help, labelNames: [...labels], registers: [registry] };
  const samples = read(numbers);
  if (samples.length === 0) return; // the library would have a zero for it
  if (type === 'gauge') {
    const gauge = new Gauge(declared);
    for (const { labels: of, value } of samples) gauge.set(of, value);
  } else {
    const counter = new Counter(declared);
    for (const { labels: of, value } of samples) counter.inc(of, value);
  }
}
