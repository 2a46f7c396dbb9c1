/** Pods of this node, told when something of them changes that matters here: their heartbeats do not. */
import type { Pod } from '#process';
import type { ApiClient } from './api-client.ts';
import { metadataOf } from './json.ts';
import { podOf } from './pod.ts';
import { Reflector, type ReflectorTimes } from './reflector.ts';
import type { SourceState } from './source-state.ts';

/** Who joins pods with what runs. It keeps those that are gone for as long as it has use for them. */
export type PodSink = {
  podChanged(pod: Pod): void;
  podGone(uid: string): void;
};

export type PodSourceOptions = {
  readonly client: ApiClient;
  readonly nodeName: string;
  readonly sink: PodSink;
  readonly onState: (state: SourceState) => void;
  readonly times?: Partial<ReflectorTimes>;
  readonly podsMax?: number;
};

/** A kubelet runs 110 unless told otherwise; those that ended stay until someone deletes them. */
const PODS_MAX = 8_192;

export class PodSource {
  readonly #options: PodSourceOptions;
  readonly #reflector: Reflector;
  /** What was told of each, by uid. */
  readonly #told = new Map<string, string>();
  #refused = 0;

  constructor(options: PodSourceOptions) {
    this.#options = options;
    this.#reflector = new Reflector({
      client: options.client,
      resource: 'pods',
      path: '/api/v1/pods',
      fieldSelector: `spec.nodeName=${options.nodeName}`,
      ...(options.times === undefined ? {} : { times: options.times }),
      sink: {
        listed: (objects) => this.#listed(objects),
        put: (object) => this.#put(podOf(object)),
        deleted: (object) => this.#gone(metadataOf(object).uid),
        stateChanged: options.onState,
      },
    });
  }

  /** Pods that nobody was told of, as there are too many. */
  get refused(): number {
    return this.#refused;
  }

  get count(): number {
    return this.#told.size;
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#reflector.run(signal);
  }

  #listed(objects: readonly unknown[]): void {
    const pods = objects.map(podOf);
    const there = new Set(pods.map((pod) => pod?.uid));
    for (const uid of [...this.#told.keys()]) if (!there.has(uid)) this.#gone(uid);
    for (const pod of pods) this.#put(pod);
  }

  #put(pod: Pod | undefined): void {
    if (pod === undefined) return;
    const facts = JSON.stringify(pod, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
    const before = this.#told.get(pod.uid);
    if (before === facts) return;
    if (before === undefined && this.#told.size >= (this.#options.podsMax ?? PODS_MAX)) {
      this.#refused += 1;
      return;
    }
    this.#told.set(pod.uid, facts);
    this.#options.sink.podChanged(pod);
  }

  #gone(uid: string): void {
    if (this.#told.delete(uid)) this.#options.sink.podGone(uid);
  }
}
