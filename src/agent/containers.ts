/** The containers of the node: found by their cgroups, told by their runtimes, and by the kernel's table in programs. */
import { join } from 'node:path';
import type { ContainersStatus } from '#control';
import { EnvironmentError } from '#diagnostics';
import { CgroupPaths } from '#kernel';
import type { WorkloadLookup } from '#process';
import type { BaseSensor, PolicySensor } from '#sensors';
import {
  type Hierarchy,
  hierarchyOfNode,
  NriPlugin,
  type PodSink,
  RuntimeHooks,
  Workloads,
  type WorkloadsOptions,
} from '#workloads';
import { FailClosedNamespaces } from './fail-closed.ts';
import type { AgentOptions } from './options.ts';
import { tellError } from './tell.ts';

/** In the state directory: which namespaces fail closed. */
const REMEMBERED = 'fail-closed-namespaces.json';

export type ContainersParts = {
  readonly options: AgentOptions;
  readonly hierarchy: Hierarchy | undefined;
  readonly base: Pick<BaseSensor, 'counts'>;
  readonly sensor: Pick<PolicySensor, 'workloads'>;
  readonly onKnown: WorkloadsOptions['onKnown'];
};

type Made = {
  readonly paths: CgroupPaths;
  readonly workloads: Workloads;
  readonly namespaces: FailClosedNamespaces | undefined;
  readonly hooks: RuntimeHooks;
  readonly nri: NriPlugin | undefined;
};

export class Containers {
  readonly #parts: ContainersParts;
  readonly #paths: CgroupPaths;
  readonly #workloads: Workloads;
  readonly #hooks: RuntimeHooks;
  readonly #nri: NriPlugin | undefined;
  /** Told by the cluster; undefined where there is none. */
  readonly namespaces: FailClosedNamespaces | undefined;

  /** Undefined, and said so, where nothing tells containers apart: then nothing is in one. */
  static async open(parts: ContainersParts): Promise<Containers | undefined> {
    const { options, hierarchy, sensor, onKnown } = parts;
    if (hierarchy === undefined) return undefined;
    try {
      const paths = new CgroupPaths(hierarchy.mount);
      const workloads = new Workloads({
        ...{ table: sensor.workloads, hierarchy, onKnown },
        pathOf: (cgroupId) => paths.pathOf(cgroupId),
        podsFrom: options.cluster === undefined ? 'runtime' : 'kubernetes',
        nodeRoot: options.nodeRoot,
        holdUnknownPods: options.holdUnknownPods,
      });
      const namespaces = failClosedNamespaces(options, workloads);
      const onError = (error: EnvironmentError) => tellError(options.log, error);
      const hooks = await RuntimeHooks.listen({ directory: options.runDirectory, workloads, onError });
      const nri = options.nriSocket === undefined ? undefined : nriPlugin(options.nriSocket, workloads);
      return new Containers({ ...parts, paths, workloads, namespaces, hooks, nri });
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      tellError(options.log, error);
      return undefined;
    }
  }

  private constructor({ paths, workloads, namespaces, hooks, nri, ...parts }: ContainersParts & Made) {
    this.#parts = parts;
    this.#paths = paths;
    this.#workloads = workloads;
    this.namespaces = namespaces;
    this.#hooks = hooks;
    this.#nri = nri;
    const { count, ids } = hooks.missed;
    if (count > 0) parts.options.log('warn', { count, ids }, 'containers started while no agent answered their hook');
  }

  get find(): WorkloadLookup {
    return this.#workloads.find;
  }

  get pods(): PodSink {
    return this.#workloads;
  }

  /** To be called with the agent's tick. */
  tick(nowMs: number): void {
    this.#workloads.tick(nowMs);
    this.#hooks.tick(nowMs);
    this.#nri?.tick(nowMs);
  }

  get status(): ContainersStatus {
    const { pods, containers, pending, podsRefused, containersRefused } = this.#workloads.counts;
    const { workloadPending, workloadUnreadable, execHeld } = this.#parts.base.counts();
    const { entries, refused } = this.#parts.sensor.workloads.counts();
    return {
      ...{ pods, containers, pending, cgroups: entries },
      refused: podsRefused + containersRefused + refused,
      ...{ callsPending: Number(workloadPending), callsUnreadable: Number(workloadUnreadable) },
      execsHeld: Number(execHeld),
      hook: this.#hooks.counts,
      ...(this.#nri === undefined ? {} : { nri: this.#nri.counts }),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#nri?.[Symbol.dispose]();
    await this.#hooks[Symbol.asyncDispose]();
    this.#workloads[Symbol.dispose]();
    this.#paths[Symbol.dispose]();
  }
}

/** Undefined, and said so, where no cgroups are mounted. */
export function findHierarchy({ log }: AgentOptions): Hierarchy | undefined {
  try {
    return hierarchyOfNode();
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    tellError(log, error);
    return undefined;
  }
}

/** Those of the options, and those that the cluster tells of: before any runtime is answered, as far as is remembered. */
function failClosedNamespaces(options: AgentOptions, workloads: Workloads): FailClosedNamespaces | undefined {
  const { cluster, stateDirectory, failClosedNamespaces: configured, log } = options;
  workloads.setFailClosed(new Set(configured));
  if (cluster === undefined) return undefined;
  return new FailClosedNamespaces({
    path: join(stateDirectory, REMEMBERED),
    changed: (names) => workloads.setFailClosed(new Set([...configured, ...names])),
    onError: (error) => tellError(log, error),
  });
}

function nriPlugin(path: string, workloads: Workloads): NriPlugin {
  return new NriPlugin({
    path,
    announce: (announced, signal) => workloads.announce(announced, signal),
    found: (announced) => workloads.found(announced),
  });
}
