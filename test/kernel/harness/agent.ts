/** The agent under test, as a user runs it: a process of its own, policies in files, events on its standard output. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { JsonEvent } from './event.ts';
import { Lines } from './lines.ts';
import { tellLoaded } from './loaded.ts';

export const repository = join(import.meta.dirname, '../../..');
const dist = join(repository, 'dist');
/** In the form that is shipped, which starts in half the time; see test/lab/payload.ts. */
export const commandLine = existsSync(join(dist, 'of-these-sources'))
  ? join(dist, 'lib/ringfence/ringfence.js')
  : join(repository, 'src/cli/main.ts');
/** Another version, whose maps have another layout; see test/upgrade/build.ts. */
export const nextCommandLine = join(repository, 'kprobes/build/next/lib/ringfence/ringfence.js');

/** Guests are emulated, some twenty times slower than the machine they run on, which may have others to run. */
const READY_TIMEOUT_MS = 300_000;
const EVENT_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 60_000;

const LEVEL_ERROR = /"level":50,/;

/** Of a failure, of the events and of the log. */
const LINES_SHOWN = 8;
const CHARACTERS_SHOWN = 600;

export type AgentOptions = {
  /** Texts of policies, each put into a file of its own. */
  readonly policies: readonly string[];
  /** Watch, and enforce nothing. */
  readonly detect?: boolean;
  /** `json` unless said; `compact` is for people, and has no events to look into. */
  readonly output?: 'json' | 'compact';
  readonly args?: readonly string[];
  /** What it leaves is found by the next agent of the same place; unless said, it leaves nothing. */
  readonly place?: AgentPlace | undefined;
  /** What Node runs; unless said, `commandLine`. */
  readonly program?: string;
};

/** Directories that agents share which follow each other. */
export type AgentPlace = { readonly pins: string; readonly run: string; readonly state: string };

export type AgentExit = { readonly status: number | null; readonly signal: string | null; readonly log: string };

export class Agent {
  readonly #process: ChildProcess;
  readonly #output: Lines;
  readonly #log: Lines;
  readonly #exit: Promise<unknown>;
  readonly #directory: string;
  readonly #events: JsonEvent[] = [];
  #parsed = 0;

  constructor(process: ChildProcess, streams: { output: Readable; log: Readable }, directory: string) {
    this.#process = process;
    this.#output = new Lines(streams.output);
    this.#log = new Lines(streams.log);
    this.#exit = once(process, 'exit');
    this.#directory = directory;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get log(): string {
    return this.#log.seen.join('\n');
  }

  /** Policies that it went on without, and why, as its log says. */
  get refusals(): readonly string[] {
    return this.#log.seen.filter((line) => line.startsWith('{') && LEVEL_ERROR.test(line));
  }

  /** What it printed so far, line by line. */
  get lines(): readonly string[] {
    return this.#output.seen;
  }

  /** Waits for a line that answers `isWanted`; undefined when none comes. */
  lineWhere(isWanted: (line: string) => boolean): Promise<string | undefined> {
    return this.#output.until(() => this.lines.find(isWanted), EVENT_TIMEOUT_MS);
  }

  /** All events so far. */
  get events(): readonly JsonEvent[] {
    for (const line of this.#output.seen.slice(this.#parsed)) this.#events.push(JSON.parse(line) as JsonEvent);
    this.#parsed = this.#output.seen.length;
    return this.#events;
  }

  async ready(): Promise<void> {
    const isReady = await this.#log.until(() => this.#log.seen.find(saysReady), READY_TIMEOUT_MS);
    if (isReady !== undefined) return;
    await this.stop();
    throw new Error(`the agent did not become ready:\n${this.log}`);
  }

  /** Waits until at least `count` events answer `isWanted`, and returns all that do. */
  async eventsWhere(what: string, isWanted: (event: JsonEvent) => boolean, count = 1): Promise<readonly JsonEvent[]> {
    const found = await this.#output.until(() => {
      const wanted = this.events.filter(isWanted);
      return wanted.length >= count ? wanted : undefined;
    }, EVENT_TIMEOUT_MS);
    if (found !== undefined) return found;
    const last = this.#output.seen.slice(-LINES_SHOWN).map(beginning).join('\n');
    const log = this.#log.seen.slice(-LINES_SHOWN).map(beginning).join('\n');
    const had = this.events.filter(isWanted).length;
    throw new Error(`${had} of ${count} events came: ${what}\nlast events:\n${last}\nend of the log:\n${log}`);
  }

  /** Ends it as nobody can refuse. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exit;
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async stop(): Promise<AgentExit> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.#exit;
    clearTimeout(timer);
    rmSync(this.#directory, { recursive: true, force: true });
    return { status: this.#process.exitCode, signal: this.#process.signalCode, log: this.log };
  }
}

/** Starts an agent and waits until its policies are attached. */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const agent = launchAgent(options);
  await agent.ready();
  if (agent.refusals.length === 0) tellLoaded(options.policies);
  return agent;
}

/** Starts an agent that may well refuse. */
export function launchAgent(options: AgentOptions): Agent {
  const { policies, detect = false, output = 'json', args = [], program = commandLine } = options;
  const directory = mkdtempSync(join(tmpdir(), 'ringfence-policies-'));
  const files = policies.map((text, index) => {
    const file = join(directory, `policy-${index}.yaml`);
    writeFileSync(file, text);
    return file;
  });
  const flags = [
    ...files.flatMap((file) => ['--policy', file]),
    ...['--output', output],
    ...(detect ? ['--detect'] : []),
    ...placeFlags(options.place ?? { pins: '', run: join(directory, 'run'), state: join(directory, 'state') }),
    ...args,
  ];
  const child = spawn(process.execPath, [program, 'run', ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  return new Agent(child, { output: child.stdout, log: child.stderr }, directory);
}

function placeFlags({ pins, run, state }: AgentPlace): readonly string[] {
  return ['--bpf-dir', pins, '--run-dir', run, '--state-dir', state, '--start-guard', '0'];
}

function beginning(line: string): string {
  return line.length > CHARACTERS_SHOWN ? `${line.slice(0, CHARACTERS_SHOWN)}…` : line;
}

function saysReady(line: string): boolean {
  return line.startsWith('{') && (JSON.parse(line) as { readonly msg?: unknown }).msg === 'ready';
}
