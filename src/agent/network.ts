/** The network beside us, for the status: looked at when somebody asks, and not again for a while. */
import { type InspectOptions, inspectNetwork, type NetworkReport } from '#network';

/** A look takes milliseconds, which records wait for: hundreds of interfaces and cgroups are asked one by one. */
const KEEP_MS = 30_000;

export class NetworkWatch {
  readonly #options: InspectOptions;
  readonly #inspect: typeof inspectNetwork;
  readonly #now: () => number;
  #last: { readonly report: NetworkReport; readonly atMs: number } | undefined;

  constructor(options: InspectOptions, inspect = inspectNetwork, now = () => performance.now()) {
    this.#options = options;
    this.#inspect = inspect;
    this.#now = now;
  }

  get report(): NetworkReport {
    const atMs = this.#now();
    if (this.#last === undefined || atMs - this.#last.atMs >= KEEP_MS) {
      this.#last = { report: this.#inspect(this.#options), atMs };
    }
    return this.#last.report;
  }
}
