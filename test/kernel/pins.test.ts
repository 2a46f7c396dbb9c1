/** What stays in the kernel when the agent goes, what the next one makes of it, and the way out. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { BpfMap, isOnBpffs, mapTypes, unpinAll } from '#kernel';
import {
  type Agent,
  type AgentPlace,
  commandLine,
  type JsonEvent,
  policyText,
  Scene,
  startAgent,
} from './harness/index.ts';

const scene = new Scene('tmpfs');
const directory = mkdtempSync(join(tmpdir(), 'ringfence-pins-'));
const place: AgentPlace = {
  pins: '/sys/fs/bpf/ringfence-test',
  run: join(directory, 'run'),
  state: join(directory, 'state'),
};
const other = scene.addSecret();

after(() => {
  scene.remove();
  unpinAll(place.pins);
  rmSync(directory, { recursive: true, force: true });
});

function guarding(name: string, ...paths: readonly string[]): string {
  return policyText({ name, hooks: ['file_open'], rules: [{ paths, action: { override: 1 } }] });
}

/** By a process of its own: the agent's children are not exempt, and neither is this test. */
function reads(path: string): { readonly obtained: boolean; readonly pid: number } {
  const { status, pid } = spawnSync('cat', [path], { stdio: 'ignore' });
  return { obtained: status === 0, pid };
}

function deniedTo(pid: number, policy: string) {
  return ({ process_lsm }: JsonEvent) => process_lsm?.process?.pid === pid && process_lsm.policy_name === policy;
}

function detach(...args: readonly string[]) {
  const flags = ['--bpf-dir', place.pins, '--run-dir', place.run];
  return spawnSync(process.execPath, [commandLine, 'detach', ...args, ...flags], { encoding: 'utf8' });
}

async function agentWith(...policies: readonly string[]): Promise<Agent> {
  return await startAgent({ policies, place });
}

test('an agent that is killed leaves its policies enforcing; the next one tells of what was denied meanwhile', async () => {
  const first = await agentWith(guarding('shield', scene.secret.path));
  assert.equal(reads(scene.secret.path).obtained, false);
  await first.kill();

  const { obtained, pid } = reads(scene.secret.path);
  assert.equal(obtained, false, 'denied while no agent runs');
  assert.equal(reads(other.path).obtained, true);

  const second = await agentWith(guarding('shield', scene.secret.path));
  const told = await second.eventsWhere('of the time between', deniedTo(pid, 'shield'));
  assert.deepEqual([told.length, told[0]?.ringfence?.while_away, told[0]?.ringfence?.verdict], [1, true, 'denied']);

  const later = reads(scene.secret.path);
  assert.equal(later.obtained, false);
  const [event] = await second.eventsWhere('of now', deniedTo(later.pid, 'shield'));
  assert.equal(event?.ringfence?.while_away, undefined);
  assert.equal((await second.stop()).status, 0);
  assert.equal(reads(scene.secret.path).obtained, false, 'a stop is no way out either');
  const ids = [...first.events, ...second.events].map(({ ringfence }) => JSON.stringify(ringfence?.identity));
  const inRings = ids.filter((id) => id?.includes('"ring":"verdict"') === true);
  assert.ok(inRings.length > 2);
  assert.equal(new Set(inRings).size, inRings.length, 'nothing was told twice');
});

test('the next agent replaces what its policies no longer say', async () => {
  const agent = await agentWith(guarding('spear', other.path));
  assert.deepEqual([reads(scene.secret.path).obtained, reads(other.path).obtained], [true, false]);
  await agent.stop();
  assert.deepEqual([reads(scene.secret.path).obtained, reads(other.path).obtained], [true, false]);
});

test('policies with errors change nothing', async () => {
  const broken = join(directory, 'broken.yaml');
  writeFileSync(broken, guarding('spear', other.path).replace('file_open', 'no_such_hook'));
  const flags = ['--policy', broken, '--bpf-dir', place.pins, '--run-dir', place.run, '--state-dir', place.state];
  const { status } = spawnSync(process.execPath, [commandLine, 'run', ...flags], { encoding: 'utf8' });
  assert.equal(status, 2);
  assert.equal(reads(other.path).obtained, false);
});

test('a process descends from what it did when the agent is another one, though its ancestor is gone', async () => {
  const ancestor = join(scene.scratch, 'ancestor');
  copyFileSync(realpathSync('/bin/sh'), ancestor);
  chmodSync(ancestor, 0o755);
  const policy = policyText({
    name: 'followed',
    hooks: ['file_open'],
    rules: [
      { paths: [scene.secret.path], by: { binaries: [ancestor], followChildren: true }, action: { override: 1 } },
    ],
  });
  const first = await agentWith(policy);
  const go = join(scene.scratch, 'go');
  assert.equal(spawnSync('mkfifo', [go]).status, 0);
  const grandchild = `sh -c 'read line < ${go}; if cat ${scene.secret.path} > /dev/null; then echo yes; else echo no; fi'`;
  const child = spawn(ancestor, ['-c', `${grandchild} & exit 0`], { stdio: ['ignore', 'pipe', 'ignore'] });
  const answer = text(child.stdout);
  await once(child, 'exit');
  await first.kill();

  const second = await agentWith(policy);
  assert.equal(reads(scene.secret.path).obtained, true, 'nobody else is meant');
  writeFileSync(go, 'go\n');
  assert.equal(await answer, 'no\n');
  await second.stop();
});

test('two agents at a time: the second says which the first is', async () => {
  const agent = await agentWith(guarding('spear', other.path));
  const flags = ['--bpf-dir', place.pins, '--run-dir', place.run, '--state-dir', place.state];
  const { status, stderr } = spawnSync(process.execPath, [commandLine, 'run', ...flags], { encoding: 'utf8' });
  assert.notEqual(status, 0);
  assert.match(stderr, new RegExp(`RF3021.*process ${agent.pid} `, 's'));
  const refused = detach('--all');
  assert.notEqual(refused.status, 0, 'it would put back what is taken away');
  assert.match(refused.stderr, /RF3021/);
  await agent.kill();
});

test('one policy is switched off without an agent, the others go on', async () => {
  const agent = await agentWith(guarding('spear', other.path), guarding('shield', scene.secret.path));
  await agent.kill();
  const unknown = detach('--policy', 'sword');
  assert.notEqual(unknown.status, 0);
  assert.match(unknown.stderr, /sword.*shield, spear/s);
  const { status, stdout, stderr } = detach('--policy', 'spear');
  assert.equal(status, 0, stderr);
  assert.match(stdout, /spear/);
  assert.deepEqual([reads(other.path).obtained, reads(scene.secret.path).obtained], [true, false]);
});

test('after detach --all nothing of ours is left, and what is not ours stays', () => {
  const foreign = `${place.pins}/foreign`;
  using map = BpfMap.create({
    type: mapTypes.array,
    name: 'foreign',
    keySize: 4,
    valueSize: 4,
    maxEntries: 1,
    flags: 0,
  });
  map.pin(foreign);
  const { status, stdout, stderr } = detach('--all');
  assert.equal(status, 0, stderr);
  assert.match(`${stdout}${stderr}`, /foreign/);
  assert.equal(reads(scene.secret.path).obtained, true);
  assert.ok(existsSync(foreign));
  const found = spawnSync('find', [place.pins, '-mindepth', '1'], { encoding: 'utf8' }).stdout.trim();
  assert.equal(found, foreign);
  assert.equal(readPrograms().includes('rf_'), false, 'no program of ours is loaded');
});

function readPrograms(): string {
  return spawnSync('bpftool', ['link', 'list'], { encoding: 'utf8' }).stdout ?? '';
}

test('without a bpffs it is said where one has to be', () => {
  const elsewhere = join(directory, 'no-bpffs');
  assert.equal(isOnBpffs(elsewhere), false);
  const flags = ['--bpf-dir', elsewhere, '--run-dir', place.run, '--state-dir', place.state];
  const { status, stderr } = spawnSync(process.execPath, [commandLine, 'run', ...flags], { encoding: 'utf8' });
  assert.notEqual(status, 0);
  assert.match(stderr, /RF3020/);
  assert.equal(readFileSync('/proc/self/mounts', 'utf8').includes(elsewhere), false);
});
