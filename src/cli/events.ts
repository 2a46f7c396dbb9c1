/** `ringfence events`: what the agent tells, as it happens. */
import { pipeline } from 'node:stream/promises';
import { ControlClient, type EventsQuery } from '#control';
import { EnvironmentError } from '#diagnostics';
import { EXIT } from './exit.ts';
import type { SocketOptions } from './policy-control.ts';

export type EventsOptions = SocketOptions & {
  readonly output: 'json' | 'compact';
  readonly color: 'auto' | 'always' | 'never';
  readonly timestamps?: boolean;
  readonly eventTypes?: readonly string[];
  readonly policyNames?: readonly string[];
  readonly namespace?: readonly string[];
  readonly namespaceRegex?: readonly string[];
  readonly pod?: readonly string[];
  readonly container?: readonly string[];
  readonly labels?: readonly string[];
  readonly host?: boolean;
};

/** Until it is interrupted, its reader goes away, or the agent ends. */
export async function showEvents(options: EventsOptions): Promise<number> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const { controlSocket: path } = options;
  const answer = await new ControlClient({ path }).events(queryOf(options), stop.signal);
  try {
    await pipeline(answer, process.stdout, { signal: stop.signal });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (!stop.signal.aborted && code !== 'EPIPE') {
      throw new EnvironmentError('RF3506', { path, reason: 'the agent ended in the middle of it' }, { cause });
    }
  }
  return EXIT.ok;
}

function queryOf(options: EventsOptions): EventsQuery {
  const { output, color, timestamps = false, host = false } = options;
  return {
    format: output,
    colour: color === 'always' || (color === 'auto' && process.stdout.isTTY && process.env.NO_COLOR === undefined),
    timestamps,
    kinds: options.eventTypes ?? [],
    policies: options.policyNames ?? [],
    namespaces: [...(options.namespace ?? []), ...(host ? [''] : [])],
    namespacePatterns: options.namespaceRegex ?? [],
    pods: options.pod ?? [],
    containers: options.container ?? [],
    labels: options.labels ?? [],
  };
}
