/** What the agent tells of every process, policy or not: exec, exit, and who started whom. */
import assert from 'node:assert/strict';
import { type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  type Agent,
  attack,
  attackDirectly,
  fileSystemNames,
  fileSystems,
  type JsonExec,
  type JsonProcess,
  pathsOf,
  policyText,
  randomName,
  Scene,
  startAgent,
} from './harness/index.ts';

const PATH_MAX = 4096; // with the NUL
const NAME_BYTES = 200;
const ARGV_MAX = 8192; // kprobes/include/ringfence/abi.h
const NOBODY = 65_534;
const UNSET_LOGIN_UID = 4_294_967_295;

const scene = new Scene('tmpfs');
/** Where nobody may run programs, too. */
const open = realpathSync(mkdtempSync(join(fileSystems.tmpfs, 'base-')));
chmodSync(open, 0o755);
const target = scene.copyProgram('target', join(open, randomName()));

/** As deep as an absolute path can name, and the same for a secret in it. */
const deep = fileSystemNames.map((fileSystem) => {
  const place = new Scene(fileSystem);
  const directory = makeDeep(place.directory, PATH_MAX - 1 - 16);
  return { place, secret: place.addSecret(directory), target: place.copyProgram('target', join(directory, 'target')) };
});

/** Of files that no absolute path reaches, only the end of the name is known. */
const unreachableEnd = `-${randomName()}`;

const text = policyText({
  name: 'base',
  hooks: ['file_open'],
  rules: [
    { paths: deep.map(({ secret }) => secret.path), action: { override: 1 } },
    { paths: [unreachableEnd], operator: 'Postfix', action: { override: 1 } },
    { paths: [scene.secret.path], action: 'Post' },
  ],
});

let agent: Agent;
before(async () => {
  agent = await startAgent({ policies: [text], args: ['--event', 'exec,exit,lsm'] });
});
after(async () => {
  await agent.stop();
  scene.remove();
  for (const { place } of deep) place.remove();
  rmSync(open, { recursive: true });
});

describe('exec', () => {
  const table: readonly (readonly [string, readonly string[], string])[] = [
    ['none', [], ''],
    ['plain ones', ['one', 'two'], 'one two'],
    ['an empty one', ['', 'after'], '"" after'],
    ['spaces', ['with space', 'without'], '"with space" without'],
    ['not ASCII', ['ä€😀'], 'ä€😀'],
    ['a line end and an escape', ['a\nb', '\u001b[31m'], 'a\nb \u001b[31m'],
    ['as long as is kept', ['x'.repeat(ARGV_MAX - target.length - 3)], 'x'.repeat(ARGV_MAX - target.length - 3)],
  ];
  for (const [name, args, expected] of table) {
    test(`arguments: ${name}`, async () => {
      const { process: told } = await execOf(await run(target, args));
      assert.equal(told.arguments ?? '', expected);
      assert.doesNotMatch(told.flags ?? '', /truncArgs|error/);
    });
  }

  test('arguments: cut where they are longer than is kept, and it says so', async () => {
    const { process: told } = await execOf(await run(target, ['first', 'x'.repeat(2 * ARGV_MAX)]));
    assert.match(told.arguments ?? '', /^first x{1000,}$/);
    assert.ok((told.arguments ?? '').length <= ARGV_MAX);
    assert.match(told.flags ?? '', /\btruncArgs\b/);
  });

  test('the binary is the file, not the name that was used', async () => {
    const link = join(scene.scratch, 'symlink');
    symlinkSync(target, link);
    assert.equal((await execOf(await run(link, []))).process.binary, target);
  });

  test('of two hard links, the one that was used', async () => {
    const link = join(open, randomName());
    linkSync(target, link);
    assert.equal((await execOf(await run(link, []))).process.binary, link);
  });

  test('working directory, user, login user, thread', async () => {
    const pid = await run(target, [], { cwd: open, uid: NOBODY, gid: NOBODY });
    const { process: told } = await execOf(pid);
    assert.equal(told.cwd, open);
    assert.equal(told.uid, NOBODY);
    assert.equal(told.auid, UNSET_LOGIN_UID);
    assert.equal(told.tid, pid);
    assert.match(told.flags ?? '', /\bexecve\b/);
    assert.equal((await execOf(await run(target, [], { cwd: '/' }))).process.cwd, '/');
  });

  test('the parent is this process, which ran before the agent', async () => {
    const { process: told, parent } = await execOf(await run(target, []));
    assert.equal(parent.pid, process.pid);
    assert.equal(parent.binary, realpathSync(process.execPath));
    assert.match(parent.arguments ?? '', /base-sensor\.test\.[jt]s/);
    assert.match(parent.flags ?? '', /\bprocFS\b/);
    assert.equal(told.parent_exec_id, parent.exec_id);
  });

  test('identities: unlike for each process, and they name node, start and pid', async () => {
    const pids = [await run(target, []), await run(target, [])];
    const told = await Promise.all(pids.map(execOf));
    const identities = told.map(({ process: { exec_id = '' } }) => Buffer.from(exec_id, 'base64').toString());
    assert.equal(new Set(identities).size, 2);
    identities.forEach((identity, index) => {
      assert.match(identity, new RegExp(`^[^:]+:\\d+:${pids[index]}$`));
    });
  });

  test('a process that executes again has its own previous image as parent', async () => {
    const pid = await run('/bin/sh', ['-c', `exec ${target} again`]);
    const [shell, again] = await execsOf(pid, 2);
    assert.equal(again?.process.binary, target);
    assert.equal(again?.process.parent_exec_id, shell?.process.exec_id);
    assert.equal(again?.parent.pid, pid);
    assert.doesNotMatch(again?.process.flags ?? '', /\bclone\b/);
  });

  for (const [way, note] of [
    ['exec-chroot', 'in a chroot, the path is still the whole one'],
    ['exec-proc-fd', 'through /proc/self/fd'],
    ['exec-at', 'by descriptor'],
    ['exec-thread', 'by a thread that is not the leader'],
    ['exec-compat', 'by the 32-bit system call'],
  ] as const) {
    test(note, async () => {
      const { pid, evidence } = await attackDirectly(scene, { way, path: target });
      assert.equal(evidence.length, 1, 'it ran');
      const [, exec] = await execsOf(pid, 2);
      assert.equal(exec?.process.binary, target);
    });
  }

  test('through a bind mount, the path by which it was reached', async () => {
    const { pid } = await attackDirectly(scene, { way: 'exec-bind-mount', path: target });
    const [, exec] = await execsOf(pid, 2);
    assert.equal(exec?.process.binary, join(scene.scratch, 'mountpoint-0'));
  });

  for (const [way, name] of [
    ['exec-memory', /^\/memfd:nameless/],
    ['exec-unlinked', /\/scratch\/unlinked-0/],
  ] as const) {
    test(`${way}: a file without a name`, async () => {
      const { pid, evidence } = await attackDirectly(scene, { way, path: target });
      assert.equal(evidence.length, 1, 'it ran');
      const [, exec] = await execsOf(pid, 2);
      assert.match(exec?.process.binary ?? '', name);
    });
  }

  for (const { place, target: far } of deep) {
    test(`${place.fileSystem}: a path of ${far.length} bytes`, async () => {
      assert.equal((await execOf(await run(far, []))).process.binary, far);
    });
  }
});

describe('paths of files', () => {
  for (const { place, secret } of deep) {
    test(`${place.fileSystem}: ${secret.path.length} bytes are compared to the last`, async () => {
      const denied = await attack(place, { way: 'openat', path: secret.path });
      assert.deepEqual([denied.report.obtained, denied.report.errors], [0, { EPERM: 1 }]);
      const [event] = await agent.eventsWhere(
        'denied',
        ({ process_lsm: lsm }) => lsm?.process?.binary === place.intruder && lsm.action === 'KPROBE_ACTION_OVERRIDE',
      );
      assert.deepEqual(pathsOf(event?.process_lsm ?? {}), [secret.path]);
      const other = place.addSecret(join(secret.path, '..'));
      const beside = await attack(place, { way: 'openat', path: other.path });
      assert.deepEqual(beside.evidence, other.content, 'the file beside it opens');
    });
  }
});

describe('paths longer than any name that can be given', () => {
  for (const { place, secret } of deep) {
    test(`${place.fileSystem}: the end of the name is still compared`, async (t) => {
      const step = 'f'.repeat(NAME_BYTES);
      const [wanted, other] = [`wanted${unreachableEnd}`, 'other'];
      process.chdir(dirname(secret.path));
      mkdirSync(step);
      process.chdir(step);
      for (const name of ['made', other]) writeFileSync(name, place.secret.content);
      renameSync('made', wanted);
      t.after(() => {
        for (const name of [wanted, other]) unlinkSync(name);
        process.chdir('..');
        rmdirSync(step);
        process.chdir('/');
      });

      const denied = await attack(place, { way: 'openat', path: wanted });
      assert.deepEqual([denied.report.obtained, denied.report.errors], [0, { EPERM: 1 }]);
      const beside = await attack(place, { way: 'openat', path: other });
      assert.deepEqual(beside.evidence, place.secret.content, 'the file beside it opens');
    });
  }
});

describe('exit', () => {
  const table: readonly (readonly [string, string, { readonly status?: number; readonly signal?: string }])[] = [
    ['success', 'exit 0', {}],
    ['a status', 'exit 7', { status: 7 }],
    ['the largest status', 'exit 255', { status: 255 }],
    ['SIGTERM', 'kill -TERM $$', { signal: 'SIGTERM' }],
    ['SIGKILL', 'kill -KILL $$', { signal: 'SIGKILL' }],
  ];
  for (const [name, script, expected] of table) {
    test(name, async () => {
      const pid = await run('/bin/sh', ['-c', script]);
      const [exec] = await execsOf(pid, 1);
      const [event] = await agent.eventsWhere('the exit', ({ process_exit }) => process_exit?.process?.pid === pid);
      const { process: told, status, signal } = event?.process_exit ?? {};
      assert.equal(told?.exec_id, exec?.process.exec_id, 'the same process as the exec told of');
      assert.deepEqual({ status, signal }, { status: undefined, signal: undefined, ...expected });
    });
  }
});

describe('fork', () => {
  test('a child that never executes is a process of its own, with the image of its parent', async () => {
    const outcome = await attack(scene, { way: 'openat', path: scene.secret.path });
    const [event] = await agent.eventsWhere(
      'the post',
      ({ process_lsm: lsm }) => lsm?.process?.binary === scene.intruder && lsm.action === 'KPROBE_ACTION_POST',
    );
    const { process: child, parent } = event?.process_lsm ?? {};
    assert.equal(parent?.pid, outcome.pid);
    assert.notEqual(child?.pid, outcome.pid);
    assert.equal(child?.arguments, parent?.arguments);
    assert.equal(child?.parent_exec_id, parent?.exec_id);
  });
});

/** Runs to the end and returns the pid. */
async function run(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<number> {
  const child = spawn(program, args, { ...options, stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid ?? 0;
}

type ToldExec = { readonly process: JsonProcess; readonly parent: JsonProcess };

async function execOf(pid: number): Promise<ToldExec> {
  const [exec] = await execsOf(pid, 1);
  assert.ok(exec);
  return exec;
}

/** In the order in which they came. */
async function execsOf(pid: number, count: number): Promise<readonly ToldExec[]> {
  const events = await agent.eventsWhere(
    `${count} exec of ${pid}`,
    ({ process_exec }) => process_exec?.process?.pid === pid,
    count,
  );
  return events.map(({ process_exec: { process: told = {}, parent = {} } = {} as JsonExec }) => ({
    process: told,
    parent,
  }));
}

/** A directory below `directory` whose path has `bytes` bytes at most, and almost as many. */
function makeDeep(directory: string, bytes: number): string {
  let path = directory;
  while (path.length + 2 + NAME_BYTES < bytes) path = join(path, 'd'.repeat(NAME_BYTES));
  const rest = bytes - path.length - 1;
  if (rest > 0) path = join(path, 'e'.repeat(rest));
  mkdirSync(path, { recursive: true });
  return path;
}
