/** The program that runtimes run, kprobes/build/ringfence-hook, against the agent's end of it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, describe, test } from 'node:test';
import { removeHookFiles, takeMissed, writeRules } from './hook-files.ts';
import { cgroupPathIn, HookReader, type HookRequest } from './hook-request.ts';
import type { HookAnswer } from './hook-server.ts';
import { RuntimeHooks } from './runtime-hooks.ts';

const HOOK = join(import.meta.dirname, '../../kprobes/build/ringfence-hook');
const CONTAINERD = 'io.kubernetes.cri.sandbox-namespace';
const CRI_O = 'io.kubernetes.pod.namespace';

const made: string[] = [];
afterEach(() => {
  for (const each of made.splice(0)) rmSync(each, { recursive: true });
});

function directoryOf(): string {
  const directory = mkdtempSync(join(tmpdir(), 'ringfence-hook-'));
  made.push(directory);
  return directory;
}

const stateOf = (annotations: object = { [CONTAINERD]: 'shop' }) => ({
  ...{ ociVersion: '1.0.2', id: 'abc', status: 'creating', pid: process.pid, bundle: '/bundle' },
  annotations,
});

type Ran = { readonly status: number | null; readonly said: string };

async function runHook(
  directory: string,
  state: string | object,
  stage = 'createRuntime',
  namespaces: readonly string[] = [],
): Promise<Ran> {
  const child = spawn(HOOK, [stage, directory, ...namespaces], { stdio: ['pipe', 'ignore', 'pipe'] });
  child.stdin.on('error', () => undefined); // it need not read all of what is wrong
  child.stdin.end(typeof state === 'string' ? state : JSON.stringify(state));
  const [said, [status]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return { status: status as number | null, said };
}

function agentOf(
  answer: (request: HookRequest) => HookAnswer | Promise<HookAnswer>,
  failClosed: readonly string[] = [],
) {
  const requests: HookRequest[] = [];
  const admit = async (request: HookRequest) => {
    requests.push(request);
    return answer(request);
  };
  return { requests, workloads: { failClosed: new Set(failClosed), admit } };
}

describe('with an agent', () => {
  const answers: readonly (readonly [HookAnswer, number, RegExp])[] = [
    [{ kind: 'registered' }, 0, /^$/],
    [{ kind: 'passed' }, 0, /^$/],
    [
      { kind: 'refused', reason: 'its pod\nis not known' },
      1,
      /does not let this container start: its pod\?is not known/,
    ],
  ];
  for (const [answer, status, said] of answers) {
    test(`${answer.kind}: the hook ends with ${status}`, async () => {
      const directory = directoryOf();
      const { requests, workloads } = agentOf(() => answer);
      await using hooks = await RuntimeHooks.listen({ directory, workloads });
      const ran = await runHook(directory, stateOf());
      assert.equal(ran.status, status);
      assert.match(ran.said, said);
      assert.equal(hooks.counts[answer.kind], 1);
      const [request] = requests;
      assert.equal(request?.id, 'abc');
      assert.deepEqual(request?.annotations, { [CONTAINERD]: 'shop' });
      assert.equal(request?.pid, process.pid);
      assert.equal(request?.cgroup, readFileSync('/proc/self/cgroup', 'utf8'));
    });
  }

  test('at createContainer it tells of itself, as the pid of the state is that inside', async () => {
    const directory = directoryOf();
    const { requests, workloads } = agentOf(() => ({ kind: 'registered' }));
    await using _hooks = await RuntimeHooks.listen({ directory, workloads });
    assert.equal((await runHook(directory, { ...stateOf(), pid: 1 }, 'createContainer')).status, 0);
    assert.ok((requests[0]?.pid ?? 0) > 1);
    assert.notEqual(requests[0]?.pid, process.pid);
  });

  test('100 at once are all answered', async () => {
    const directory = directoryOf();
    const { workloads } = agentOf(() => ({ kind: 'registered' }));
    await using hooks = await RuntimeHooks.listen({ directory, workloads });
    const ran = await Promise.all(Array.from({ length: 100 }, () => runHook(directory, stateOf())));
    assert.ok(ran.every(({ status }) => status === 0));
    assert.equal(hooks.counts.registered, 100);
  });

  test('an agent that lives says so; not again once the hook was uninstalled', async () => {
    const directory = directoryOf();
    const rules = join(directory, 'hook.rules');
    await using hooks = await RuntimeHooks.listen({ directory, ...agentOf(() => ({ kind: 'passed' })) });
    utimesSync(rules, new Date(0), new Date(0));
    hooks.tick(performance.now() + 100_000);
    assert.notEqual(statSync(rules).mtimeMs, 0);
    removeHookFiles(directory);
    hooks.tick(performance.now() + 200_000);
    assert.equal(existsSync(rules), false);
  });

  test('the socket and the rules are for root alone', async () => {
    const directory = directoryOf();
    await using _hooks = await RuntimeHooks.listen({ directory, ...agentOf(() => ({ kind: 'passed' })) });
    for (const name of ['hook.sock', 'hook.rules']) {
      assert.equal(statSync(join(directory, name)).mode & 0o777, 0o600, name);
    }
  });

  test('what is in the place of the socket and is none stays', async () => {
    const directory = directoryOf();
    writeFileSync(join(directory, 'hook.sock'), 'kept');
    const listening = RuntimeHooks.listen({ directory, ...agentOf(() => ({ kind: 'passed' })) });
    await assert.rejects(listening, { code: 'RF3622' });
    assert.equal(readFileSync(join(directory, 'hook.sock'), 'utf8'), 'kept');
  });

  const wrong: Readonly<Record<string, string>> = {
    'another program': 'GET / HTTP/1.1\r\n\r\n',
    'another version': 'ringfence-hook 2 1 0 2\n{}',
    'a line without an end': 'x'.repeat(1000),
    'more than is taken': 'ringfence-hook 1 1 0 999999999\n',
    'no JSON': 'ringfence-hook 1 1 0 2\n{x',
    'no container': 'ringfence-hook 1 1 0 2\n{}',
    'more than was announced': 'ringfence-hook 1 1 0 10\n{"id":"a"}{}',
  };
  for (const [name, bytes] of Object.entries(wrong)) {
    test(`${name} is hung up on, and counted`, async () => {
      const directory = directoryOf();
      const { requests, workloads } = agentOf(() => ({ kind: 'passed' }));
      await using hooks = await RuntimeHooks.listen({ directory, workloads });
      const socket = connect(join(directory, 'hook.sock'));
      socket.on('error', () => undefined);
      socket.end(bytes);
      assert.equal(await text(socket).catch(() => ''), '');
      assert.equal(hooks.counts.malformed, 1);
      assert.equal(requests.length, 0);
    });
  }
});

describe('without an agent', () => {
  test('a container starts at once, and is counted by the next agent', async () => {
    const directory = directoryOf();
    for (const _ of [1, 2]) assert.deepEqual(await runHook(directory, stateOf()), { status: 0, said: '' });
    assert.deepEqual(takeMissed(directory), { count: 2, ids: ['abc', 'abc'] });
    assert.deepEqual(takeMissed(directory), { count: 0, ids: [] });
  });

  test('the file of missed ones does not grow for ever', async () => {
    const directory = directoryOf();
    appendFileSync(join(directory, 'hook.missed'), 'x\n'.repeat(40_000));
    assert.equal((await runHook(directory, stateOf())).status, 0);
    assert.equal(statSync(join(directory, 'hook.missed')).size, 80_000);
  });

  const closed: readonly (readonly [string, object, readonly string[], number])[] = [
    ['of containerd', { [CONTAINERD]: 'shop' }, ['bank', 'shop'], 1],
    ['of CRI-O', { [CRI_O]: 'shop' }, ['shop'], 1],
    ['another', { [CONTAINERD]: 'shop' }, ['sho', 'shopping'], 0],
    ['of no pod', {}, ['shop'], 0],
    [
      'too many to list',
      { [CONTAINERD]: 'shop' },
      Array.from({ length: 2000 }, (_, each) => `namespace-${each}-${'x'.repeat(40)}`),
      1,
    ],
  ];
  for (const [name, annotations, failClosed, status] of closed) {
    test(`namespaces that fail closed start nothing: ${name}`, async () => {
      const directory = directoryOf();
      writeRules(directory, { deadlineMs: 100, failClosed: new Set(failClosed) });
      const ran = await runHook(directory, stateOf(annotations));
      assert.equal(ran.status, status);
      assert.match(ran.said, status === 0 ? /^$/ : /no agent answers/);
      assert.equal(takeMissed(directory).count, status === 0 ? 1 : 0);
    });
  }

  test('where one ran a moment ago, the hook waits for the next', async () => {
    const directory = directoryOf();
    writeRules(directory, { deadlineMs: 60_000, failClosed: new Set(['shop']) });
    const running = runHook(directory, stateOf());
    await using hooks = await RuntimeHooks.listen({ directory, ...agentOf(() => ({ kind: 'registered' })) });
    assert.equal((await running).status, 0);
    assert.equal(hooks.counts.registered, 1);
  });

  test('where none ran for long, it does not', async () => {
    const directory = directoryOf();
    writeRules(directory, { deadlineMs: 60_000, failClosed: new Set(['shop']) });
    utimesSync(join(directory, 'hook.rules'), new Date(0), new Date(0));
    assert.equal((await runHook(directory, stateOf())).status, 1);
    assert.equal((await runHook(directory, stateOf({}))).status, 0);
  });

  test('rules that cannot be written are told of once, counted, and written later', async () => {
    const directory = directoryOf();
    const aside = join(directory, 'hook.rules.new');
    mkdirSync(aside); // a file of that name cannot be made, whoever asks
    const errors: string[] = [];
    const onError = ({ code }: { readonly code: string }) => void errors.push(code);
    await using hooks = await RuntimeHooks.listen({ directory, onError, ...agentOf(() => ({ kind: 'registered' })) });
    const beganMs = performance.now();
    for (const seconds of [1, 6, 7, 12]) hooks.tick(beganMs + seconds * 1000);
    assert.deepEqual([errors, hooks.counts.rulesUnwritten], [['RF2409'], 3]);
    rmSync(aside, { recursive: true });
    hooks.tick(beganMs + 18_000);
    assert.match(readFileSync(join(directory, 'hook.rules'), 'utf8'), /^deadline-ms /);
    assert.equal(hooks.counts.rulesUnwritten, 3);
  });

  const own: readonly (readonly [string, object, number])[] = [
    ['of containerd', { [CONTAINERD]: 'security' }, 0],
    ['of CRI-O', { [CRI_O]: 'agents' }, 0],
    ['of both', { [CRI_O]: 'agents', [CONTAINERD]: 'security' }, 0],
    ['by an annotation that its user wrote', { [CRI_O]: 'shop', [CONTAINERD]: 'security' }, 1],
    ['another', { [CONTAINERD]: 'secur' }, 1],
  ];
  for (const [name, annotations, status] of own) {
    test(`containers of the namespace of agents do not wait for one: ${name}`, async () => {
      const directory = directoryOf();
      writeRules(directory, { deadlineMs: status === 0 ? 60_000 : 100, failClosed: new Set(['*']) });
      const ran = await runHook(directory, stateOf(annotations), 'createRuntime', ['agents', 'security']);
      assert.equal(ran.status, status);
    });
  }

  test('one that ends in the middle of its answer has not answered', async () => {
    const directory = directoryOf();
    writeRules(directory, { deadlineMs: 60_000, failClosed: new Set() });
    let asked = 0;
    const server = createServer((socket) => {
      socket.resume();
      asked += 1;
      socket.end(asked === 1 ? 'regist' : 'registered\n');
    });
    await once(server.listen(join(directory, 'hook.sock')), 'listening');
    assert.equal((await runHook(directory, stateOf())).status, 0);
    server.close();
    assert.equal(asked, 2);
  });
});

describe('states', () => {
  const unreadable = [
    '',
    '{',
    '[]',
    'null',
    '{"id":"a"',
    '{"id":"a",}',
    '{"id" "a"}',
    '{"a":"\\',
    `${'['.repeat(100_000)}`,
  ];
  for (const state of unreadable) {
    test(`no container starts with the state ${state.slice(0, 12)}`, async () => {
      const { status, said } = await runHook(directoryOf(), state);
      assert.equal(status, 1);
      assert.match(said, /no state of a container/);
    });
  }

  test('whatever else is in the state, the namespace is found where it is', async () => {
    const directory = directoryOf();
    writeRules(directory, { deadlineMs: 0, failClosed: new Set(['shop']) });
    const seed = 20_261_121;
    const random = randomOf(seed);
    for (let round = 0; round < 150; round += 1) {
      const namespace = random(2) === 0 ? 'shop' : 'bank';
      const annotations = shuffled(
        { ...anything(random, 2), [random(2) === 0 ? CONTAINERD : CRI_O]: namespace },
        random,
      );
      const state = shuffled({ ...anything(random, 3), id: 'abc', pid: 1, annotations }, random);
      const written = JSON.stringify(state, undefined, random(2) === 0 ? undefined : ' \t');
      const { status } = await runHook(directory, written);
      assert.equal(status, namespace === 'shop' ? 1 : 0, `seed ${seed}, round ${round}: ${written}`);
    }
  });
});

test('a request is the same however it is cut', () => {
  const state = JSON.stringify({ id: 'abc', annotations: { text: 'ü' } });
  const cgroup = '0::/a\n';
  const bytes = Buffer.from(
    `ringfence-hook 1 7 ${Buffer.byteLength(cgroup)} ${Buffer.byteLength(state)}\n${cgroup}${state}`,
  );
  for (let cut = 1; cut < bytes.length; cut += 1) {
    const reader = new HookReader();
    assert.equal(reader.push(bytes.subarray(0, cut)), undefined);
    const expected = { pid: 7, cgroup, id: 'abc', annotations: { text: 'ü' } };
    assert.deepEqual(reader.push(bytes.subarray(cut)), expected);
  }
});

const cgroups: readonly (readonly [string, string | undefined, string | undefined])[] = [
  ['0::/kubepods/a\n', undefined, '/kubepods/a'],
  ['5:memory:/a\n4:cpu,cpuacct:/b\n0::/c\n', undefined, '/c'],
  ['5:memory:/a\n4:cpu,cpuacct:/b\n0::/c\n', 'memory', '/a'],
  ['5:memory:/a\n4:cpu,cpuacct:/b\n0::/c\n', 'cpuacct', '/b'],
  ['0::/x.slice:cri-containerd:1\n', undefined, '/x.slice:cri-containerd:1'],
  ['0::/../elsewhere\n', undefined, undefined],
  ['5:memory:/a\n', undefined, undefined],
  ['', undefined, undefined],
];
for (const [written, controller, path] of cgroups) {
  test(`of ${JSON.stringify(written)}, ${controller ?? 'version 2'} is at ${path}`, () =>
    assert.equal(cgroupPathIn(written, controller), path));
}

/** Numbers below a limit, the same for the same seed. */
function randomOf(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const TEXTS = ['', 'shop', '"', '\\', '{', '}', '[,]:', CONTAINERD, 'ü\n', '\\"shop\\"', 'annotations'];

function anything(random: (limit: number) => number, depth: number): Readonly<Record<string, unknown>> {
  const value = (left: number): unknown => {
    const pick = (): unknown => (left === 0 ? null : value(left - 1));
    switch (random(6)) {
      case 0:
        return TEXTS[random(TEXTS.length)];
      case 1:
        return random(1000) - 500;
      case 2:
        return random(2) === 0;
      case 3:
        return [pick(), pick()];
      case 4:
        return { [`${TEXTS[random(TEXTS.length)]}`]: pick(), annotations: { [CONTAINERD]: 'shop', [CRI_O]: 'shop' } };
      default:
        return null;
    }
  };
  return Object.fromEntries(
    Array.from({ length: random(4) }, (_, each) => [`${each}${TEXTS[random(TEXTS.length)]}`, value(depth)]),
  );
}

function shuffled(object: object, random: (limit: number) => number): object {
  const entries = Object.entries(object);
  for (let at = entries.length - 1; at > 0; at -= 1) {
    const other = random(at + 1);
    const [one, two] = [entries[at], entries[other]];
    if (one !== undefined && two !== undefined) [entries[at], entries[other]] = [two, one];
  }
  return Object.fromEntries(entries);
}
