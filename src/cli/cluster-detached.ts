/**
 * `ringfence cluster detached`: for the Job of `helm uninstall`, which waits until every node is detached. It asks one
 * question of the API server, with what every pod is given for it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { EnvironmentError } from '#diagnostics';
import { ApiClient } from '#kubernetes';
import { EXIT } from './exit.ts';

export type DetachedOptions = {
  readonly namespace: string;
  readonly daemonset: string;
  /** Seconds. */
  readonly wait: number;
};

/** What the API server has there; throws what stands in the way. */
export type Ask = (path: string) => Promise<unknown>;

type Progress = { readonly done: number; readonly wanted: number };

const ASK_AGAIN_MS = 2_000;

export async function clusterDetached(options: DetachedOptions): Promise<number> {
  const client = new ApiClient({ kind: 'pod' }, 'ringfence-detached');
  const wanted = await waitForDetached(options, (path) => client.send({ method: 'GET', path }), ASK_AGAIN_MS);
  client.close();
  process.stdout.write(`${wanted} nodes are detached\n`);
  return EXIT.ok;
}

/** Returns how many nodes that are. It asks once more when the time is over. */
export async function waitForDetached(
  { namespace, daemonset: name, wait }: DetachedOptions,
  ask: Ask,
  askAgainMs: number,
): Promise<number> {
  const path = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/daemonsets/${encodeURIComponent(name)}`;
  const end = performance.now() + wait * 1000;
  for (;;) {
    const isLast = performance.now() >= end;
    const progress = await readProgress(ask, path, name, isLast);
    if (progress !== undefined && progress.done >= progress.wanted) return progress.wanted;
    if (isLast) {
      const { done = 0, wanted = 'an unknown number' } = progress ?? {};
      throw new EnvironmentError('RF3612', { done, wanted, seconds: wait, name });
    }
    await sleep(askAgainMs);
  }
}

/** Undefined while there is no answer; the last time, that is an error. */
async function readProgress(ask: Ask, path: string, name: string, isLast: boolean): Promise<Progress | undefined> {
  try {
    return progressOf(await ask(path));
  } catch (cause) {
    if (cause instanceof EnvironmentError) throw cause; // this is no pod
    if (!isLast) return undefined;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EnvironmentError('RF3611', { name, reason }, { cause });
  }
}

/** The controller has to have looked at it first: before that it wants pods on no node. */
function progressOf(daemonset: unknown): Progress | undefined {
  const { metadata, status } = daemonset as {
    readonly metadata?: { readonly generation?: number };
    readonly status?: {
      readonly observedGeneration?: number;
      readonly desiredNumberScheduled?: number;
      readonly numberReady?: number;
    };
  };
  if (status?.observedGeneration === undefined || status.observedGeneration !== metadata?.generation) return undefined;
  return { done: status.numberReady ?? 0, wanted: status.desiredNumberScheduled ?? 0 };
}
