/** `ringfence run`: the agent in the foreground. Events on the standard output, the log on the standard error. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isatty } from 'node:tty';
import pino from 'pino';
import { type AgentOptions, type EventKind, runAgent } from '#agent';
import { EXIT, reportDiagnostics } from './exit.ts';
import { readPolicyFiles } from './files.ts';

export type RunOptions = {
  readonly policy: readonly string[];
  readonly output: AgentOptions['output'];
  readonly event?: readonly string[];
  readonly nats?: readonly string[];
  readonly natsCredentials?: string;
  readonly nodeName?: string;
  readonly clusterName?: string;
  readonly detect?: boolean;
  readonly strict?: boolean;
  readonly kprobes?: string;
};

/** The names the events API goes by, so that nodes are called alike everywhere. */
function nodeName(): string {
  return process.env.HUBBLE_NODE_NAME ?? process.env.NODE_NAME ?? hostname();
}

export async function run(options: RunOptions): Promise<number> {
  const logger = pino({ base: null }, pino.destination({ fd: 2, sync: true }));
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const kinds = options.event as readonly EventKind[] | undefined;
  const diagnostics = await runAgent(
    {
      policies: readPolicyFiles(options.policy),
      output: options.output,
      colour: isatty(1) && process.env.NO_COLOR === undefined, // process.stdout would make the descriptor non-blocking
      outputKinds: kinds === undefined ? undefined : new Set(kinds),
      nats:
        options.nats === undefined ? undefined : { servers: options.nats, credentialsFile: options.natsCredentials },
      nodeName: options.nodeName ?? nodeName(),
      clusterName: options.clusterName ?? '',
      detect: options.detect ?? false,
      strict: options.strict ?? false,
      kprobes: options.kprobes ?? join(import.meta.dirname, '../../kprobes/build'),
      log: (level, fields, message) => logger[level](fields, message),
    },
    stop.signal,
  );
  return diagnostics.length === 0 ? EXIT.ok : reportDiagnostics(diagnostics);
}
