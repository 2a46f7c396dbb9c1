/** Labels and annotations of all namespaces, or of one node: objects of which only the metadata is asked for. */
import type { Labels } from '#process';
import type { ApiClient } from './api-client.ts';
import { metadataOf, objectOf, textsOf } from './json.ts';
import { Reflector, type ReflectorTimes } from './reflector.ts';
import type { SourceState } from './source-state.ts';

export type Labelled = {
  readonly name: string;
  readonly uid: string;
  readonly labels: Labels;
  readonly annotations: Labels;
};

export type LabelSink = {
  changed(object: Labelled): void;
  gone(name: string): void;
};

export type LabelSourceOptions = {
  readonly client: ApiClient;
  /** - `node`: the one of this name */
  readonly of: { readonly kind: 'namespaces' } | { readonly kind: 'node'; readonly name: string };
  readonly sink: LabelSink;
  readonly onState: (state: SourceState) => void;
  readonly times?: Partial<ReflectorTimes>;
};

export class LabelSource {
  readonly #sink: LabelSink;
  readonly #reflector: Reflector;
  readonly #told = new Map<string, string>();

  constructor({ client, of, sink, onState, times }: LabelSourceOptions) {
    this.#sink = sink;
    const resource = of.kind === 'node' ? 'nodes' : 'namespaces';
    this.#reflector = new Reflector({
      client,
      resource,
      path: `/api/v1/${resource}`,
      metadataOnly: true,
      ...(of.kind === 'node' ? { fieldSelector: `metadata.name=${of.name}` } : {}),
      ...(times === undefined ? {} : { times }),
      sink: {
        listed: (objects) => this.#listed(objects.map(labelledOf)),
        put: (object) => this.#put(labelledOf(object)),
        deleted: (object) => this.#gone(metadataOf(object).name),
        stateChanged: onState,
      },
    });
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#reflector.run(signal);
  }

  #listed(objects: readonly Labelled[]): void {
    const there = new Set(objects.map(({ name }) => name));
    for (const name of [...this.#told.keys()]) if (!there.has(name)) this.#gone(name);
    for (const object of objects) this.#put(object);
  }

  /** A node's status changes every few seconds, its labels seldom. */
  #put(object: Labelled): void {
    const facts = JSON.stringify(object);
    if (this.#told.get(object.name) === facts) return;
    this.#told.set(object.name, facts);
    this.#sink.changed(object);
  }

  #gone(name: string): void {
    if (this.#told.delete(name)) this.#sink.gone(name);
  }
}

function labelledOf(object: unknown): Labelled {
  const { metadata } = objectOf(object);
  const { labels, annotations } = objectOf(metadata);
  const { name, uid } = metadataOf(object);
  return { name, uid, labels: textsOf(labels), annotations: textsOf(annotations) };
}
