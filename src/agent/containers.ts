/** The containers of the node: found by their cgroups, told by their runtimes, and by the kernel's table in programs. */
import type { ContainersStatus } from '#control';
import { EnvironmentError } from '#diagnostics';
import { CgroupPaths } from '#kernel';
import type { WorkloadLookup } from '#process';
import type { BaseSensor, PolicySensor } from '#sensors';
import { type Hierarchy, hierarchyOfNode, NriPlugin, type PodSink, RuntimeHooks, Workloads } from '#workloads';
import type { AgentOptions } from './options.ts';
import { tellError } from './tell.ts';

export type ContainersParts = {
  readonly options: AgentOptions;
  readonly hierarchy: Hierarchy | undefined;
  readonly base: Pick<BaseSensor, 'counts'>;
  readonly sensor: Pick<PolicySensor, 'workloads'>;
};

type Made = {
  readonly paths: CgroupPaths;
  readonly workloads: Workloads;
  readonly hooks: RuntimeHooks;
  readonly nri: NriPlugin | undefined;
};

export class Containers {
  readonly #parts: ContainersParts;
  readonly #paths: CgroupPaths;
  readonly #workloads: Workloads;
  readonly #hooks: RuntimeHooks;
  readonly #nri: NriPlugin | undefined;
  /** By the annotation of their namespace. */
  #annotated: ReadonlySet<string> = new Set();

  /** Undefined, and said so, where nothing tells containers apart: then nothing is in one. */
  static async open(parts: ContainersParts): Promise<Containers | undefined> {
    const { options, hierarchy, sensor } = parts;
    if (hierarchy === undefined) return undefined;
    try {
      const paths = new CgroupPaths(hierarchy.mount);
      const workloads = new Workloads({
        ...{ table: sensor.workloads, hierarchy },
        pathOf: (cgroupId) => paths.pathOf(cgroupId),
        podsFrom: options.cluster === undefined ? 'runtime' : 'kubernetes',
        nodeRoot: options.nodeRoot,
        holdUnknownPods: options.holdUnknownPods,
      });
      workloads.setFailClosed(new Set(options.failClosedNamespaces));
      const hooks = await RuntimeHooks.listen({ directory: options.runDirectory, workloads });
      const nri = options.nriSocket === undefined ? undefined : nriPlugin(options.nriSocket, workloads);
      return new Containers({ ...parts, paths, workloads, hooks, nri });
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      tellError(options.log, error);
      return undefined;
    }
  }

  private constructor({ paths, workloads, hooks, nri, ...parts }: ContainersParts & Made) {
    this.#parts = parts;
    this.#paths = paths;
    this.#workloads = workloads;
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

  /** Namespaces of the cluster that say of themselves that nothing may run there unprotected. */
  failClosedByAnnotation(namespaces: ReadonlySet<string>): void {
    this.#annotated = namespaces;
    this.#workloads.setFailClosed(new Set([...this.#parts.options.failClosedNamespaces, ...this.#annotated]));
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

function nriPlugin(path: string, workloads: Workloads): NriPlugin {
  return new NriPlugin({
    path,
    announce: (announced, signal) => workloads.announce(announced, signal),
    found: (announced) => workloads.found(announced),
  });
}
