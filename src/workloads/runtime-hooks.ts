/** The agent's end of the hook that runtimes run before the first process of a container. */
import { join } from 'node:path';
import { EnvironmentError } from '#diagnostics';
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
  /** RF2409: the hook goes by the rules that it has, and it is tried again; told once for each time that it begins. */
  readonly onError?: (error: EnvironmentError) => void;
};

export type RuntimeHookCounts = HookCounts & { readonly rulesUnwritten: number };

const DEADLINE_MS = 30_000;
const TOUCH_MS = 60_000;
const RETRY_MS = 5_000;

export class RuntimeHooks {
  readonly #options: RuntimeHooksOptions;
  readonly #server: HookServer;
  /** Started while no agent answered, before this one. */
  readonly missed: MissedContainers;
  #written: ReadonlySet<string> | undefined;
  #touchedAtMs = Number.NEGATIVE_INFINITY;
  #isRefused = false;
  #refusedAtMs = Number.NEGATIVE_INFINITY;
  #rulesUnwritten = 0;

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

  get counts(): RuntimeHookCounts {
    return { ...this.#server.counts, rulesUnwritten: this.#rulesUnwritten };
  }

  /** To be called every second or so. */
  tick(nowMs: number): void {
    const { failClosed } = this.#options.workloads;
    const isOther = failClosed !== this.#written;
    if (!isOther && nowMs - this.#touchedAtMs < TOUCH_MS) return;
    if (this.#isRefused && nowMs - this.#refusedAtMs < RETRY_MS) return;
    try {
      this.#write(isOther ? failClosed : undefined);
      this.#isRefused = false;
      this.#written = failClosed;
      this.#touchedAtMs = nowMs;
    } catch (cause) {
      this.#refused(cause, nowMs);
    }
  }

  /** Undefined: the rules are as they were. */
  #write(failClosed: ReadonlySet<string> | undefined): void {
    const { directory, deadlineMs = DEADLINE_MS } = this.#options;
    if (failClosed === undefined) touchRules(directory, new Date());
    else writeRules(directory, { deadlineMs, failClosed });
  }

  /** Such as a directory without room: nothing of it may end the agent. */
  #refused(cause: unknown, nowMs: number): void {
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    this.#rulesUnwritten += 1;
    this.#refusedAtMs = nowMs;
    if (this.#isRefused) return;
    this.#isRefused = true;
    const { directory: path, onError } = this.#options;
    onError?.(new EnvironmentError('RF2409', { path, reason: String(cause.code) }, { cause }));
  }

  /** The rules stay: hooks wait for the next agent. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }
}
