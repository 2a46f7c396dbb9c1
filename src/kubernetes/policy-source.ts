/**
 * Policies of the cluster, told to who loads them: everything once, then what changes; a storm of changes is a few
 * deliveries with the newest of each.
 */
import type { ApiClient } from './api-client.ts';
import { Changes } from './changes.ts';
import { metadataOf, objectOf } from './json.ts';
import { policyText } from './policy-text.ts';
import { Reflector, type ReflectorTimes } from './reflector.ts';
import type { SourceState } from './source-state.ts';

export type PolicyKey = { readonly name: string; readonly namespace: string | undefined };

export type WantedPolicy = PolicyKey & {
  readonly text: string;
  /** `tracingpolicies/no-shells`, `default/tracingpoliciesnamespaced/no-shells`. */
  readonly source: string;
  /** The first 8 characters of the uid of the object, a dot, its generation. */
  readonly revision: string;
};

export type PolicyBatch = { readonly put: readonly WantedPolicy[]; readonly remove: readonly PolicyKey[] };

/** Who loads policies. What it refuses it says by itself: an error is for what must be tried again. */
export type PolicySink = {
  apply(batch: PolicyBatch): Promise<void>;
  /** Both kinds have been listed, and what is not among these is gone. */
  synced(policies: readonly PolicyKey[]): Promise<void>;
  /** The API server is away: what was said last goes on. */
  lost(): Promise<void>;
};

export type PolicySourceOptions = {
  readonly client: ApiClient;
  readonly sink: PolicySink;
  /** What is to be tried again, and was said to nobody. */
  readonly onError: (error: unknown) => void;
  readonly onState: (kind: PolicyKind, state: SourceState) => void;
  readonly times?: Partial<ReflectorTimes>;
};

const GROUP = '/apis/cilium.io/v1alpha1';
const KINDS = ['tracingpolicies', 'tracingpoliciesnamespaced'] as const;
export type PolicyKind = (typeof KINDS)[number];

/** More than any node loads; the registry has a limit of its own, and says which policies are over it. */
const POLICIES_MAX = 4_096;
const HEARING = '(hearing)';

/** `facts`: what is different where the text is. */
type Known = { readonly facts: string; readonly wanted: WantedPolicy };
type Change =
  | { readonly kind: 'put'; readonly policy: WantedPolicy }
  | { readonly kind: 'remove'; readonly policy: PolicyKey }
  | { readonly kind: 'synced' | 'lost' };

export class PolicySource {
  readonly #options: PolicySourceOptions;
  readonly #reflectors: readonly Reflector[];
  readonly #changes: Changes<Change>;
  /** What each kind has; undefined until it was listed. */
  readonly #known = new Map<PolicyKind, Map<string, Known>>();
  readonly #states = new Map<PolicyKind, SourceState['kind']>();

  constructor(options: PolicySourceOptions) {
    this.#options = options;
    this.#changes = new Changes<Change>({
      deliver: (batch) => this.#deliver(batch),
      onError: options.onError,
      keysMax: POLICIES_MAX,
    });
    this.#reflectors = KINDS.map((kind) => this.#reflectorOf(kind));
  }

  /** Policies that nobody was told of, as there are too many. */
  get refused(): number {
    return this.#changes.refused;
  }

  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#changes.stop(), { once: true });
    await Promise.all(this.#reflectors.map((each) => each.run(signal)));
    await this.#changes.settled();
  }

  #reflectorOf(kind: PolicyKind): Reflector {
    const { client, times } = this.#options;
    return new Reflector({
      client,
      resource: `${kind}.cilium.io`,
      path: `${GROUP}/${kind}`,
      ...(times === undefined ? {} : { times }),
      sink: {
        listed: (objects) => this.#listed(kind, objects),
        put: (object) => this.#put(kind, object),
        deleted: (object) => this.#deleted(kind, metadataOf(object)),
        stateChanged: (state) => this.#stateChanged(kind, state),
      },
    });
  }

  #listed(kind: PolicyKind, objects: readonly unknown[]): void {
    const before = this.#known.get(kind) ?? new Map<string, Known>();
    const now = new Set(objects.map((object) => keyOf(metadataOf(object))));
    for (const [key, { wanted }] of before) if (!now.has(key)) this.#deleted(kind, wanted);
    this.#known.set(kind, before);
    for (const object of objects) this.#put(kind, object);
    this.#hearing();
  }

  /** A new status, and the bookkeeping of others, is no change of the policy. */
  #put(kind: PolicyKind, object: unknown): void {
    const { name, namespace, uid } = metadataOf(object);
    const { generation = 0, labels, annotations } = objectOf(objectOf(object).metadata);
    const key = keyOf({ name, namespace });
    const facts = JSON.stringify([uid, generation, labels, annotations]);
    const known = this.#known.get(kind);
    if (known?.get(key)?.facts === facts) return;
    const source = namespace === undefined ? `${kind}/${name}` : `${namespace}/${kind}/${name}`;
    const revision = `${uid.slice(0, 8)}.${generation}`;
    const wanted = { name, namespace, text: policyText(object), source, revision };
    known?.set(key, { facts, wanted });
    this.#changes.set(key, { kind: 'put', policy: wanted });
  }

  #deleted(kind: PolicyKind, { name, namespace }: PolicyKey): void {
    const policy = { name, namespace };
    this.#known.get(kind)?.delete(keyOf(policy));
    this.#changes.set(keyOf(policy), { kind: 'remove', policy });
  }

  #stateChanged(kind: PolicyKind, state: SourceState): void {
    this.#states.set(kind, state.kind);
    this.#options.onState(kind, state);
    this.#hearing();
  }

  #hearing(): void {
    const states = KINDS.map((kind) => this.#states.get(kind));
    const listed = KINDS.every((kind) => this.#known.has(kind));
    if (listed && states.every((state) => state === 'synced')) this.#changes.set(HEARING, { kind: 'synced' });
    else if (states.includes('stale')) this.#changes.set(HEARING, { kind: 'lost' });
  }

  async #deliver(batch: ReadonlyMap<string, Change>): Promise<void> {
    const changes = [...batch.values()];
    const put = changes.flatMap((change) => (change.kind === 'put' ? [change.policy] : []));
    const remove = changes.flatMap((change) => (change.kind === 'remove' ? [change.policy] : []));
    if (put.length + remove.length > 0) await this.#options.sink.apply({ put, remove });
    // after what it stands on
    const hearing = batch.get(HEARING)?.kind;
    if (hearing === 'lost') await this.#options.sink.lost();
    if (hearing === 'synced') await this.#options.sink.synced(this.#names());
  }

  #names(): readonly PolicyKey[] {
    return [...this.#known.values()].flatMap((known) =>
      Array.from(known.values(), ({ wanted: { name, namespace } }) => ({ name, namespace })),
    );
  }
}

/** The two kinds never share a key: only one has namespaces. */
function keyOf({ name, namespace }: PolicyKey): string {
  return `${namespace ?? ''}/${name}`;
}
