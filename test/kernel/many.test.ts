/** Many policies on one hook, and long lists of values: each policy acts for itself, on what is its own. */
import assert from 'node:assert/strict';
import { closeSync, mkdirSync, mkdtempSync, openSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { known } from '#std';
import {
  type Agent,
  type Answer,
  type CallArgument,
  hookOf,
  type JsonEvent,
  pathsOf,
  policyOf,
  socketAddress,
  startAgent,
  Trigger,
} from './harness/index.ts';

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'many-')));
after(() => rmSync(directory, { recursive: true }));

const AF_INET = 2;
const SOCK_STREAM = 1;
const PORT_MIN = 20_000;
/** Of 10 and 116, ECHILD and ESTALE, the kernel makes nothing but another try to open. */
const ERROR_MIN = 11;
const ERRORS = 100;

const fileArgument = { hook: 'file_open', args: [{ index: 0, type: 'file' }] };

// ---- many policies ----

/** A policy, the one call that is its own, and what becomes of that. */
type Member = {
  readonly name: string;
  readonly text: string;
  readonly call: (socket: number) => readonly [name: string, ...args: CallArgument[]];
  readonly verdict: 'match' | 'denied' | 'killed';
  /** What the event says the call was about. */
  readonly about: string;
  /** What a denial returns: of one policy another than of the next. */
  readonly error: number;
};

function opener(index: number, operator: 'Equal' | 'Prefix'): Member {
  const path = join(directory, `${index}-file`);
  writeFileSync(path, '');
  const error = -ERROR_MIN - (index % ERRORS);
  const verdict = known((['match', 'denied', 'killed'] as const)[index % 3], 'verdict');
  const action = { match: { action: 'Post' }, denied: { action: 'Override', argError: error }, killed: KILL }[verdict];
  const value = operator === 'Equal' ? path : join(directory, `${index}-`);
  const selectors = [{ matchArgs: [{ index: 0, operator, values: [value] }], matchActions: [action] }];
  const name = `open-${index}`;
  const text = policyOf(name, { lsmhooks: [{ ...fileArgument, selectors }] });
  return { name, text, call: () => ['open', path, 0], verdict, about: path, error };
}

function connector(index: number): Member {
  const port = PORT_MIN + index;
  const verdict = index % 5 === 0 ? 'killed' : 'match';
  const action = verdict === 'killed' ? KILL : { action: 'Post' };
  const selectors = [{ matchArgs: [{ index: 0, operator: 'DPort', values: [`${port}`] }], matchActions: [action] }];
  const args = [{ index: 0, type: 'sock' }];
  const name = `connect-${index}`;
  const text = policyOf(name, { kprobes: [{ call: 'tcp_connect', syscall: false, args, selectors }] });
  const address = socketAddress('127.0.0.1', port);
  return {
    name,
    text,
    call: (socket) => ['connect', socket, address, address.length],
    verdict,
    about: `${port}`,
    error: 0,
  };
}

const KILL = { action: 'Sigkill' };

/** Makes the call of each member, with a call between that concerns none; each must be told of once, by its own policy. */
async function checkEach(agent: Agent, members: readonly Member[]): Promise<void> {
  const nobodys = join(directory, 'nobodys');
  writeFileSync(nobodys, '');
  const pids: number[] = [];
  let caller: { readonly trigger: Trigger; readonly socket: number } | undefined;
  for (const member of members) {
    caller ??= await newCaller();
    const { trigger, socket } = caller;
    if (!pids.includes(trigger.pid)) pids.push(trigger.pid);
    const passed = await trigger.call('open', nobodys, 0);
    assert.ok(passed.kind === 'returned' && passed.result >= 0, `${member.name}: ${JSON.stringify(passed)}`);
    await trigger.call('close', passed.result);
    checkAnswer(await trigger.call(...member.call(socket)), member);
    if (member.verdict === 'killed') caller = undefined;
  }
  await caller?.trigger.stop();
  const isOurs = (event: JsonEvent) => pids.includes(hookOf(event)?.process?.pid ?? 0);
  const events = await agent.eventsWhere('one of each policy', isOurs, members.length);
  assert.deepEqual(events.map(briefly).toSorted(), members.map(expected).toSorted());
}

async function newCaller() {
  const trigger = await Trigger.start();
  const answer = await trigger.call('socket', AF_INET, SOCK_STREAM, 0);
  assert.ok(answer.kind === 'returned' && answer.error === undefined, JSON.stringify(answer));
  return { trigger, socket: answer.result };
}

function checkAnswer(answer: Answer, { name, verdict, error }: Member): void {
  const what = `${name}: ${JSON.stringify(answer)}`;
  if (verdict === 'killed') assert.ok(answer.kind === 'ended' && answer.signal === 'SIGKILL', what);
  else if (verdict === 'denied') assert.ok(answer.kind === 'returned' && answer.result === error, what);
  else assert.ok(answer.kind === 'returned' && (answer.result >= 0 || answer.error === 'ECONNREFUSED'), what);
}

function briefly(event: JsonEvent): string {
  const hook = hookOf(event) ?? {};
  const [socket] = hook.args?.map(({ sock_arg }) => sock_arg) ?? [];
  const port = isObject(socket) ? `${socket.dport}` : '';
  return `${hook.policy_name} ${event.ringfence?.verdict} ${pathsOf(hook)[0] ?? port}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function expected({ name, verdict, about }: Member): string {
  return `${name} ${verdict} ${about}`;
}

async function checkAll(members: readonly Member[]): Promise<void> {
  const agent = await startAgent({ policies: members.map(({ text }) => text) });
  try {
    for (const { name } of members) assert.match(agent.log, new RegExp(`"policies":\\[.*"${name}".*"msg":"ready"`));
    await checkEach(agent, members);
  } finally {
    await agent.stop();
  }
}

test('a hundred policies on file_open and fifty on tcp_connect each act', async () => {
  const openers = Array.from({ length: 100 }, (_, index) => opener(index, 'Prefix'));
  const connectors = Array.from({ length: 50 }, (_, index) => connector(index));
  await checkAll([...openers, ...connectors]);
});

test('two hundred policies on one hook each act', async () => {
  await checkAll(Array.from({ length: 200 }, (_, index) => opener(index, 'Equal')));
});

// ---- long lists ----

const LIST_VALUES = 10_000;
const wholes = join(directory, 'wholes');
const beginnings = join(directory, 'beginnings');

/** What is opened, and the error that comes of it. */
const nearValues = [
  ['the first value', join(wholes, '0-name'), 'EIO'],
  ['a value', join(wholes, '4711-name'), 'EIO'],
  ['the last value', join(wholes, `${LIST_VALUES - 1}-name`), 'EIO'],
  ['less than a value', join(wholes, '4711-nam'), undefined],
  ['more than a value', join(wholes, '4711-names'), undefined],
  ['a value but for its last byte', join(wholes, '4711-namf'), undefined],
  ['a value but for its first byte', join(wholes, 'x711-name'), undefined],
  ['what would come after the last value', join(wholes, `${LIST_VALUES}-name`), undefined],
  ['the first beginning, whole', join(beginnings, '0-begin'), 'ENXIO'],
  ['a beginning, and more', join(beginnings, '4711-beginning'), 'ENXIO'],
  ['the last beginning, and more', join(beginnings, `${LIST_VALUES - 1}-begin-`), 'ENXIO'],
  ['less than a beginning', join(beginnings, '4711-begi'), undefined],
  ['a beginning but for its last byte', join(beginnings, '4711-begun'), undefined],
  ['a beginning elsewhere', join(directory, '4711-begin'), undefined],
] as const;

test(`lists of ${LIST_VALUES} values: those that are in them, and no others`, async () => {
  for (const path of [wholes, beginnings]) mkdirSync(path);
  for (const [, path] of nearValues) writeFileSync(path, '');
  const numbers = Array.from({ length: LIST_VALUES }, (_, number) => number);
  const wholeValues = numbers.map((number) => join(wholes, `${number}-name`));
  const beginningValues = numbers.map((number) => join(beginnings, `${number}-begin`));
  const agent = await startAgent({
    policies: [listPolicy('whole', 'Equal', wholeValues, -5), listPolicy('beginning', 'Prefix', beginningValues, -6)],
  });
  try {
    for (const [name, path, error] of nearValues) assert.equal(errorOfOpening(path), error, name);
  } finally {
    await agent.stop();
  }
});

function listPolicy(name: string, operator: string, values: readonly string[], argError: number): string {
  const matchActions = [{ action: 'Override', argError }];
  const selectors = [{ matchArgs: [{ index: 0, operator, values }], matchActions }];
  return policyOf(name, { lsmhooks: [{ ...fileArgument, selectors }] });
}

function errorOfOpening(path: string): string | undefined {
  try {
    closeSync(openSync(path, 'r'));
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}
