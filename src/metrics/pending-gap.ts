/** How long containers stay pending: the one metric that is observed as it happens, once for each container. */
import Histogram from '@prometheus-io/client/lib/histogram.js';
import Registry from '@prometheus-io/client/lib/registry.js';

export const gap = {
  name: 'ringfence_container_pending_seconds',
  help: 'From when the cgroup of a container was seen until policies could select it. announced: its runtime waited for that before it started, so that nothing of it ran meanwhile.',
  labels: ['announced'],
  /** Seconds. A cgroup that a hook announces takes one, an API server that is slow the last. */
  buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
} as const;

export class PendingGap {
  readonly registry = new Registry();
  readonly #histogram: Histogram<'announced'>;

  constructor() {
    const { name, help, labels, buckets } = gap;
    this.#histogram = new Histogram({
      ...{ name, help, labelNames: [...labels], buckets: [...buckets] },
      registers: [this.registry],
    });
    for (const announced of ['true', 'false']) this.#histogram.zero({ announced });
  }

  observe(seconds: number, { announced }: { readonly announced: boolean }): void {
    this.#histogram.observe({ announced: String(announced) }, seconds);
  }
}
