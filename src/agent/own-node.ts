/**
 * The node as its object in the API server has it: policies are for nodes of certain labels. What was heard last is
 * remembered on the disk: when the next agent starts, the API server may be away.
 */
import { join } from 'node:path';
import type { EnvironmentError } from '#diagnostics';
import type { NodeFacts } from '#policy';
import type { AgentOptions } from './options.ts';
import { recalled, remember } from './remembered.ts';
import { tellError } from './tell.ts';

export type OwnNodeOptions = {
  readonly name: string;
  readonly path: string;
  /** Without a cluster a node has its name, and no other labels. */
  readonly inCluster: boolean;
  /** RF2408: it counts, and will not be remembered. */
  readonly onError: (error: EnvironmentError) => void;
};

type Labels = NonNullable<NodeFacts['labels']>;

export class OwnNode {
  readonly #options: OwnNodeOptions;
  #facts: NodeFacts;
  /** Of who loads policies, once there is somebody. */
  #follow: (facts: NodeFacts) => void = () => undefined;

  static of({ nodeName, stateDirectory, cluster, log }: AgentOptions): OwnNode {
    return new OwnNode({
      ...{ name: nodeName, path: join(stateDirectory, 'node.json'), inCluster: cluster !== undefined },
      onError: (error) => tellError(log, error),
    });
  }

  constructor(options: OwnNodeOptions) {
    this.#options = options;
    const { name, path, inCluster } = options;
    this.#facts = { name, labels: inCluster ? remembered(path, name) : { 'kubernetes.io/hostname': name } };
  }

  get facts(): NodeFacts {
    return this.#facts;
  }

  /** With every change from now on. */
  onChanged(follow: (facts: NodeFacts) => void): void {
    this.#follow = follow;
  }

  changed({ labels }: { readonly labels: Labels }): void {
    const { name, path, onError } = this.#options;
    if (isSame(this.#facts.labels, labels)) return;
    this.#facts = { name, labels };
    this.#follow(this.#facts);
    const error = remember(path, this.#facts, 'RF2408');
    if (error !== undefined) onError(error);
  }

  /** Whoever takes a node out of a cluster ends its agent too: until then it is as it was. */
  gone(): void {}
}

/** Nothing where there is none, or it is of another node: then the API server has to be heard first. */
function remembered(path: string, name: string): Labels | undefined {
  const { name: of, labels }: Readonly<Record<string, unknown>> = Object(recalled(path));
  if (of !== name || typeof labels !== 'object' || labels === null) return undefined;
  return Object.fromEntries(Object.entries(labels).filter((entry): entry is [string, string] => isText(entry[1])));
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isSame(a: Labels | undefined, b: Labels): boolean {
  if (a === undefined) return false;
  const keys = Object.keys(b);
  return keys.length === Object.keys(a).length && keys.every((key) => a[key] === b[key]);
}
