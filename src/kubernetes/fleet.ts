/** What every node said last of every policy, and which policies there are. */
import { type NodePolicyStatus, type PolicyOnNode, policyOfLine } from '#crd';
import { type JsonObject, listOf, metadataOf, objectOf, textOf } from './json.ts';
import type { NodeAnswer } from './tally.ts';

export type FleetPolicy = {
  readonly key: string;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly uid: string;
  readonly generation: number;
};

/** Of a policy: a line as it is in the report, which is read when it is needed, or the object of it. */
type Said = string | PolicyOnNode;

/** The name of a node, and what it said of each policy. */
export type NodeSaid = { readonly node: string; readonly policies: ReadonlyMap<string, Said> };

/** Names of policies that are kept once for all nodes. */
const KEYS_MAX = 16_384;

export class Fleet {
  readonly #nodes = new Map<string, ReadonlyMap<string, Said>>();
  readonly #policies = new Map<string, FleetPolicy>();
  readonly #keys = new Map<string, string>();

  get policies(): Iterable<FleetPolicy> {
    return this.#policies.values();
  }

  policy(key: string): FleetPolicy | undefined {
    return this.#policies.get(key);
  }

  putPolicy(policy: FleetPolicy): void {
    this.#policies.set(policy.key, policy);
  }

  removePolicy(key: string): void {
    this.#policies.delete(key);
  }

  /** Returns whether a node is there that was not: then all policies have another number of nodes. */
  putNode({ node, policies }: NodeSaid): boolean {
    const known = this.#nodes.has(node);
    this.#nodes.set(node, policies);
    return !known;
  }

  removeNode(node: string): boolean {
    return this.#nodes.delete(node);
  }

  get nodes(): Iterable<string> {
    return this.#nodes.keys();
  }

  /** Of the policies of which `said` differs from what the same node said before. */
  *changedBy({ node, policies }: NodeSaid): Generator<string> {
    const before = this.#nodes.get(node);
    for (const [key, said] of policies) {
      const former = before?.get(key);
      if (former !== said && JSON.stringify(former) !== JSON.stringify(said)) yield key;
    }
    for (const key of before?.keys() ?? []) if (!policies.has(key)) yield key;
  }

  *answers(key: string): Generator<NodeAnswer> {
    for (const [node, policies] of this.#nodes) {
      const said = policies.get(key);
      yield { node, said: typeof said === 'string' ? policyOfLine(said) : said };
    }
  }

  /** A report as the API server has it, which holds its form; what is not of that form is left out. */
  read(object: unknown): NodeSaid {
    const { asWanted, details } = objectOf(objectOf(object).status);
    const policies = new Map<string, Said>();
    for (const line of listOf(asWanted).map(textOf)) {
      const title = line.slice(0, line.indexOf(' '));
      if (title !== '') policies.set(this.#once(title.includes('/') ? title : `/${title}`), line);
    }
    for (const said of listOf(details).map(objectOf)) policies.set(this.#once(keyOfSaid(said)), said as PolicyOnNode);
    return { node: metadataOf(object).name, policies };
  }

  #once(key: string): string {
    const known = this.#keys.get(key);
    if (known !== undefined) return known;
    if (this.#keys.size >= KEYS_MAX) this.#keys.clear();
    this.#keys.set(key, key);
    return key;
  }
}

export function fleetPolicyOf(object: unknown): FleetPolicy {
  const { name, namespace, uid } = metadataOf(object);
  const { generation } = objectOf(objectOf(object).metadata);
  return { ...{ key: keyOf(namespace, name), name, namespace, uid }, generation: Number(generation) || 0 };
}

export function revisionOf({ uid, generation }: FleetPolicy): NodePolicyStatus['details'][number]['revision'] {
  return `${uid.slice(0, 8)}.${generation}`;
}

function keyOfSaid({ namespace, name }: JsonObject): string {
  return keyOf(textOf(namespace) || undefined, textOf(name));
}

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}
