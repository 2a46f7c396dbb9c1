/**
 * Writes what became of the policies on this node. What changed is written soon, at a moment of its own so that 5,000
 * nodes do not write in the same one; numbers alone, seldom; and never twice within a few seconds.
 */
import { statusApiVersion } from '#crd';
import type { EnvironmentError } from '#diagnostics';
import type { ApiClient } from './api-client.ts';
import { explained } from './api-error.ts';
import { Backoff } from './backoff.ts';
import { essenceOf, type NodeReport } from './node-report.ts';
import { pause } from './pause.ts';

export type StatusTimes = {
  /** From a change to the write: by chance, up to this. */
  readonly spreadMs: number;
  /** Between two writes. */
  readonly apartMs: number;
  /** Between two writes of numbers only. */
  readonly numbersMs: number;
};

export type StatusWriterOptions = {
  readonly client: ApiClient;
  readonly nodeName: string;
  /** Of the Node object: with it the report goes. Undefined while it is not known. */
  readonly nodeUid: () => string | undefined;
  readonly read: () => NodeReport;
  readonly onError: (error: EnvironmentError) => void;
  readonly times?: Partial<StatusTimes>;
};

const TIMES: StatusTimes = { spreadMs: 10_000, apartMs: 10_000, numbersMs: 600_000 };
const RETRY_MS = { first: 5_000, max: 60_000 };
const FIELD_MANAGER = 'ringfence-agent';
const KIND = 'NodePolicyStatus';
const RESOURCE = 'nodepolicystatuses.ringfence.io';
const PATH = `/apis/${statusApiVersion}/nodepolicystatuses`;

/** What was written last. */
type Written = { readonly essence: string; readonly whole: string };

export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #times: StatusTimes;
  readonly #retry = new Backoff(RETRY_MS);
  #change = Promise.withResolvers<void>();
  #written: Written | undefined;
  #writes = 0;

  constructor(options: StatusWriterOptions) {
    this.#options = options;
    this.#times = { ...TIMES, ...options.times };
  }

  get writes(): number {
    return this.#writes;
  }

  /** Something may be different now. */
  changed(): void {
    this.#change.resolve();
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const changed = await this.#nextMoment(signal);
      if (signal.aborted) return;
      const report = this.#options.read();
      const now = { essence: essenceOf(report), whole: JSON.stringify(report) };
      const same = changed ? now.essence === this.#written?.essence : now.whole === this.#written?.whole;
      if (!same) await this.#write(report, now, signal);
    }
  }

  /** True when something changed, false when it is time to look at the numbers. */
  async #nextMoment(signal: AbortSignal): Promise<boolean> {
    const { spreadMs, numbersMs } = this.#times;
    const early = new AbortController();
    const numbers = pause(numbersMs * (0.9 + Math.random() / 5), AbortSignal.any([signal, early.signal]));
    const changed = await Promise.race([this.#change.promise.then(() => true), numbers.then(() => false)]);
    early.abort();
    if (!changed) return false;
    await pause(spreadMs * Math.random(), signal);
    this.#change = Promise.withResolvers(); // what comes from here on, `read` may not have seen
    return true;
  }

  async #write(report: NodeReport, written: Written, signal: AbortSignal): Promise<void> {
    const { client, nodeName, onError } = this.#options;
    const query = `fieldManager=${FIELD_MANAGER}&force=true`;
    try {
      await client.send({
        method: 'PATCH',
        path: `${PATH}/${encodeURIComponent(nodeName)}?${query}`,
        contentType: 'application/apply-patch+yaml',
        body: this.#object(report),
        signal,
      });
      this.#writes += 1;
      this.#written = written;
      this.#retry.reset();
      await pause(this.#times.apartMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      onError(explained(error, { server: client.server, verb: 'patch', resource: RESOURCE }));
      this.changed(); // it is still to be written
      await pause(this.#retry.nextMs(), signal);
    }
  }

  #object(report: NodeReport): object {
    const { nodeName, nodeUid } = this.#options;
    const uid = nodeUid();
    const owner = { apiVersion: 'v1', kind: 'Node', name: nodeName, uid };
    return {
      apiVersion: statusApiVersion,
      kind: KIND,
      metadata: { name: nodeName, ...(uid === undefined ? {} : { ownerReferences: [owner] }) },
      status: { ...report, reported: new Date().toISOString() },
    };
  }
}
