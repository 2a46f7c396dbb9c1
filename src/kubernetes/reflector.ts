/**
 * Follows one kind of object: lists them, then watches from there on, and again when the connection breaks. Whoever is
 * told hears of everything once, in order, and after each list what there is in all.
 */
import type { ApiClient } from './api-client.ts';
import { ApiError, explained } from './api-error.ts';
import { Backoff, type BackoffRange } from './backoff.ts';
import { listOf, metadataOf, objectOf, textOf } from './json.ts';
import { pause } from './pause.ts';
import type { SourceState } from './source-state.ts';
import { watch } from './watch.ts';

export type ReflectorSink = {
  /** All that there are; the others are gone. */
  listed(objects: readonly unknown[]): void;
  put(object: unknown): void;
  deleted(object: unknown): void;
  stateChanged(state: SourceState): void;
};

export type ReflectorTimes = {
  readonly retryMs: BackoffRange;
  /** A kind that is not installed is asked for seldom: 5,000 agents do. */
  readonly absentMs: BackoffRange;
  readonly silenceMsMax: number;
  /** The server ends a watch after this time, or up to twice of it: new ones are spread over the servers. */
  readonly watchSeconds: number;
};

export type ReflectorOptions = {
  readonly client: ApiClient;
  /** Plural, for people. */
  readonly resource: string;
  readonly path: string;
  readonly fieldSelector?: string;
  /**
   * Lists are asked for in pages, as all together would be too much, and of each object only this is kept until the list
   * is complete.
   */
  readonly pages?: { readonly size: number; readonly keep: (object: unknown) => unknown };
  /** Names, labels and annotations are all that is wanted. */
  readonly metadataOnly?: boolean;
  readonly sink: ReflectorSink;
  readonly times?: Partial<ReflectorTimes>;
};

type Pages = NonNullable<ReflectorOptions['pages']>;
type Listed = { readonly objects: readonly unknown[]; readonly resourceVersion: string };

const TIMES: ReflectorTimes = {
  retryMs: { first: 500, max: 30_000 },
  absentMs: { first: 5_000, max: 120_000 },
  silenceMsMax: 150_000,
  watchSeconds: 300,
};
const METADATA = 'as=PartialObjectMetadata';
const METADATA_VERSION = 'g=meta.k8s.io;v=v1';
/** From the server's memory, however old: its etcd is not asked. */
const ANY_VERSION = '0';

export class Reflector {
  readonly #options: ReflectorOptions;
  readonly #times: ReflectorTimes;
  readonly #retry: Backoff;
  readonly #absent: Backoff;
  #state: SourceState = { kind: 'waiting', sinceMs: Date.now(), reason: undefined };
  /** Undefined: to be listed. */
  #version: string | undefined;
  /** The newest that was seen: a list must not be older, or what was deleted would come back. */
  #seen = ANY_VERSION;

  constructor(options: ReflectorOptions) {
    this.#options = options;
    this.#times = { ...TIMES, ...options.times };
    this.#retry = new Backoff(this.#times.retryMs);
    this.#absent = new Backoff(this.#times.absentMs);
  }

  get state(): SourceState {
    return this.#state;
  }

  /** Until the signal comes; nothing that the world does ends it. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        this.#version ??= await this.#list(signal);
        await this.#watch(signal);
      } catch (error) {
        if (signal.aborted) return;
        await this.#wait(error, signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<string> {
    const { objects, resourceVersion } = await (this.#options.pages === undefined
      ? this.#listWhole(signal)
      : this.#listPages(this.#options.pages, signal));
    this.#options.sink.listed(objects);
    this.#seen = resourceVersion;
    return resourceVersion;
  }

  async #listWhole(signal: AbortSignal): Promise<Listed> {
    const answer = await this.#get({ resourceVersion: this.#seen }, signal).catch((error: unknown) => {
      // the server has never heard of that version, or has forgotten it: what it has in etcd is the truth
      if (error instanceof ApiError && (error.status === 410 || error.status === 504)) return this.#get({}, signal);
      throw error;
    });
    return { objects: listOf(objectOf(answer).items), resourceVersion: metadataOf(answer).resourceVersion };
  }

  /** All pages are of one version; it may be gone before the last one, which is 410 as well, and begins anew. */
  async #listPages({ size, keep }: Pages, signal: AbortSignal): Promise<Listed> {
    const objects: unknown[] = [];
    let query: Readonly<Record<string, string>> = { limit: String(size) };
    for (;;) {
      const answer = await this.#get(query, signal);
      for (const object of listOf(objectOf(answer).items)) objects.push(keep(object));
      const next = textOf(objectOf(objectOf(answer).metadata).continue);
      if (next === '') return { objects, resourceVersion: metadataOf(answer).resourceVersion };
      query = { limit: String(size), continue: next };
    }
  }

  #get(query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<unknown> {
    return this.#options.client.send({ method: 'GET', path: this.#path(query), accept: this.#accept(true), signal });
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { silenceMsMax, watchSeconds } = this.#times;
    const started = performance.now();
    const events = watch(this.#options.client, {
      path: this.#path({
        watch: 'true',
        allowWatchBookmarks: 'true',
        resourceVersion: this.#version ?? '',
        timeoutSeconds: String(Math.round(watchSeconds * (1 + Math.random()))),
      }),
      accept: this.#accept(false),
      signal,
      silenceMsMax,
      onStart: () => this.#setState('synced', undefined),
    });
    for await (const { kind, object } of events) {
      if (kind === 'put') this.#options.sink.put(object);
      else if (kind === 'deleted') this.#options.sink.deleted(object);
      const { resourceVersion } = metadataOf(object);
      if (resourceVersion !== '') this.#version = this.#seen = resourceVersion;
      this.#retry.reset();
      this.#absent.reset();
    }
    // A server that ends each watch at once would else be asked in a loop.
    if (performance.now() - started < this.#times.retryMs.first) await pause(this.#retry.nextMs(), signal);
  }

  async #wait(error: unknown, signal: AbortSignal): Promise<void> {
    const { client, resource } = this.#options;
    const status = error instanceof ApiError ? error.status : undefined;
    if (status === 410) {
      // the past is gone: listed anew, by chance a little later, as all other agents heard the same
      this.#version = undefined;
      await pause(this.#retry.nextMs(), signal);
      return;
    }
    const reason = explained(error, { server: client.server, verb: 'list and watch', resource });
    if (status === 404) {
      this.#version = undefined;
      this.#setState('absent', reason);
      await pause(this.#absent.nextMs(), signal);
      return;
    }
    this.#setState(this.#state.kind === 'waiting' ? 'waiting' : 'stale', reason);
    const wanted = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
    await pause(Math.max(this.#retry.nextMs(), Math.min(wanted, this.#times.retryMs.max)), signal);
  }

  #setState(kind: SourceState['kind'], reason: SourceState['reason']): void {
    const before = this.#state;
    if (before.kind === kind && before.reason?.message === reason?.message) return;
    this.#state = { kind, sinceMs: before.kind === kind ? before.sinceMs : Date.now(), reason };
    this.#options.sink.stateChanged(this.#state);
  }

  #path(query: Readonly<Record<string, string>>): string {
    const { path, fieldSelector } = this.#options;
    const parameters = new URLSearchParams({ ...query, ...(fieldSelector === undefined ? {} : { fieldSelector }) });
    return parameters.size === 0 ? path : `${path}?${parameters}`;
  }

  #accept(list: boolean): string {
    if (this.#options.metadataOnly !== true) return 'application/json';
    return `application/json;${METADATA}${list ? 'List' : ''};${METADATA_VERSION}`;
  }
}
