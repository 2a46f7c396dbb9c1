/**
 * Many policies under one agent, each about a program of its own, so that none is disturbed by the calls of another:
 * what each must tell, and what its calls must return, is data.
 */
import assert from 'node:assert/strict';
import { linkSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Agent, type AgentOptions, startAgent } from './agent.ts';
import { hookOf, type JsonArgument, type JsonEvent, type JsonHook } from './event.ts';
import { randomName, Scene } from './scene.ts';
import { type Answer, type CallArgument, Trigger } from './trigger.ts';

export type Selector = Readonly<Record<string, unknown>>;
export type HookSpec = Readonly<Record<string, unknown>> & { readonly selectors?: readonly Selector[] };
export type Spec = Readonly<
  Partial<Record<'kprobes' | 'lsmhooks' | 'tracepoints', readonly HookSpec[]>> & { readonly [key: string]: unknown }
>;

/** What a call comes to: a number, or anything that is no error; the name of an error; the signal that ends it. */
export type Ending =
  | { readonly returns: number | 'success' }
  | { readonly fails: string }
  | { readonly endsBy: string };

/** Members that an event must have; `args` and `return` are compared whole, but for cookies and the like. */
export type Told = {
  readonly args?: readonly JsonArgument[];
  readonly return?: JsonArgument;
  readonly action?: string;
  readonly returnAction?: string;
  readonly verdict?: string;
  readonly decidedAt?: string;
  readonly mayComplete?: boolean;
  readonly returnLost?: boolean;
};

export type Step = {
  readonly call: readonly [name: string, ...args: CallArgument[]];
  /** From a thread of its own. */
  readonly inThread?: boolean;
  readonly ending?: Ending;
  /** One for each event of the policy, in order; none is the rule. */
  readonly tells?: readonly Told[];
};

export type Case = {
  readonly name: string;
  readonly spec: Spec;
  readonly steps: readonly Step[];
  /** The policy says itself which programs it is about. */
  readonly unscoped?: boolean;
  /** Cases of the same program see each other's calls; unless said, each has one of its own. */
  readonly program?: string;
};

export class Bench {
  readonly agent: Agent;
  readonly #scene: Scene;
  readonly #programs: ReadonlyMap<string, string>;
  readonly #marks: readonly string[];
  #marked = 0;

  private constructor(agent: Agent, scene: Scene, programs: ReadonlyMap<string, string>, marks: readonly string[]) {
    this.agent = agent;
    this.#scene = scene;
    this.#programs = programs;
    this.#marks = marks;
  }

  static async start(cases: readonly Case[], options: Omit<AgentOptions, 'policies'> = {}): Promise<Bench> {
    const scene = new Scene('tmpfs');
    const trigger = scene.copyProgram('trigger', join(scene.scratch, randomName()));
    const programs = new Map(cases.map(programName).map((name) => [name, join(scene.scratch, `for-${name}`)]));
    for (const path of programs.values()) linkSync(trigger, path);
    const marks = ['denied', 'observed'].map((kind) => join(scene.scratch, `mark-${kind}`));
    for (const path of marks) writeFileSync(path, '');
    const policies = cases.map((each) => {
      const { name, spec, unscoped = false } = each;
      return policyOf(name, unscoped ? spec : scoped(spec, programs.get(programName(each)) ?? ''));
    });
    const agent = await startAgent({ ...options, policies: [...policies, policyOf(MARK, markSpec(marks))] });
    const { refusals } = agent;
    if (refusals.length > 0) await agent.stop();
    assert.deepEqual(refusals, [], 'all policies are loaded');
    return new Bench(agent, scene, programs, marks);
  }

  /** The path of a program, by its name: that of a case which has one of its own. */
  programOf(name: string): string {
    const program = this.#programs.get(name);
    assert.ok(program !== undefined, `there is a program ${name}`);
    return program;
  }

  /** Makes the calls of a case, and checks what they return and what its policy tells. */
  async check(each: Case): Promise<void> {
    const { name, steps } = each;
    await using trigger = await Trigger.start(this.programOf(programName(each)));
    for (const { call, inThread = false, ending } of steps) {
      const answer = await (inThread ? trigger.callInThread(...call) : trigger.call(...call));
      if (ending !== undefined) checkEnding(answer, ending, `${name}: ${call[0]}`);
    }
    await this.checkTold(
      name,
      [trigger.pid],
      steps.flatMap(({ tells = [] }) => tells),
    );
  }

  /** All that a policy tells of these processes, when nothing more can come. */
  async checkTold(policy: string, pids: readonly number[], expected: readonly Told[]): Promise<void> {
    const events = await this.eventsOf(policy, pids);
    const text = events.map((event) => JSON.stringify(event)).join('\n');
    assert.equal(events.length, expected.length, `${policy} tells ${expected.length} times:\n${text}`);
    for (const [index, told] of expected.entries()) checkEvent(events[index], told, policy);
  }

  /** What a policy has told of these processes until now. */
  async eventsOf(policy: string, pids: readonly number[]): Promise<readonly JsonEvent[]> {
    const events = await Promise.all(pids.map((pid) => this.eventsOfProcess(pid)));
    return events.flat().filter((event) => hookOf(event)?.policy_name === policy);
  }

  /** What all policies have told of a process until now. */
  async eventsOfProcess(pid: number): Promise<readonly JsonEvent[]> {
    await this.#settle();
    return this.agent.events.filter((event) => hookOf(event)?.process?.pid === pid);
  }

  async stop(): Promise<void> {
    await this.agent.stop();
    this.#scene.remove();
  }

  /** Both rings are in order: when a mark has come, so has everything before it. */
  async #settle(): Promise<void> {
    for (const path of this.#marks) {
      try {
        readFileSync(path);
      } catch {}
    }
    this.#marked += 1;
    const wanted = this.#marked * this.#marks.length;
    await this.agent.eventsWhere('marks', (event) => hookOf(event)?.policy_name === MARK, wanted);
  }
}

function programName({ name, program = name }: Case): string {
  return program;
}

const MARK = 'mark';

function markSpec([denied, observed]: readonly string[]): Spec {
  const selector = (path: string | undefined, action: Selector) => ({
    matchArgs: [{ index: 0, operator: 'Equal', values: [path] }],
    matchActions: [action],
  });
  return {
    lsmhooks: [
      {
        hook: 'file_open',
        args: [{ index: 0, type: 'file' }],
        selectors: [selector(denied, { action: 'Override', argError: -1 }), selector(observed, { action: 'Post' })],
      },
    ],
  };
}

/** JSON is YAML. */
export function policyOf(name: string, spec: Spec, annotations?: Readonly<Record<string, string>>): string {
  return JSON.stringify(
    { apiVersion: 'cilium.io/v1alpha1', kind: 'TracingPolicy', metadata: { name, annotations }, spec },
    undefined,
    2,
  );
}

/** Each selector asks for the program as well. */
function scoped(spec: Spec, program: string): Spec {
  const binaries = { matchBinaries: [{ operator: 'In', values: [program] }] };
  const hooks = (list: readonly HookSpec[]) =>
    list.map((hook) => ({ ...hook, selectors: (hook.selectors ?? [{}]).map((each) => ({ ...binaries, ...each })) }));
  return Object.fromEntries(
    Object.entries(spec).map(([key, value]) => [key, HOOK_LISTS.includes(key) ? hooks(value as HookSpec[]) : value]),
  );
}

const HOOK_LISTS: readonly string[] = ['kprobes', 'lsmhooks', 'tracepoints'];

export function checkEnding(answer: Answer, ending: Ending, what: string): void {
  if ('endsBy' in ending) {
    assert.deepEqual(answer, { kind: 'ended', signal: ending.endsBy, status: undefined }, what);
    return;
  }
  assert.ok(answer.kind === 'returned', `${what} returned: ${JSON.stringify(answer)}`);
  if ('fails' in ending) assert.equal(answer.error, ending.fails, what);
  else if (ending.returns === 'success') assert.equal(answer.error, undefined, what);
  else assert.equal(answer.result, ending.returns, what);
}

function checkEvent(event: JsonEvent | undefined, told: Told, policy: string): void {
  const hook: JsonHook = (event && hookOf(event)) ?? {};
  const { ringfence } = event ?? {};
  const seen: Readonly<Record<keyof Told, unknown>> = {
    args: told.args?.map((each, index) => narrowed(hook.args?.[index], each)),
    return: told.return === undefined ? undefined : narrowed(hook.return, told.return),
    action: hook.action,
    returnAction: hook.return_action,
    verdict: ringfence?.verdict,
    decidedAt: ringfence?.decided_at,
    mayComplete: ringfence?.may_complete ?? false,
    returnLost: ringfence?.return_lost ?? false,
  };
  for (const [member, expected] of Object.entries(told)) {
    assert.deepEqual(seen[member as keyof Told], expected, `${policy}, ${member}: ${JSON.stringify(event)}`);
  }
}

/** As much of what was told as is expected. */
function narrowed(seen: unknown, expected: unknown): unknown {
  if (!isObject(seen) || !isObject(expected)) return seen;
  return Object.fromEntries(Object.keys(expected).map((key) => [key, narrowed(seen[key], expected[key])]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
