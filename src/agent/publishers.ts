/** Where events go, as the options say. */
import { syscallName } from '#compiler';
import type { EnvironmentError } from '#diagnostics';
import { compactRenderer, type Event, JsonRenderer } from '#events';
import { FilePublisher, fanOut, openNats, type Publisher, renderOnce, StdoutPublisher } from '#publish';
import type { AgentOptions, EventKind } from './options.ts';

export type Renderers = {
  readonly json: (event: Event) => string;
  readonly compact: (form: { readonly colour: boolean; readonly timestamps?: boolean }) => (event: Event) => string;
};

export function makeRenderers({
  clusterName,
  podAnnotations,
}: Pick<AgentOptions, 'clusterName' | 'podAnnotations'>): Renderers {
  const json = new JsonRenderer({ clusterName: clusterName === '' ? undefined : clusterName, podAnnotations });
  return {
    json: renderOnce((event) => json.render(event)),
    compact: (form) => compactRenderer({ ...form, syscallNames }),
  };
}

/** One place that events go to. */
export type Sink = {
  readonly name: string;
  readonly publisher: Publisher;
  /** It takes events, as far as was seen last. */
  readonly health: Health;
};

type Health = { up: boolean };

const SINKS = [
  ['nats', openServer],
  ['file', openFile],
  ['stdout', openStdout],
] as const;

/** All of them, or none: what was opened before one that cannot be is closed again. */
export async function openSinks(options: AgentOptions, renderers: Renderers): Promise<readonly Sink[]> {
  const sinks: Sink[] = [];
  try {
    for (const [name, open] of SINKS) {
      const health = { up: true };
      const publisher = await open(options, renderers, health);
      if (publisher !== undefined) sinks.push({ name, publisher, health });
    }
    return sinks;
  } catch (error) {
    await fanOut(sinks.map(({ publisher }) => publisher)).close();
    throw error;
  }
}

async function openServer(options: AgentOptions, { json }: Renderers, health: Health): Promise<Publisher | undefined> {
  const { nodeName, clusterName, nats, log } = options;
  if (nats === undefined) return undefined;
  return await openNats({
    clusterName: clusterName === '' ? 'default' : clusterName,
    nodeName,
    server: { ...nats, name: `ringfence ${nodeName}` },
    render: json,
    onStatus: (status) => {
      if (status.kind !== 'refused') health.up = status.kind === 'connected';
      log(status.kind === 'connected' ? 'info' : 'warn', status, `nats ${status.kind}`);
    },
  });
}

async function openFile(options: AgentOptions, { json }: Renderers, health: Health): Promise<Publisher | undefined> {
  const { nodeName, log } = options;
  if (options.export === undefined) return undefined;
  const { path } = options.export;
  return await FilePublisher.open({
    ...options.export,
    nodeName,
    render: json,
    stage: 'file',
    onFailure: failureTo(options, health),
    onRecovery: () => {
      health.up = true;
      log('info', { path }, 'events go to the file again');
    },
  });
}

async function openStdout(
  options: AgentOptions,
  { json, compact }: Renderers,
  health: Health,
): Promise<Publisher | undefined> {
  const { nodeName, output, colour, outputKinds } = options;
  if (output === 'none') return undefined;
  const render = output === 'json' ? json : compact({ colour });
  return onlyKinds(new StdoutPublisher({ nodeName, render, onFailure: failureTo(options, health) }), outputKinds);
}

function failureTo({ log }: AgentOptions, health: Health): (error: EnvironmentError) => void {
  return ({ code, hint, message }) => {
    if (code !== 'RF4011') health.up = false; // what can not be rotated is written all the same
    log('error', { code, hint }, message);
  };
}

const ALWAYS: readonly EventKind[] = ['loss', 'tamper', 'demotion'];

function onlyKinds(publisher: Publisher, kinds: ReadonlySet<EventKind> | undefined): Publisher {
  if (kinds === undefined) return publisher;
  return {
    publish: (event) => {
      if (ALWAYS.includes(event.kind) || kinds.has(event.kind)) publisher.publish(event);
    },
    close: () => publisher.close(),
    get losses() {
      return publisher.losses;
    },
  };
}

/** Tables of system calls by the name that events have for them. */
const SYSCALL_TABLES = {
  x64: ['x86_64', 64],
  i386: ['x86_64', 32],
  arm64: ['aarch64', 64],
  arm32: ['aarch64', 32],
} as const;

function syscallNames(id: number, abi: string): string | undefined {
  const table = Object.entries(SYSCALL_TABLES).find(([name]) => name === abi)?.[1];
  return table === undefined ? undefined : syscallName(id, table[1], table[0]);
}
