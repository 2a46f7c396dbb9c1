/** Keeps the fleet as the API server has it, and which policies came to be something else by it. */
import { statusApiVersion } from '#crd';
import type { ApiClient } from './api-client.ts';
import { type Fleet, type FleetPolicy, fleetPolicyOf, type NodeSaid } from './fleet.ts';
import { metadataOf } from './json.ts';
import { Reflector, type ReflectorTimes } from './reflector.ts';
import type { SourceState } from './source-state.ts';

export type FleetSourceOptions = {
  readonly client: ApiClient;
  readonly fleet: Fleet;
  readonly onChanged: (key: string) => void;
  readonly onGone: (key: string) => void;
  readonly onState: (resource: string, state: SourceState) => void;
  readonly times: Partial<ReflectorTimes> | undefined;
};

type Heard = {
  readonly metadataOnly?: boolean;
  readonly pages?: { readonly size: number; readonly keep: (object: unknown) => unknown };
  readonly listed: (objects: readonly unknown[]) => void;
  readonly put: (object: unknown) => void;
  readonly deleted: (object: unknown) => void;
};

const KINDS = ['tracingpolicies', 'tracingpoliciesnamespaced'] as const;
/** 500 reports of 43 kB are 21 MB. */
const PAGE = 500;

export class FleetSource {
  readonly #options: FleetSourceOptions;
  readonly #reflectors: readonly Reflector[];
  readonly #heard = new Set<string>();

  constructor(options: FleetSourceOptions) {
    this.#options = options;
    this.#reflectors = [...KINDS.map((plural) => this.#policies(plural)), this.#reports()];
  }

  /** Everything was listed: what is not there does not exist. */
  get complete(): boolean {
    return this.#heard.size === this.#reflectors.length;
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#reflectors.map((each) => each.run(signal)));
  }

  #policies(plural: string): Reflector {
    const { fleet, onChanged, onGone } = this.#options;
    const mine = new Set<string>();
    const put = (policy: FleetPolicy) => {
      mine.add(policy.key);
      const before = fleet.policy(policy.key);
      fleet.putPolicy(policy);
      if (before?.uid !== policy.uid || before.generation !== policy.generation) onChanged(policy.key);
    };
    const remove = (key: string) => {
      mine.delete(key);
      fleet.removePolicy(key);
      onGone(key);
    };
    return this.#reflector(`${plural}.cilium.io`, `/apis/cilium.io/v1alpha1/${plural}`, {
      metadataOnly: true,
      listed: (objects) => {
        const policies = objects.map(fleetPolicyOf);
        const there = new Set(policies.map(({ key }) => key));
        for (const key of [...mine]) if (!there.has(key)) remove(key);
        for (const policy of policies) put(policy);
      },
      put: (object) => put(fleetPolicyOf(object)),
      deleted: (object) => remove(fleetPolicyOf(object).key),
    });
  }

  #reports(): Reflector {
    const { fleet, onChanged } = this.#options;
    const put = (said: NodeSaid) => {
      for (const key of fleet.changedBy(said)) onChanged(key);
      if (fleet.putNode(said)) this.#allChanged();
    };
    const remove = (node: string) => {
      if (fleet.removeNode(node)) this.#allChanged();
    };
    return this.#reflector('nodepolicystatuses.ringfence.io', `/apis/${statusApiVersion}/nodepolicystatuses`, {
      pages: { size: PAGE, keep: (object) => fleet.read(object) },
      listed: (objects) => {
        const reports = objects as readonly NodeSaid[];
        const there = new Set(reports.map(({ node }) => node));
        for (const node of [...fleet.nodes]) if (!there.has(node)) remove(node);
        for (const said of reports) put(said);
      },
      put: (object) => put(fleet.read(object)),
      deleted: (object) => remove(metadataOf(object).name),
    });
  }

  #reflector(resource: string, path: string, { metadataOnly, pages, listed, put, deleted }: Heard): Reflector {
    const { client, onState, times } = this.#options;
    return new Reflector({
      ...{ client, resource, path },
      ...(metadataOnly === undefined ? {} : { metadataOnly }),
      ...(pages === undefined ? {} : { pages }),
      ...(times === undefined ? {} : { times }),
      sink: {
        listed: (objects) => {
          listed(objects);
          this.#heard.add(resource);
        },
        ...{ put, deleted },
        stateChanged: (state) => onState(resource, state),
      },
    });
  }

  #allChanged(): void {
    for (const { key } of this.#options.fleet.policies) this.#options.onChanged(key);
  }
}
