/** `kubectl ringfence`, with a kubectl that plays a cluster: what it is asked, and what is made of its answers. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { policyText } from '../sensors/testing.ts';

const directory = mkdtempSync(join(tmpdir(), 'ringfence-kubectl-'));
after(() => rmSync(directory, { recursive: true }));

const plugin = join(directory, 'kubectl-ringfence');
symlinkSync(join(import.meta.dirname, 'main.ts'), plugin);
const calls = join(directory, 'calls');

/** Writes down how it is called, and answers for the pods agent-1 to agent-COUNT. */
writeFileSync(
  join(directory, 'kubectl'),
  `#!${process.execPath}
const { appendFileSync, readFileSync } = require('node:fs');
const argv = process.argv.slice(2);
const input = argv.includes('--stdin') ? readFileSync(0, 'utf8') : undefined;
appendFileSync(${JSON.stringify(calls)}, JSON.stringify({ argv, input }) + '\\n');
if (process.env.FAKE_REFUSES) {
  console.error('error: pods is forbidden');
  process.exit(1);
}
const count = Number(process.env.FAKE_PODS ?? 3);
const pods = Array.from({ length: count }, (_, at) => ({
  metadata: { namespace: 'security', name: 'agent-' + (at + 1) },
  spec: { nodeName: 'node-' + (at + 1) },
  status: { phase: 'Running' },
}));
const others = [
  { ...pods[0], metadata: { ...pods[0]?.metadata, deletionTimestamp: 'now' } },
  { metadata: { namespace: 'security', name: 'new' }, spec: {}, status: { phase: 'Pending' } },
];
if (argv.includes('get')) console.log(process.env.FAKE_ANSWER ?? JSON.stringify({ items: [...others, ...pods].reverse() }));
else {
  const pod = argv.find((each) => each.startsWith('agent-'));
  const command = argv.slice(argv.indexOf('--') + 2);
  if (command[0] === 'events') {
    process.stdout.write('{"node_name":"' + pod + '",');
    setTimeout(() => process.stdout.write('"n":1}\\n{"node_name":"' + pod + '","n":2}\\n'), 20);
  } else if (command.includes('json')) console.log('{"pod":"' + pod + '"}');
  else {
    console.log(pod + ' ' + command.join(' '));
    if (pod === 'agent-2') console.error('warning of agent-2');
    process.exitCode = pod === 'agent-2' ? 2 : 0;
  }
}
`,
);
chmodSync(join(directory, 'kubectl'), 0o755);

type Ended = { readonly status: number | null; readonly output: string; readonly errors: string };
type Call = { readonly argv: readonly string[]; readonly input?: string };

async function kubectl(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  writeFileSync(calls, '');
  const env = { ...process.env, PATH: `${directory}${delimiter}${process.env.PATH}`, ...environment };
  const child = spawn(process.execPath, [plugin, ...args], { env });
  let output = '';
  let errors = '';
  child.stdout.on('data', (bytes) => {
    output += String(bytes);
  });
  child.stderr.on('data', (bytes) => {
    errors += String(bytes);
  });
  const ended = await new Promise<Ended>((resolve) => {
    child.on('close', (status) => resolve({ status, output, errors }));
  });
  const lines = readFileSync(calls, 'utf8').split('\n').slice(0, -1);
  return { ...ended, calls: lines.map((line) => JSON.parse(line) as Call) };
}

const one = { FAKE_PODS: '1' };

test('status of one agent is what it says, asked in its own container', async () => {
  const { status, output, errors, calls } = await kubectl(['status', '--context', 'test', '--as=me'], one);
  assert.deepEqual({ status, output, errors }, { status: 0, output: 'agent-1 status\n', errors: '' });
  assert.deepEqual(
    calls.map(({ argv }) => argv.join(' ')),
    [
      '--context=test --as=me get pods --all-namespaces --selector ' +
        'app.kubernetes.io/part-of=ringfence,app.kubernetes.io/component=agent --output json',
      '--context=test --as=me exec --namespace security agent-1 --container ringfence -- ringfence status',
    ],
  );
});

test('status of all: by the names of nodes, and the worst exit code counts', async () => {
  const { status, output, errors } = await kubectl(['status', '--concurrency', '2']);
  assert.equal(status, 2);
  assert.equal(output, '# node-1\nagent-1 status\n# node-2\nagent-2 status\n# node-3\nagent-3 status\n');
  assert.equal(errors, '# node-2\nwarning of agent-2\n');
});

test('JSON of several nodes is one line for each', async () => {
  const { output } = await kubectl(['status', '-o', 'json', '--node', 'node-3,node-1']);
  assert.deepEqual(
    output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
    [
      { node: 'node-1', answer: { pod: 'agent-1' } },
      { node: 'node-3', answer: { pod: 'agent-3' } },
    ],
  );
});

test('policy add: the file goes along, as the node does not have it', async () => {
  const file = join(directory, 'guard.yaml');
  writeFileSync(file, policyText('guard'));
  const { status, calls } = await kubectl(['policy', 'add', file, '--replace', '-m', 'monitor'], one);
  assert.equal(status, 0);
  assert.equal(calls[1]?.input, policyText('guard'));
  assert.match(
    calls[1]?.argv.join(' ') ?? '',
    / --stdin -- ringfence policy add - (?=.*--replace)(?=.*--mode monitor)/,
  );
});

test('policy check needs no cluster', async () => {
  const { status, errors, calls } = await kubectl(['policy', 'check', join(directory, 'no.yaml')]);
  assert.equal(status, 1);
  assert.match(errors, /RF3102/);
  assert.deepEqual(calls, []);
});

test('events of all nodes come in whole lines', async () => {
  const { status, output } = await kubectl(['events', '-e', 'exec']);
  assert.equal(status, 0);
  const lines = output.trim().split('\n');
  assert.deepEqual(lines.map((line) => Object.values(JSON.parse(line) as object).join(' ')).toSorted(), [
    'agent-1 1',
    'agent-1 2',
    'agent-2 1',
    'agent-2 2',
    'agent-3 1',
    'agent-3 2',
  ]);
});

for (const [what, args, environment, code, status] of [
  ['a node without an agent', ['status', '--node', 'node-9'], {}, /RF3603: no agent runs on node-9/, 1],
  ['no agents', ['status', '--selector', 'a=b'], { FAKE_PODS: '0' }, /RF3603: no agent runs with the labels a=b/, 1],
  ['a refusal', ['status'], { FAKE_REFUSES: '1' }, /RF3602: kubectl get pods failed: error: pods is forbidden/, 1],
  ['no answer', ['status'], { FAKE_ANSWER: 'none' }, /RF3605/, 1],
  ['too many streams', ['events', '--concurrency', '2'], {}, /RF3604: events of 3 nodes are more than 2/, 1],
  ['no kubectl', ['status'], { PATH: '/nonexistent' }, /RF3601: kubectl cannot be run/, 1],
  ['another command', ['run'], {}, /"run" is not a command here/, 2],
  ['a bad number', ['status', '--concurrency', '0'], {}, /--concurrency is a number/, 2],
  ['a missing value', ['status', '--node'], {}, /--node needs a value/, 2],
] as const) {
  test(`${what} is said`, async () => {
    const ended = await kubectl(args, environment);
    assert.match(ended.errors, code);
    assert.equal(ended.status, status);
    assert.equal(ended.output, '');
  });
}
