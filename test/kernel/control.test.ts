/** Policies by command, on a live agent: what each command does to a call, what lasts, and what a refusal leaves. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  type Agent,
  commandLine,
  Lines,
  launchAgent,
  metricsFlags,
  policyText,
  scrape,
  startAgent,
  until,
} from './harness/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'control-'));
const secret = join(directory, 'secret');
const other = join(directory, 'other');
const state = join(directory, 'state');
const runtime = join(directory, 'run');
const socket = join(runtime, 'control.sock');
const places = ['--state-dir', state, '--run-dir', runtime, '--bpf-dir', '/sys/fs/bpf/ringfence-control'];

const EPERM = 1;
const denying = (name: string, path: string, padding = '') => {
  const text = policyText({ name, hooks: ['file_open'], rules: [{ paths: [path], action: { override: EPERM } }] });
  return padding === '' ? text : `${text}\n# ${padding}`;
};

function ringfence(...args: readonly string[]) {
  const env = { ...process.env, RINGFENCE_CONTROL_SOCKET: socket };
  return spawnSync(process.execPath, [commandLine, ...args], { encoding: 'utf8', env });
}

function file(name: string, text: string): string {
  const path = join(directory, `${name}.yaml`);
  writeFileSync(path, text);
  return path;
}

/** What another process gets: `denied`, or what the file holds. */
function read(path: string): string {
  const { stdout, stderr } = spawnSync('cat', [path], { encoding: 'utf8' });
  return stderr.includes('Operation not permitted') ? 'denied' : stdout;
}

function succeed(...args: readonly string[]): string {
  const { status, stdout, stderr } = ringfence(...args);
  assert.equal(status, 0, `${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

function policies(): readonly { name: string; state: string; mode: string }[] {
  return JSON.parse(succeed('policy', 'list', '-o', 'json')).policies;
}

describe('control', () => {
  let agent: Agent;
  before(async () => {
    writeFileSync(secret, 'secret');
    writeFileSync(other, 'other');
    agent = await startAgent({ policies: [], args: [...places, ...metricsFlags] });
  });
  after(async () => {
    await agent.stop();
    ringfence('detach', '--all', ...places.slice(2));
    rmSync(directory, { recursive: true, force: true });
  });

  test('a policy that is added denies, tells, and is counted', async () => {
    assert.equal(read(secret), 'secret');
    succeed('policy', 'add', file('guard', denying('guard', secret)));
    const env = { ...process.env, RINGFENCE_CONTROL_SOCKET: socket };
    const events = spawn(process.execPath, [commandLine, 'events', '--policy-names', 'guard'], { env });
    const lines = new Lines(events.stdout);
    let told: string | undefined;
    for (let tries = 0; told === undefined && tries < 120; tries += 1) {
      assert.equal(read(secret), 'denied'); // what happens before it listens is not for it
      told = await lines.until(() => lines.seen[0], 1000);
    }
    events.kill('SIGINT');
    assert.equal(JSON.parse(told ?? '{}').ringfence?.verdict, 'denied');
    const [policy] = JSON.parse(succeed('status', '-o', 'json')).policies;
    assert.deepEqual(
      [policy.state, policy.hooks[0].effect, policy.hooks[0].attached],
      [...['loaded', 'blocks'], ['lsm/file_open']],
    );
    assert.ok(policy.counts.denied > 0 && policy.memoryBytes > 0, JSON.stringify(policy));
  });

  test('what it does is there to be scraped: by kind and by policy, with what is lost and what it takes', async () => {
    const of = 'policy_namespace="",policy="guard"';
    const denied = `ringfence_policy_verdicts_total{${of},verdict="denied"}`;
    const before = await scrape();
    assert.equal(before.get(`ringfence_policy_state{${of},state="enforcing"}`), 1);
    assert.equal(before.get('ringfence_policies{state="enforcing"}'), 1);
    assert.equal(before.get('ringfence_enforcement{state="enforce"}'), 1);
    assert.ok((before.get(`ringfence_policy_memory_bytes{${of}}`) ?? 0) > 0);
    assert.ok((before.get('ringfence_events_total{type="exec"}') ?? 0) > 0);
    assert.ok((before.get('process_resident_memory_bytes') ?? 0) > 1e7);
    assert.equal(before.get('ringfence_lost_events_total{stage="ring"}'), 0);
    assert.equal(before.get('ringfence_sink_up{sink="stdout"}'), 1);
    assert.equal(read(secret), 'denied');
    await until('it is counted', async () => ((await scrape()).get(denied) ?? 0) > (before.get(denied) ?? 0));
    const type = 'ringfence_events_total{type="lsm"}';
    await until('it is told', async () => ((await scrape()).get(type) ?? 0) > (before.get(type) ?? 0));
  });

  test('its mode changes at once, and it is switched off and on', () => {
    succeed('policy', 'mode', 'guard', 'monitor');
    assert.equal(read(secret), 'secret');
    succeed('policy', 'mode', 'guard', 'enforce');
    assert.equal(read(secret), 'denied');
    succeed('policy', 'disable', 'guard');
    assert.equal(read(secret), 'secret');
    succeed('policy', 'enable', 'guard');
    assert.equal(read(secret), 'denied');
  });

  test('what is refused changes nothing', () => {
    const wrong = denying('wrong', other).replace('"file_open"', '"file_opne"');
    const refusals = [file('wrong', wrong), file('twice', denying('guard', other))];
    for (const path of refusals) assert.equal(ringfence('policy', 'add', path).status, 2);
    assert.equal(ringfence('policy', 'delete', 'gone').status, 2);
    assert.deepEqual([read(secret), read(other)], ['denied', 'other']);
    assert.deepEqual(
      policies().map(({ name }) => name),
      ['guard'],
    );
  });

  test('others come and go, and it denies all the while', () => {
    const path = file('guest', denying('guest', other));
    for (let round = 0; round < 3; round++) {
      succeed('policy', 'add', path);
      assert.deepEqual([read(secret), read(other)], ['denied', 'denied']);
      succeed('policy', 'delete', 'guest');
      assert.deepEqual([read(secret), read(other)], ['denied', 'other']);
    }
  });

  test('a second agent is refused', async () => {
    const second = launchAgent({ policies: [], args: places });
    await assert.rejects(second.ready());
    assert.equal(read(secret), 'denied');
    assert.equal(policies().length, 1);
  });

  test('the support bundle lists programs and links', () => {
    const path = join(directory, 'dump.tar.gz');
    succeed('sysdump', '-o', path);
    const bpf = JSON.parse(execFileSync('tar', ['-xzOf', path, 'ringfence-sysdump/bpf.json'], { encoding: 'utf8' }));
    for (const kind of ['prog', 'map']) {
      assert.ok(
        (bpf as { kind: string }[]).some((each) => each.kind === kind),
        `${kind} in ${JSON.stringify(bpf)}`,
      );
    }
  });

  test('a policy, and that it is in monitor mode, outlive an agent that is killed', async () => {
    succeed('policy', 'add', file('watch', denying('watch', other)), '--mode', 'monitor');
    process.kill(agent.pid ?? 0, 'SIGKILL');
    await agent.stop();
    agent = await startAgent({ policies: [], args: places });
    assert.deepEqual(
      policies().map(({ name, state: is, mode }) => [name, is, mode]),
      [
        ['guard', 'loaded', 'enforce'],
        ['watch', 'loaded', 'monitor'],
      ],
    );
    assert.deepEqual([read(secret), read(other)], ['denied', 'other']);
    succeed('policy', 'delete', 'watch');
  });

  test('where the disk is full, nothing is changed', async () => {
    await agent.stop();
    const small = join(directory, 'small');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=0700', 'none', small]);
    try {
      agent = await startAgent({ policies: [], args: ['--state-dir', small, ...places.slice(2)] });
      succeed('policy', 'add', file('fits', denying('fits', secret)));
      const { status, stderr } = ringfence(
        'policy',
        'add',
        file('large', denying('large', other, 'x'.repeat(200_000))),
      );
      assert.equal(status, 1, stderr);
      assert.match(stderr, /RF3512: .*ENOSPC/);
      assert.deepEqual([read(secret), read(other)], ['denied', 'other']);
      assert.equal(policies().length, 1);
      succeed('policy', 'delete', 'fits');
      assert.equal(read(secret), 'secret');
      await agent.stop();
    } finally {
      execFileSync('umount', ['-l', small]);
    }
    agent = await startAgent({ policies: [], args: places });
  });

  test('a policy that is deleted is gone, from the disk too', () => {
    assert.equal(read(secret), 'denied');
    succeed('policy', 'delete', 'guard');
    assert.equal(read(secret), 'secret');
    assert.deepEqual(policies(), []);
    const left = readdirSync(state, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'));
    assert.deepEqual(
      left.filter((name) => name.startsWith('policies/')),
      [],
    );
  });
});
