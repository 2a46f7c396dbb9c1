/** The agent as it is shipped, in the guest that measures it: its policies over its socket, its cost by its process clock. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ChangeAnswer, ControlClient } from '#control';
import { assert } from '#std';
import { EXECUTED, PLACE } from './works.ts';

const RUN = join(PLACE, 'run');
const STATE = join(PLACE, 'state');
const SOCKET = join(RUN, 'control.sock');
const EXPORT = join(PLACE, 'events.json');
const CACHE = join(PLACE, 'compile-cache');
/** 4 MiB together. */
const RING = '2M';
/** The guest's own time, of which nobody waits for more than it takes. */
const QUIET_MS = 400;
const QUIET_ROUNDS_MAX = 150;
/** A twentieth of that time. */
const IDLE_NS_MAX = 20_000_000;
const LSM = '"process_lsm"';
const VARIABLE = /^[A-Z_]+=/;
const REMOVALS_MAX = 10;
/** Of a policy, in YAML or JSON. */
const NAME = /"?name"?: *"([^"]+)"/;

const FLAGS = [
  ...['--output', 'none', '--export-filename', EXPORT, '--export-file-max-size-mb', '200'],
  // nothing is pinned: all ends with the agent
  ...['--bpf-dir', '', '--run-dir', RUN, '--state-dir', STATE, '--start-guard', '0'],
  ...['--verdict-ring-size', RING, '--observation-ring-size', RING],
];

/** It did not become ready: this machine is not one that it can work on. */
export class AgentRefused extends Error {
  override readonly name = 'AgentRefused';
}

export type BenchAgentOptions = {
  /** The script of the bundle. */
  readonly program: string;
  /** Files and folders of policies that it starts with. */
  readonly policies?: readonly string[];
  /** More flags, and `NAME=VALUE` for its environment: what another column is measured with. */
  readonly flags: readonly string[];
};

/** Instructions in a guest whose clock counts them, nanoseconds elsewhere. */
export type Cost = number;

export class BenchAgent {
  readonly #child: ChildProcess;
  readonly #log: string[] = [];
  readonly #client = new ControlClient({ path: SOCKET, silentMsMax: 600_000 });
  readonly #loaded = new Set<string>();
  #startCost: Cost = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Nothing of an agent before it is left, but for what Node compiled of it. */
  static async start({ program, policies = [], flags }: BenchAgentOptions): Promise<BenchAgent> {
    forget();
    const { given = [], variables = [] } = Object.groupBy(flags, (word) =>
      VARIABLE.test(word) ? 'variables' : 'given',
    );
    const argv = [program, 'run', ...FLAGS, ...policies.flatMap((path) => ['--policy', path]), ...given];
    // not what makes the Node of a guest start the sources of tests
    const { NODE_OPTIONS: _, ...environment } = process.env;
    const child = spawn(process.execPath, argv, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...environment, NODE_COMPILE_CACHE: CACHE, ...Object.fromEntries(variables.map(nameAndValue)) },
    });
    const agent = new BenchAgent(child);
    await agent.#ready();
    return agent;
  }

  /** So that the next start is a cold one. */
  static forgetCompiled(): void {
    rmSync(CACHE, { recursive: true, force: true });
  }

  get pid(): number {
    const { pid } = this.#child;
    assert(pid !== undefined, 'it runs');
    return pid;
  }

  /** Until it was ready. */
  get startCost(): Cost {
    return this.#startCost;
  }

  /** What it has cost since it started. */
  get cost(): Cost {
    const { status, stdout } = spawnSync(EXECUTED, ['cpu', String(this.pid)], { encoding: 'utf8' });
    assert(status === 0, 'the agent runs');
    return Number(stdout);
  }

  /** Lines of JSON. */
  get events(): readonly string[] {
    return existsSync(EXPORT) ? readFileSync(EXPORT, 'utf8').trimEnd().split('\n') : [];
  }

  /** That it wrote this very file. */
  get eventsOfItself(): number {
    const [pid, path] = [`"pid":${this.pid},`, JSON.stringify(EXPORT)];
    return this.events.filter((line) => [LSM, pid, path].every((part) => line.includes(part))).length;
  }

  /** To exactly these policies. False where a new agent has them sooner: each removal compiles all that stay. */
  async change(texts: readonly string[]): Promise<boolean> {
    const wanted = new Set(texts);
    const gone = [...this.#loaded].filter((text) => !wanted.has(text));
    if (gone.length > REMOVALS_MAX) return false;
    for (const text of gone) await this.#remove(text);
    const added = texts.filter((text) => !this.#loaded.has(text));
    if (added.length > 0) {
      done(await this.#client.add({ text: added.join('\n---\n'), source: 'bench.yaml' }));
      for (const text of added) this.#loaded.add(text);
    }
    await this.quiet();
    return true;
  }

  async #remove(text: string): Promise<void> {
    const [, name] = NAME.exec(text) ?? [];
    assert(name !== undefined, 'a policy has a name');
    done(await this.#client.remove({ name, namespace: undefined }));
    this.#loaded.delete(text);
  }

  /**
   * Until it has done what there was to do: it writes no more, and hardly runs. One that does not come to rest is not
   * waited for longer than a minute.
   */
  async quiet(): Promise<void> {
    let before = this.#progress();
    for (let round = 0; round < QUIET_ROUNDS_MAX; round += 1) {
      await sleep(QUIET_MS);
      const now = this.#progress();
      if (now.bytes === before.bytes && now.cpuNs - before.cpuNs < IDLE_NS_MAX) return;
      before = now;
    }
  }

  /** Without a process that it would hear of. */
  #progress(): { readonly bytes: number; readonly cpuNs: number } {
    const tasks = `/proc/${this.pid}/task`;
    const times = readdirSync(tasks).map((task) =>
      Number.parseInt(readFileSync(`${tasks}/${task}/schedstat`, 'utf8'), 10),
    );
    return { bytes: sizeOf(EXPORT), cpuNs: times.reduce((sum, time) => sum + time, 0) };
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGTERM');
      await once(this.#child, 'exit');
    }
    assert(this.#child.exitCode === 0, `the agent ended badly:\n${this.#log.join('\n')}`);
  }

  async #ready(): Promise<void> {
    const { stderr } = this.#child;
    assert(stderr !== null, 'it is a pipe');
    const lines = createInterface({ input: stderr });
    await new Promise<void>((resolve, reject) => {
      lines.on('line', (line) => {
        this.#log.push(line);
        if (line.includes('"msg":"ready"')) resolve();
      });
      lines.once('close', () => reject(new AgentRefused(this.#log.join('\n'))));
    });
    this.#startCost = this.cost;
    const refused = this.#log.filter((line) => line.includes('"level":50,'));
    assert(refused.length === 0, refused.join('\n'));
  }
}

function nameAndValue(word: string): readonly [string, string] {
  const at = word.indexOf('=');
  return [word.slice(0, at), word.slice(at + 1)];
}

function done({ kind, diagnostics }: ChangeAnswer): void {
  assert(kind === 'done', `${kind}: ${diagnostics.map(({ message }) => message).join('\n')}`);
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function forget(): void {
  for (const path of [STATE, RUN, EXPORT]) rmSync(path, { recursive: true, force: true });
  mkdirSync(PLACE, { recursive: true });
}
