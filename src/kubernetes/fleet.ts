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

/** The name of a node, and what it said: a report, or what is kept of it while the others are listed. */
export type NodeSaid = { readonly node: string; readonly policies: ReadonlyMap<string, PolicyOnNode> };

export class Fleet {
  readonly #nodes = new Map<string, ReadonlyMap<string, PolicyOnNode>>();
  readonly #policies = new Map<string, FleetPolicy>();

  get policies(): Iterable<FleetPolicy> {
    return this.#policies.values();
  }

  get nodeCount(): number {
    return this.#nodes.size;
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
      if (JSON.stringify(before?.get(key)) !== JSON.stringify(said)) yield key;
    }
    for (const key of before?.keys() ?? []) if (!policies.has(key)) yield key;
  }

  *answers(key: string): Generator<NodeAnswer> {
    for (const [node, policies] of this.#nodes) yield { node, said: policies.get(key) };
  }
}

export function fleetPolicyOf(object: unknown): FleetPolicy {
  const { name, namespace, uid } = metadataOf(object);
  const { generation } = objectOf(objectOf(object).metadata);
  return { ...{ key: keyOf(namespace, name), name, namespace, uid }, generation: Number(generation) || 0 };
}

/** As the API server has it, which holds its form; what is not of that form is left out. */
export function nodeSaidOf(object: unknown): NodeSaid {
  const { asWanted, details } = objectOf(objectOf(object).status);
  const policies = new Map<string, PolicyOnNode>();
  for (const line of listOf(asWanted)) {
    const said = policyOfLine(textOf(line));
    if (said !== undefined) policies.set(keyOf(said.namespace, said.name), said);
  }
  for (const said of listOf(details).map(objectOf)) policies.set(keyOfSaid(said), said as PolicyOnNode);
  return { node: metadataOf(object).name, policies };
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
