/** The agent's end of the hook that runtimes run before the first process of a container. */
import { join } from 'node:path';
import { HOOK_SOCKET, type MissedContainers, takeMissed, touchRules, writeRules } from './hook-files.ts';
import type { HookRequest } from './hook-request.ts';
import { type HookAnswer, type HookCounts, HookServer } from './hook-server.ts';

export type RuntimeHooksOptions = {
  /** For what ends with the boot; the hook is told of it when it is installed. */
  readonly directory: string;
  /** How long a hook waits for an agent, unless said 30 seconds: more than an agent takes to follow another. */
  readonly deadlineMs?: number;
  readonly workloads: {
    readonly failClosed: ReadonlySet<string>;
    admit(request: HookRequest, signal: AbortSignal): Promise<HookAnswer>;
  };
};

const DEADLINE_MS = 30_000;
const TOUCH_MS = 60_000;

export class RuntimeHooks {
  readonly #options: RuntimeHooksOptions;
  readonly #server: HookServer;
  /** Started while no agent answered, before this one. */
  readonly missed: MissedContainers;
  #written: ReadonlySet<string> | undefined;
  #touchedAtMs = Number.NEGATIVE_INFINITY;

  /** Throws RF3622. */
  static async listen(options: RuntimeHooksOptions): Promise<RuntimeHooks> {
    const { directory, workloads } = options;
    const admit = (request: HookRequest, signal: AbortSignal) => workloads.admit(request, signal);
    return new RuntimeHooks(options, await HookServer.listen({ path: join(directory, HOOK_SOCKET), admit }));
  }

  private constructor(options: RuntimeHooksOptions, server: HookServer) {
    this.#options = options;
    this.#server = server;
    this.missed = takeMissed(options.directory);
    this.tick(performance.now());
  }

  get counts(): HookCounts {
    return this.#server.counts;
  }

  /** To be called every second or so. */
  tick(nowMs: number): void {
    const { directory, workloads } = this.#options;
    const { failClosed } = workloads;
    if (failClosed !== this.#written) {
      writeRules(directory, { deadlineMs: this.#options.deadlineMs ?? DEADLINE_MS, failClosed });
      this.#written = failClosed;
    } else if (nowMs - this.#touchedAtMs < TOUCH_MS) return;
    else touchRules(directory, new Date());
    this.#touchedAtMs = nowMs;
  }

  /** The rules stay: hooks wait for the next agent. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}
