import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { writeRules } from './hook-files.ts';
import { type HookPlace, installHook, uninstallHook } from './hook-install.ts';

let nodeRoot = '';
let place: HookPlace;
let built = '';
const json = () => join(nodeRoot, '/etc/containers/oci/hooks.d/ringfence.json');

beforeEach(() => {
  nodeRoot = mkdtempSync(join(tmpdir(), 'ringfence-install-'));
  built = join(nodeRoot, 'built');
  writeFileSync(built, 'program');
  const [program, hooksDirectory] = ['/usr/local/lib/ringfence/ringfence-hook', '/etc/containers/oci/hooks.d'];
  place = { nodeRoot, program, hooksDirectory, runDirectory: '/run/ringfence' };
});
afterEach(() => rmSync(nodeRoot, { recursive: true }));

test('the program and its description are put on the node, again and again, with its own paths', () => {
  for (const text of ['program', 'newer program']) {
    writeFileSync(built, text);
    installHook(place, built);
    const program = join(nodeRoot, place.program);
    assert.equal(readFileSync(program, 'utf8'), text);
    assert.equal(statSync(program).mode & 0o777, 0o755);
    const { hook, stages, when } = JSON.parse(readFileSync(json(), 'utf8'));
    assert.equal(hook.path, place.program);
    assert.deepEqual(hook.args, ['ringfence-hook', 'createRuntime', '/run/ringfence']);
    assert.deepEqual(stages, ['createRuntime']);
    assert.deepEqual(when, { always: true });
  }
});

test('in pods, the hook is told whose containers do not wait for an agent', () => {
  const { hook } = installHook({ ...place, agentNamespace: 'security' }, built);
  assert.deepEqual(hook.args, ['ringfence-hook', 'createRuntime', '/run/ringfence', 'security']);
});

test('nothing of it stays', () => {
  installHook(place, built);
  mkdirSync(join(nodeRoot, 'run/ringfence'), { recursive: true });
  writeRules(join(nodeRoot, 'run/ringfence'), { deadlineMs: 1, failClosed: new Set(['shop']) });
  for (const _ of [1, 2]) uninstallHook(place);
  assert.equal(existsSync(json()), false);
  assert.equal(existsSync(join(nodeRoot, place.program)), false);
  assert.deepEqual(readdirSync(join(nodeRoot, 'run/ringfence')), []);
});

test('a file of that name that is not ours stays', () => {
  mkdirSync(join(json(), '..'), { recursive: true });
  writeFileSync(json(), '{"hook":{"path":"/other"}}');
  assert.throws(() => installHook(place, built), { code: 'RF3623' });
  assert.throws(() => uninstallHook(place), { code: 'RF3623' });
  assert.equal(readFileSync(json(), 'utf8'), '{"hook":{"path":"/other"}}');
});

test('what cannot be written is said', () => {
  writeFileSync(join(nodeRoot, 'usr'), 'in the way');
  assert.throws(() => installHook(place, built), { code: 'RF3624' });
  assert.equal(existsSync(json()), false, 'no runtime is told of a program that is not there');
});
