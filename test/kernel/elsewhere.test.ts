/** A program that is executed from another mount namespace has the path that it has there: no policy excepts it by that. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Agent, Lines, policyText, Scene, startAgent } from './harness/index.ts';

const READY_MS = 60_000;
const scene = new Scene('tmpfs');
const directory = mkdtempSync(join(tmpdir(), 'elsewhere-'));
const programs = join(directory, 'programs');
const allowed = join(programs, 'cat');
const open = scene.secret.path;
const closed = scene.addSecret().path;

const excepting = policyText({
  name: 'excepting',
  hooks: ['file_open'],
  rules: [{ paths: [open], except: [allowed], action: { override: 1 } }],
});
const concerning = policyText({
  name: 'concerning',
  hooks: ['file_open'],
  rules: [{ paths: [closed], by: { binaries: [allowed], followChildren: false }, action: { override: 1 } }],
});

const isRead = (program: readonly string[], path: string): boolean => {
  const [file = '', ...args] = program;
  return spawnSync(file, [...args, path], { stdio: 'ignore' }).status === 0;
};

describe('the same path in another mount namespace', () => {
  let agent: Agent;
  let holder: ChildProcess;
  let escaped: string;
  before(async () => {
    mkdirSync(programs);
    copyFileSync('/bin/cat', allowed);
    const script = `mount -t tmpfs none ${programs} && cp /bin/cat ${allowed} && echo ready && exec sleep 100000`;
    holder = spawn('unshare', ['--mount', 'sh', '-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    assert.ok(holder.stdout);
    const lines = new Lines(holder.stdout);
    assert.equal(await lines.until(() => lines.seen[0], READY_MS), 'ready');
    escaped = `/proc/${holder.pid}/root${allowed}`;
    agent = await startAgent({ policies: [excepting, concerning] });
  });
  after(async () => {
    await agent.stop();
    holder.kill('SIGKILL');
    scene.remove();
    rmSync(directory, { recursive: true, force: true });
  });

  test('who is excepted by its path reads; others do not', () => {
    assert.deepEqual([isRead([allowed], open), isRead(['/bin/cat'], open)], [true, false]);
  });

  test('executed from there, it is not excepted', () => {
    assert.equal(isRead([escaped], open), false);
  });

  test('executed from there, it is still one of those that a policy is about', () => {
    assert.deepEqual([isRead([allowed], closed), isRead([escaped], closed)], [false, false]);
    assert.equal(isRead(['/bin/cat'], closed), true);
  });

  test('for who is there, the path is its own', () => {
    assert.equal(isRead(['nsenter', '--target', `${holder.pid}`, '--mount', allowed], open), true);
  });
});
