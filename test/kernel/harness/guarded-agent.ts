/** An agent that guards itself, as a process of its own, and somebody who tampers with it. */
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { attackPrograms } from '../../attacks/build.ts';
import { Lines } from './lines.ts';
import { harnessScript } from './script.ts';

const STARTING_MS = 60_000;
const TELLING_MS = 20_000;

export type Tampering = {
  readonly what: string;
  readonly outcome: string;
  readonly name?: string;
  readonly detail?: string;
  readonly host?: boolean;
  readonly comm?: string;
  readonly process?: { readonly binary?: string };
};

export type GuardedOptions = {
  readonly level: 'maps' | 'agent' | 'strict';
  /** Of its pins. */
  readonly root: string;
  readonly mode?: 'enforce' | 'monitor';
  readonly cgroup?: string;
};

type Ready = {
  readonly maps: Readonly<Record<string, number>>;
  readonly links: Readonly<Record<string, number>>;
  /** Of one of the maps, in the agent. */
  readonly fd: number;
};

export class GuardedAgent {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #output: Lines;
  readonly #log: Lines;
  readonly ready: Ready;
  #read = 0;

  private constructor(
    process: ChildProcessByStdio<Writable, Readable, Readable>,
    output: Lines,
    log: Lines,
    ready: Ready,
  ) {
    this.#process = process;
    this.#output = output;
    this.#log = log;
    this.ready = ready;
  }

  static async start({ level, root, mode = 'enforce', cgroup }: GuardedOptions): Promise<GuardedAgent> {
    const args = [level, root, mode, ...(cgroup === undefined ? [] : [cgroup])];
    const child = spawn(process.execPath, [harnessScript('guarded'), ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const output = new Lines(child.stdout);
    const log = new Lines(child.stderr);
    const line = await output.until(() => output.seen.find((each) => each.startsWith('{"ready"')), STARTING_MS);
    assert.ok(line !== undefined, `it starts:\n${log.seen.join('\n')}`);
    return new GuardedAgent(child, output, log, (JSON.parse(line) as { readonly ready: Ready }).ready);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get runs(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  map(name: string): string {
    return String(this.ready.maps[name]);
  }

  /** What was told of since this was last called; waits for as much as is expected. */
  async told(count: number): Promise<readonly Tampering[]> {
    const fresh = () => this.#output.seen.slice(this.#read).flatMap(tamperingsOf);
    const found = await this.#output.until(() => (fresh().length >= count ? fresh() : undefined), TELLING_MS);
    assert.ok(
      found !== undefined,
      `${fresh().length} of ${count}:\n${this.#output.seen.join('\n')}\n${this.#log.seen.join('\n')}`,
    );
    this.#read = this.#output.seen.length;
    return found;
  }

  /** Runs a shell command as a child of the agent. */
  async child(command: string): Promise<number> {
    return (await this.#ask(`child ${command}`, 'status')) as number;
  }

  async counts(): Promise<Readonly<Record<'denied' | 'seen' | 'untold', number>>> {
    return (await this.#ask('counts', 'counts')) as Readonly<Record<'denied' | 'seen' | 'untold', number>>;
  }

  async #ask(line: string, member: string): Promise<unknown> {
    const from = this.#output.seen.length;
    this.#process.stdin.write(`${line}\n`);
    const isAnswer = (each: string) => each.startsWith(`{"${member}":`);
    const answer = await this.#output.until(() => this.#output.seen.slice(from).find(isAnswer), TELLING_MS);
    assert.ok(answer !== undefined, `an answer to ${line}:\n${this.#log.seen.join('\n')}`);
    return (JSON.parse(answer) as Readonly<Record<string, unknown>>)[member];
  }

  /** It becomes another program, with the same pid. */
  becomeAnother(): void {
    this.#process.stdin.write('exec\n');
  }

  async stop(): Promise<void> {
    this.#process.stdin.end();
    if (this.runs) await once(this.#process, 'exit');
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    if (this.runs) await once(this.#process, 'exit');
  }
}

export type TamperPlace = 'host' | 'mounts' | 'container';

/** One attempt, from there; the errno that it failed with, or 0. */
export function tamper(place: TamperPlace, way: string, ...args: readonly string[]): number {
  const { stdout, stderr, status } = spawnSync(attackPrograms.tamper, [place, way, ...args], { encoding: 'utf8' });
  assert.equal(status, 0, `${way} could be tried: ${stderr}`);
  return Number(stdout);
}

function tamperingsOf(line: string): readonly Tampering[] {
  if (!line.startsWith('{"node_name"')) return [];
  const { ringfence } = JSON.parse(line) as { readonly ringfence?: { readonly tamper?: Tampering } };
  return ringfence?.tamper === undefined ? [] : [ringfence.tamper];
}
