/** Sensors from within: who is exempt, what a replacement leaves standing, what the counters say. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { hasErrors } from '#diagnostics';
import { probeTarget } from '#kernel';
import { type Policy, parsePolicies } from '#policy';
import { BaseSensor, PolicySensor, readHostNamespaces } from '#sensors';
import { compileOrSpoil, crowd, openFunction, policyOf, repository, SPOILED } from './harness/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'sensors-'));
const secret = join(directory, 'secret');
const other = join(directory, 'other');
const objects = join(repository, 'kprobes/build');

function policies(name: string, path: string, mode = 'enforce', file = `${name}.yaml`): readonly Policy[] {
  const parsed = parsePolicies(
    [
      'apiVersion: cilium.io/v1alpha1',
      'kind: TracingPolicy',
      `metadata: { name: ${name} }`,
      'spec:',
      `  options: [{ name: policy-mode, value: ${mode} }]`,
      '  lsmhooks:',
      '  - hook: file_open',
      '    args: [{ index: 0, type: file }]',
      '    selectors:',
      `    - matchArgs: [{ index: 0, operator: Equal, values: ["${path}"] }]`,
      '      matchActions: [{ action: Override, argError: -13 }]',
      '',
    ].join('\n'),
    file,
  );
  assert.ok(!hasErrors(parsed.diagnostics));
  return parsed.policies;
}

/** What another process gets of a file: its content, or what cat complains of. */
function read(path: string): string {
  const { stdout, stderr } = spawnSync('cat', [path], { encoding: 'utf8' });
  return stdout === '' ? stderr.trim() : stdout;
}

const DENIED = /Permission denied/;

describe('sensors', () => {
  let base: BaseSensor;
  let sensor: PolicySensor;
  before(() => {
    writeFileSync(secret, 'secret');
    writeFileSync(other, 'other');
    base = new BaseSensor({ image: readFileSync(join(objects, 'base.bpf.o')) });
    sensor = new PolicySensor({
      ...{ base, target: probeTarget(), hostNamespaces: readHostNamespaces(), compile: compileOrSpoil },
      runtime: readFileSync(join(objects, 'runtime.bpf.o')),
    });
    let seeded = 0;
    base.seed(() => {
      seeded += 1;
    });
    assert.ok(seeded > 1, `${seeded} processes were there before`);
  });
  after(() => {
    sensor[Symbol.dispose]();
    base[Symbol.dispose]();
    rmSync(directory, { recursive: true });
  });

  test('a policy holds for the process that loaded it, until it exempts itself', () => {
    assert.equal(readFileSync(secret, 'utf8'), 'secret');
    assert.deepEqual(sensor.replace(policies('first', secret)), []);
    assert.throws(() => readFileSync(secret), { code: 'EACCES' });
    base.exemptSelf();
    assert.equal(readFileSync(secret, 'utf8'), 'secret');
  });

  test('the exemption reaches all threads of the process, and none of its children', async () => {
    const worker = new Worker(
      `const { parentPort } = require('node:worker_threads'); parentPort.postMessage(require('node:fs').readFileSync(${JSON.stringify(secret)}, 'utf8'));`,
      { eval: true },
    );
    const fromThread = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    assert.equal(fromThread, 'secret');
    assert.match(read(secret), DENIED);
    assert.match(spawnSync('sh', ['-c', `read line < ${secret}`], { encoding: 'utf8' }).stderr, DENIED);
  });

  test('a replacement takes over; what it leaves out is free again', () => {
    assert.deepEqual(sensor.replace([...policies('first', secret), ...policies('second', other)]), []);
    assert.match(read(secret), DENIED);
    assert.match(read(other), DENIED);
    assert.deepEqual(sensor.replace(policies('second', other)), []);
    assert.equal(read(secret), 'secret');
    assert.match(read(other), DENIED);
  });

  test('a policy that is refused leaves the others enforcing', () => {
    const [bad] = policies('bad', secret);
    assert.ok(bad !== undefined);
    const hooks = bad.hooks.map((hook) => ({ ...hook, name: { ...hook.name, value: 'no_such_hook' } }));
    const diagnostics = sensor.replace([{ ...bad, hooks }]);
    assert.deepEqual(
      diagnostics.map((each) => each.code),
      ['RF2001'],
    );
    assert.match(read(other), DENIED);
  });

  test('a policy that the verifier refuses is found among others, which go on', () => {
    const others = Array.from({ length: 9 }, (_, index) => policies(`other-${index}`, `${other}-${index}`)).flat();
    const spoiled = policies('spoiled', secret);
    const diagnostics = sensor.replace([
      ...others.slice(0, 4),
      ...spoiled,
      ...others.slice(4),
      ...policies('last', other),
    ]);
    assert.deepEqual(
      diagnostics.filter(({ severity }) => severity === 'error').map(({ code, span }) => [code, span?.file]),
      [['RF2201', SPOILED]],
    );
    assert.match(read(other), DENIED);
    assert.equal(read(secret), 'secret');
    assert.equal(sensor.counts().length, 10);
  });

  test('a new version of a policy that is refused leaves the one before in force', () => {
    assert.deepEqual(sensor.replace([...policies('versioned', secret), ...policies('bystander', other)]), []);
    const next = [...policies('versioned', other, 'enforce', SPOILED), ...policies('bystander', other)];
    assert.deepEqual(
      sensor.replace(next).map(({ code, span }) => [code, span?.file]),
      [['RF2201', SPOILED]],
    );
    assert.match(read(secret), DENIED);
    assert.match(read(other), DENIED);
  });

  test('where the kernel attaches no more programs, the policies of that function are left out', () => {
    const point = { kind: 'fentry', function: openFunction } as const;
    using _crowd = crowd(point);
    const [watching] = parsePolicies(
      policyOf('watching', { kprobes: [{ call: point.function, syscall: false, args: [{ index: 0, type: 'int' }] }] }),
      'watching.yaml',
    ).policies;
    assert.ok(watching !== undefined);
    const diagnostics = sensor.replace([watching, ...policies('denying', other)]);
    const [refused] = diagnostics.filter(({ severity }) => severity === 'error');
    assert.deepEqual([refused?.code, refused?.span?.file], ['RF2202', 'watching.yaml'], refused?.message);
    assert.match(read(other), DENIED);
    assert.deepEqual(
      sensor.counts().map(({ name }) => name),
      ['denying'],
    );
  });

  test('monitor mode, of one policy or of all, lets through and counts', () => {
    assert.deepEqual(sensor.replace(policies('watching', other, 'monitor')), []);
    assert.equal(read(other), 'other');
    const [watching] = sensor.counts();
    assert.deepEqual([watching?.counts.monitored, watching?.counts.denied], [1n, 0n]);
    assert.deepEqual(sensor.replace(policies('enforcing', other)), []);
    base.setMode('monitor');
    assert.equal(read(other), 'other');
    base.setMode('enforce');
    assert.match(read(other), DENIED);
    const [enforcing] = sensor.counts();
    assert.deepEqual([enforcing?.counts.monitored, enforcing?.counts.denied], [1n, 1n]);
  });

  test('the kernel quotes the policy beside its instructions', () => {
    const { stdout, stderr } = spawnSync('bpftool', ['prog', 'dump', 'xlated', 'name', 'rf_0_file_open', 'linum'], {
      encoding: 'utf8',
    });
    const quoted = /values: \["\/.*\/other"\].*\[file:enforcing\.yaml line_num:10 line_col:\d+\]/.test(stdout);
    assert.ok(quoted, `${stdout.slice(0, 2000)}${stderr}`);
  });

  test('what is let go of enforces no more', () => {
    assert.deepEqual(sensor.replace([]), []);
    assert.equal(read(other), 'other');
    assert.equal(read(secret), 'secret');
  });
});
