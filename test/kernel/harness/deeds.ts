/**
 * Example policies, as they are, against single deeds: what one forbids, what stands beside it, and ways that it does not
 * name. Each deed is done twice: while the policies are enforced, and as a control while they only detect.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, copyFileSync, existsSync, linkSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { attackPrograms } from '../../attacks/build.ts';
import { type Agent, repository, startAgent } from './agent.ts';
import { hookOf, type JsonEvent } from './event.ts';
import { randomName, Scene } from './scene.ts';

export type Deed = {
  readonly title: string;
  /** The words of test/attacks/deeds.c, or what follows the name of `program`. */
  readonly words: readonly string[];
  /** Another program than the deeds. */
  readonly program?: string;
  /** A path that the policy lets through: the deed is done by a copy of the program there. */
  readonly as?: string;
  /** A file that is opened for writing before the policies are loaded, and is the standard input of the deed. */
  readonly held?: string;
  /** What it comes to when nothing is in the way: the name of an error, or an exit status; success unless said. */
  readonly free?: string | number;
  /** Undefined: the policy lets it happen, and tells nothing. */
  readonly denied?: {
    /** One on each kernel; of several any. */
    readonly hook: string | readonly string[];
    /** EPERM unless said; programs that say only that they failed have an exit status. */
    readonly error?: string | number;
    /** Who the event is about, when that is not the program that began. */
    readonly binary?: string;
  };
};

export type Example = {
  /** The file in policies/examples, without its ending. */
  readonly policy: string;
  readonly deeds: readonly Deed[];
};

const SUCCESS = 0;

/** A deed of which nothing is told is followed by one that is. */
const MARK = { policy: 'no-read-shadow', path: '/etc/shadow', hook: 'file_open', error: 'EACCES' } as const;

/** Registers the tests. `prepare` runs before an agent does, in each mode; what it returns undoes it. */
export function testExamples(examples: readonly Example[], prepare: () => () => void): void {
  for (const enforced of [true, false]) {
    describe(enforced ? 'enforced' : 'detected only', () => {
      let stage: Stage | undefined;
      let undo = () => {};
      before(async () => {
        const scene = new Scene('tmpfs');
        undo = prepare();
        stage = await Stage.start(scene, examples, enforced);
      });
      after(async () => {
        await stage?.stop();
        undo();
      });

      for (const { policy, deeds } of examples) {
        for (const deed of deeds) test(`${policy}: ${deed.title}`, () => stage?.check(policy, deed));
      }
    });
  }
}

/** Who an event is to be about. */
type Subject = { readonly binary: string } | { readonly pid: number | undefined };

class Stage {
  readonly #scene: Scene;
  readonly #agent: Agent;
  readonly #enforced: boolean;
  /** Programs that were put in places which policies let through. */
  readonly #made: readonly string[];
  readonly #held: ReadonlyMap<string, number>;

  private constructor(parts: {
    readonly scene: Scene;
    readonly agent: Agent;
    readonly enforced: boolean;
    readonly made: readonly string[];
    readonly held: ReadonlyMap<string, number>;
  }) {
    this.#scene = parts.scene;
    this.#agent = parts.agent;
    this.#enforced = parts.enforced;
    this.#made = parts.made;
    this.#held = parts.held;
  }

  static async start(scene: Scene, examples: readonly Example[], enforced: boolean): Promise<Stage> {
    const all = examples.flatMap(({ deeds }) => deeds);
    const made = new Set(all.flatMap(({ as }) => as ?? []));
    for (const path of made) {
      assert.ok(!existsSync(path), `${path} is no program of the guest's own`);
      mkdirSync(dirname(path), { recursive: true });
      copyFileSync(attackPrograms.deeds, path);
    }
    scene.copyProgram('deeds', join(scene.scratch, 'deeds'));
    const held = new Map(all.flatMap((deed) => deed.held ?? []).map((path) => [path, openSync(path, 'a')]));
    const names = new Set([...examples.map(({ policy }) => policy), MARK.policy]);
    const policies = [...names].map(exampleText);
    const agent = await startAgent({ policies, detect: !enforced });
    assert.deepEqual(agent.refusals, [], 'all policies are loaded');
    return new Stage({ scene, agent, enforced, made: [...made], held });
  }

  /** Does the deed, and checks what came of it and what was told. */
  async check(policy: string, deed: Deed): Promise<void> {
    const { words, free = SUCCESS, denied } = deed;
    const program = deed.program ?? deed.as ?? this.#ownProgram();
    const { pid, status } = await run(program, words, this.#held.get(deed.held ?? ''));
    const expected = this.#enforced && denied !== undefined ? (denied.error ?? 'EPERM') : free;
    assert.equal(readable(status), readable(expected), words.join(' '));
    // A program of its own is known by its path, in all its children; that of others is not theirs alone.
    const subject = deed.as === undefined ? { binary: denied?.binary ?? program } : { pid };
    if (denied === undefined) await this.#checkNothingTold(policy, subject);
    else await this.#checkTold(policy, subject, [denied.hook].flat());
  }

  async stop(): Promise<void> {
    await this.#agent.stop();
    for (const file of this.#held.values()) closeSync(file);
    for (const path of this.#made) rmSync(path);
    this.#scene.remove();
  }

  async #checkTold(policy: string, subject: Subject, hooks: readonly string[]): Promise<void> {
    const [event] = await this.#agent.eventsWhere(
      `${hooks.join(' or ')} of ${policy} by ${JSON.stringify(subject)}`,
      (each) => isAbout(each, policy, subject) && hooks.includes(hookOf(each)?.function_name ?? ''),
    );
    assert.equal(event?.ringfence?.verdict, this.#enforced ? 'denied' : 'would');
  }

  async #checkNothingTold(policy: string, subject: Subject): Promise<void> {
    const mark = this.#ownProgram();
    const { status } = await run(mark, ['read', MARK.path]);
    assert.equal(readable(status), readable(this.#enforced ? MARK.error : SUCCESS));
    await this.#checkTold(MARK.policy, { binary: mark }, [MARK.hook]);
    assert.deepEqual(
      this.#agent.events.filter((event) => isAbout(event, policy, subject)),
      [],
    );
  }

  /** By its name events tell whose they are. */
  #ownProgram(): string {
    const path = join(this.#scene.scratch, randomName());
    linkSync(join(this.#scene.scratch, 'deeds'), path);
    return path;
  }
}

export function exampleText(policy: string): string {
  return readFileSync(join(repository, 'policies/examples', `${policy}.yaml`), 'utf8');
}

type Ended = { readonly pid: number | undefined; readonly status: number | string };

async function run(program: string, words: readonly string[], input?: number): Promise<Ended> {
  const child = spawn(program, words, { stdio: [input ?? 'ignore', 'ignore', 'inherit'] });
  const [status, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return { pid: child.pid, status: status ?? signal ?? '' };
}

function isAbout(event: JsonEvent, policy: string, subject: Subject): boolean {
  const hook = hookOf(event);
  if (hook?.policy_name !== policy) return false;
  return 'pid' in subject ? hook.process?.pid === subject.pid : hook.process?.binary === subject.binary;
}

/** Exit statuses of the deeds are errors by number; others stay as they are. */
function readable(status: number | string): number | string {
  if (typeof status === 'string') return status;
  return Object.entries(constants.errno).find(([, number]) => number === status)?.[0] ?? status;
}
