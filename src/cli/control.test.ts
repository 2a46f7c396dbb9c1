/** The commands that ask the agent: what they print, and their exit codes. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ControlServer, StatusAnswer } from '#control';
import { FakeAgent, Place } from '../control/testing.ts';
import { lsmEvent } from '../publish/testing.ts';
import { policyText } from '../sensors/testing.ts';
import { statusText } from './status.ts';

const place = new Place();
const agent = new FakeAgent();
const directory = mkdtempSync(join(tmpdir(), 'ringfence-cli-'));
let server: ControlServer;

before(async () => {
  server = await place.serve(agent);
});
after(async () => {
  await server.close();
  place[Symbol.dispose]();
  rmSync(directory, { recursive: true });
});

type Ended = { readonly status: number | null; readonly output: string; readonly errors: string };

function start(args: readonly string[], socket = place.path) {
  const env = { ...process.env, RINGFENCE_CONTROL_SOCKET: socket };
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], { env });
  const ended = { output: '', errors: '' };
  child.stdout.on('data', (bytes) => {
    ended.output += String(bytes);
  });
  child.stderr.on('data', (bytes) => {
    ended.errors += String(bytes);
  });
  const whenEnded = new Promise<Ended>((resolve) => child.on('close', (status) => resolve({ status, ...ended })));
  return { child, ended, whenEnded };
}

const ringfence = (...args: readonly string[]) => start(args).whenEnded;

function file(name: string, text = policyText(name)): string {
  const path = join(directory, `${name}.yaml`);
  writeFileSync(path, text);
  return path;
}

describe('policy', () => {
  test('add, list, mode, disable, enable, delete', async () => {
    const path = file('guard');
    const added = await ringfence('policy', 'add', path, '--mode', 'monitor');
    assert.deepEqual(added, { status: 0, output: 'tracing policy "guard" added\n', errors: '' });
    const steps = [
      [['policy', 'mode', 'guard', 'enforce'], 'tracing policy "guard" set to mode "enforce"\n'],
      [['policy', 'disable', 'guard'], 'tracing policy "guard" disabled\n'],
      [['policy', 'enable', 'guard'], 'tracing policy "guard" enabled\n'],
    ] as const;
    for (const [args, output] of steps) assert.deepEqual(await ringfence(...args), { status: 0, output, errors: '' });
    const { output } = await ringfence('policy', 'list');
    const [head, row] = output.split('\n').map((line) => line.split(/ {3,}/));
    assert.deepEqual(head?.slice(0, 5), ['NAME', 'NAMESPACE', 'STATE', 'MODE', 'EFFECT']);
    assert.deepEqual(row, [
      'guard',
      '(cluster)',
      'loaded',
      'enforce',
      'blocks',
      'lsm',
      '4.10 kB',
      '0',
      '7',
      '0',
      '0',
      `control ${path}`,
    ]);
    const listed = JSON.parse((await ringfence('policy', 'list', '-o', 'json')).output);
    assert.equal(listed.policies[0].hooks[0].name, 'file_open');
    const deleted = await ringfence('policy', 'delete', 'guard');
    assert.deepEqual(deleted, { status: 0, output: 'tracing policy "guard" deleted\n', errors: '' });
  });

  test('what is wrong with a policy is exit code 2, and shown in its place; other files are added', async () => {
    const wrong = file('wrong', policyText('wrong').replace('Equal', 'Equals'));
    const { status, output, errors } = await ringfence('policy', 'add', wrong, file('right'));
    assert.deepEqual([status, output], [2, 'tracing policy "right" added\n']);
    assert.match(errors, /wrong\.yaml:12:\d+: error RF1106: .*\n {2}12 \| .*\n.*\^/);
    assert.equal((await ringfence('policy', 'add', file('right'))).status, 2);
    assert.equal((await ringfence('policy', 'add', '--replace', file('right'))).status, 0);
    assert.equal((await ringfence('policy', 'delete', 'right')).status, 0);
  });

  test('a policy that is not there is exit code 2, a full disk 1, and so is no agent', async () => {
    const gone = await ringfence('policy', 'delete', 'gone');
    assert.equal(gone.status, 2);
    assert.match(gone.errors, /^error RF2503: the agent has no policy gone\n {2}hint: /);
    agent.store.fails = 'stage';
    const full = await ringfence('policy', 'add', file('unlucky'));
    assert.deepEqual([full.status, full.output], [1, '']);
    assert.match(full.errors, /^error RF3512: /);
    const nobody = await start(['policy', 'list'], join(directory, 'nobody.sock')).whenEnded;
    assert.equal(nobody.status, 1);
    assert.match(nobody.errors, /^error RF3501: no agent answers at .*nobody\.sock/);
  });
});

test('status is a page for people, or JSON', async () => {
  await ringfence('policy', 'add', file('first'), file('second'));
  await ringfence('policy', 'disable', 'second');
  const { status, output } = await ringfence('status');
  assert.equal(status, 0);
  const facts = [
    /^agent +0\.1\.0, pid \d+, up 1d 2h 3m 4s$/m,
    /^node +node-1, kernel 6\.12\.1$/m,
    /^start guard +enforce: the last boot survived$/m,
    /^verdict ring +1\.05 MB, 0 B waiting$/m,
    /^lost +3 at ring$/m,
    /^first +\(cluster\) +loaded +enforce +blocks +lsm/m,
    /^second +\(cluster\) +disabled/m,
    /^first +lsm +file_open +blocks +low +lsm\/file_open$/m,
    /^network plugin +Cilium \(\/etc\/cni\/net\.d\/05-cilium\.conflist\)$/m,
    /^7 +Cilium +sched_cls +cil_from_netdev +tcx_ingress of eth0$/m,
  ];
  for (const fact of facts) assert.match(output, fact);
  const json = JSON.parse((await ringfence('status', '-o', 'json')).output);
  assert.deepEqual([json.agent.mode, json.policies.length], ['enforce', 2]);
  for (const name of ['first', 'second']) await ringfence('policy', 'delete', name);
});

test('the status of a policy that is refused says why, and what may complete is said first', async () => {
  await agent.registry.add({ text: policyText('first'), source: 'first.yaml' });
  const [first] = agent.registry.list();
  assert.ok(first !== undefined);
  const [hook] = first.hooks;
  assert.ok(hook !== undefined);
  const hooks = [hook, { ...hook, kind: 'kprobe', effect: 'may complete', racy: true, mayBeSkipped: true } as const];
  const loaded = statusText({ ...emptyStatus, policies: [{ ...first, hooks }] });
  assert.match(loaded, /^first .* may complete, racy, may be skipped +lsm,kprobe/m);
  assert.match(loaded, /^first +kprobe +file_open +may complete, racy, may be skipped +/m);
  agent.loaded.wrong.add('first');
  await agent.registry.disable(first);
  const { diagnostics } = await agent.registry.enable(first);
  agent.loaded.wrong.clear();
  const refused = statusText({ ...emptyStatus, policies: [{ ...first, state: 'refused', hooks: [], diagnostics }] });
  assert.match(refused, /first\.yaml:4:9: error RF2001: /);
  assert.match(statusText({ ...emptyStatus, policies: [] }), /^no policies$/m);
  const source = { resource: 'pods', state: 'synced', sinceMs: 0 } as const;
  const away = { ...source, resource: 'nodes', state: 'stale', reason: 'it does not answer' } as const;
  const counts = { reports: 1, policiesRefused: 0, podsRefused: 0, requests: [] };
  const containers = {
    pods: 2,
    containers: 5,
    pending: 1,
    cgroups: 9,
    refused: 0,
    callsPending: 0,
    callsUnreadable: 0,
  };
  for (const [sources, told] of [
    [[source], /^cluster +heard from the API server$/m],
    [[source, away], /^cluster +nodes stale since 1970-01-01T00:00:00\.000Z: it does not answer$/m],
  ] as const) {
    const clustered = { ...emptyStatus.agent, cluster: { sources, ...counts } };
    const text = statusText({
      ...{ ...emptyStatus, policies: [] },
      agent: { ...clustered, containers: { ...containers, execsHeld: 3, hook: {} } },
    });
    assert.match(text, told);
    assert.match(text, /^containers +5 in 2 pods, 1 not known yet, 3 execs held back$/m);
  }
  await agent.registry.remove(first);
});

const emptyStatus: Omit<StatusAnswer, 'policies'> = {
  agent: {
    ...{ version: '0.1.0', pid: 1, nodeName: 'n', kernelRelease: '6', mode: 'detect', uptimeMs: 0 },
    ...{ rings: [], losses: [], startGuard: { enforcement: 'monitor', reason: 'r', untilMs: 0 } },
    network: {
      ...{ cni: { name: 'none', evidence: [] }, programs: [], unlisted: 0 },
      ...{ own: 0, shared: [], unseen: [] },
    },
  },
  control: { connections: 0, connectionsRefused: 0, subscribers: 0, eventsLost: 0 },
};

test('events are printed as they come, until the command is interrupted', async () => {
  const { child, ended, whenEnded } = start([
    'events',
    '-o',
    'compact',
    '-e',
    'PROCESS_LSM,exit',
    '--policy-names',
    'guard-secrets',
  ]);
  const timer = setInterval(() => agent.tell(lsmEvent(1)), 20);
  while (!ended.output.includes('\n') && child.exitCode === null) await new Promise((wake) => setTimeout(wake, 20));
  clearInterval(timer);
  child.kill('SIGINT');
  const { status, output } = await whenEnded;
  assert.equal(status, 0);
  assert.match(output, /^🔒 LSM {5}node-1\.example .* denied EPERM guard-secrets$/m);
  const wrong = await ringfence('events', '-e', 'nothing');
  assert.deepEqual([wrong.status, wrong.output], [2, '']);
  for (const flags of [
    ['--pod', '(a*)*b'],
    ['--container', '+'],
    ['--namespace-regex', '('],
    ['-l', 'a in ('],
  ]) {
    const refused = await ringfence('events', ...flags);
    assert.equal(refused.status, 1, flags.join(' '));
    assert.match(refused.errors, /is no pattern of names|selects no label/, flags.join(' '));
  }
});

test('the support bundle is an archive without secrets, for its owner only', async () => {
  await ringfence('policy', 'add', file('first'));
  const path = join(directory, 'dump.tar.gz');
  const { status, errors } = await ringfence('sysdump', '-o', path);
  assert.equal(status, 0, errors);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const bundle = join(directory, 'bundle');
  execFileSync('mkdir', [bundle]);
  execFileSync('tar', ['-xzf', path, '-C', bundle, '--strip-components=1']);
  const names = readdirSync(bundle, { recursive: true, encoding: 'utf8' });
  const wanted = [
    'status.json',
    'config.json',
    'log.jsonl',
    'bpf.json',
    'kernel.json',
    'policies/0-cluster-first.yaml',
  ];
  for (const name of wanted) assert.ok(names.includes(name), `${name} is not among ${names}`);
  assert.ok(names.some((name) => name.startsWith('features.')));
  assert.equal(readFileSync(join(bundle, 'policies/0-cluster-first.yaml'), 'utf8'), policyText('first'));
  assert.equal(JSON.parse(readFileSync(join(bundle, 'status.json'), 'utf8')).agent.nodeName, 'node-1');
  const all = names
    .filter((name) => statSync(join(bundle, name)).isFile())
    .map((name) => readFileSync(join(bundle, name), 'utf8'));
  assert.doesNotMatch(all.join('\n'), /hunter2/);
  const again = await ringfence('sysdump', '-o', path);
  assert.equal(again.status, 1);
  assert.match(again.errors, /RF3104.*EEXIST/);
  await ringfence('policy', 'delete', 'first');
});

test('without an agent the support bundle is about the machine, and says so', async () => {
  const path = join(directory, 'alone.tar.gz');
  const { status, errors } = await start(['sysdump', '-o', path], join(directory, 'nobody.sock')).whenEnded;
  assert.equal(status, 0);
  assert.match(errors, /without the agent: no agent answers/);
  const listed = execFileSync('tar', ['-tzf', path], { encoding: 'utf8' });
  assert.match(listed, /no-agent\.txt/);
  assert.match(listed, /kernel\.json/);
});
