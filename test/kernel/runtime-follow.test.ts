/** Lists whose members' descendants count too: the bits of processes over fork and exec, and when lists change. */
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { bound, controlLayout, followKeyLayout, followPidLayout, processLayout } from '#abi';
import { openPidfd, u32Key } from '#kernel';
import { openRuntime, viewOf } from './harness/index.ts';

/** A copy of its own: the shell that started this test is not in any list. */
const directory = realpathSync(mkdtempSync('/tmp/follow-'));
const SHELL = join(directory, 'shell');
copyFileSync('/bin/bash', SHELL);
const WAIT_MS = 10_000;
const LISTS = { shells: 5, pid: 6, later: 7, inner: 20, other: 30 } as const;
/** Nobody but a thread of the kernel has this one in the initial namespace. */
const INNER_PID = 2;

const base = openRuntime('base.bpf.o');
const cleanup = new DisposableStack();
after(() => cleanup.dispose());
cleanup.defer(() => rmSync(directory, { recursive: true, force: true }));
cleanup.defer(() => base.close());
for (const name of ['rf_task_alloc', 'rf_exec_begin', 'rf_exec', 'rf_fork', 'rf_exit']) {
  cleanup.use(base.program(name).attach());
}
/** Its program does what the hook of a policy does: whoever opens a file is looked at. */
const hooks = openRuntime('selftest.bpf.o', {
  prepare: (object) => {
    for (const map of base.maps) {
      if (map.name.startsWith('rf_')) object.reuseMap(map.name, map);
    }
  },
});
cleanup.defer(() => hooks.close());

const control = base.map('rf_control').mapMemory({ writable: true });
cleanup.use(control);
const controlView = new DataView(control.buffer);

/** As the agent does: since when a bit means what it means, then the next generation. */
function publish(...changed: number[]): void {
  const generation = controlView.getUint32(controlLayout.followGeneration, true) + 1;
  for (const bit of changed) controlView.setUint32(controlLayout.followSince + 4 * bit, generation, true);
  controlView.setUint32(controlLayout.followGeneration, generation, true);
}

function word(value: bigint): Uint8Array {
  return new Uint8Array(BigUint64Array.of(value).buffer);
}

function followBinary(path: string, bits: bigint): void {
  const key = new Uint8Array(followKeyLayout.bytes);
  viewOf(key).setUint32(followKeyLayout.bits, 8 * (path.length + 1), true);
  key.set(new TextEncoder().encode(path), followKeyLayout.binary);
  base.map('rf_follow_binaries').update(key, word(bits));
}

function followPid(pid: number, inNamespace: boolean, bits: bigint): void {
  const key = new Uint8Array(followPidLayout.bytes);
  viewOf(key).setUint32(followPidLayout.pid, pid, true);
  viewOf(key).setUint32(followPidLayout.inNamespace, Number(inNamespace), true);
  base.map('rf_follow_pids').update(key, word(bits));
}

function stateOf(pid: number): DataView {
  using descriptor = openPidfd(pid);
  const state = base.map('rf_processes').lookup(u32Key(descriptor.fd));
  assert.ok(state, `state of process ${pid}`);
  return viewOf(state);
}

function bitsOf(pid: number): readonly number[] {
  const follow = stateOf(pid).getBigUint64(processLayout.follow, true);
  return Array.from({ length: bound.followMax }, (_, bit) => bit).filter((bit) => (follow >> BigInt(bit)) & 1n);
}

/** A process that does what it is told, a line at a time, and answers each with a line. */
class Shell implements Disposable {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: Interface;

  constructor(command: string, args: readonly string[] = []) {
    this.#process = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#lines = createInterface(this.#process.stdout);
  }

  get pid(): number {
    assert.ok(this.#process.pid !== undefined);
    return this.#process.pid;
  }

  async say(line: string): Promise<string> {
    const answer = once(this.#lines, 'line');
    this.#process.stdin.write(`${line}\n`);
    const [text] = await answer;
    return String(text);
  }

  /** Pid of a child of its own, as this process has it. */
  fork(loop: string): Promise<string> {
    return this.say(`(read -r pid rest < /proc/self/stat; echo $pid; while ${loop}; do read -t 0.1 <> <(:); done) &`);
  }

  [Symbol.dispose](): void {
    this.#process.stdin.end();
    this.#process.kill('SIGKILL');
  }
}

/** Until another process has come to where it is looked at. */
async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (const end = Date.now() + WAIT_MS; !holds(); await delay(20)) {
    assert.ok(Date.now() < end, what);
  }
}

function binaryOf(pid: number): string {
  return readlinkSync(`/proc/${pid}/exe`);
}

test('the members of a list, and who they start', async () => {
  followBinary(SHELL, 1n << BigInt(LISTS.shells));
  publish(LISTS.shells);
  using shell = new Shell(SHELL);
  await shell.say('echo');
  assert.deepEqual(bitsOf(shell.pid), [LISTS.shells]);
  const child = Number(await shell.say('sleep 1000 > /dev/null & echo $!'));
  await eventually('the child executes another binary', () => binaryOf(child) !== SHELL);
  assert.deepEqual(bitsOf(child), [LISTS.shells]);
  process.kill(child, 'SIGKILL');
  using other = new Shell('sleep', ['1000']);
  await eventually('an other process executes the same', () => binaryOf(other.pid) !== realpathSync(process.execPath));
  assert.deepEqual(bitsOf(other.pid), []);
});

test('a pid, and who it starts once it is in a list', async () => {
  using shell = new Shell(SHELL);
  const before = Number(await shell.fork('true'));
  followPid(shell.pid, false, 1n << BigInt(LISTS.pid));
  publish(LISTS.pid);
  const child = Number(await shell.fork('true'));
  assert.deepEqual(bitsOf(child), [LISTS.shells, LISTS.pid]);
  assert.deepEqual(bitsOf(shell.pid), [LISTS.shells, LISTS.pid], 'the fork brought it up to date');
  for (const pid of [before, child]) process.kill(pid, 'SIGKILL');
});

test('a process that is older than a list is looked at again at the next hook, and so are its ancestors', async () => {
  using shell = new Shell(SHELL);
  await shell.say('echo');
  assert.deepEqual(bitsOf(shell.pid), [LISTS.shells]);
  followBinary(realpathSync(process.execPath), 1n << BigInt(LISTS.later));
  publish(LISTS.later);
  using _link = hooks.program('st_follow_open').attach();
  await shell.say('read -r line < /proc/version; echo');
  assert.deepEqual(bitsOf(shell.pid), [LISTS.shells, LISTS.later], 'this process started it');
  readFileSync('/proc/version');
  assert.deepEqual(bitsOf(process.pid), [LISTS.later]);
});

test('a pid as its own namespace has it', async () => {
  followPid(INNER_PID, true, 1n << BigInt(LISTS.inner));
  publish(LISTS.inner);
  using shell = new Shell('unshare', ['-p', '-f', SHELL]);
  const first = Number(await shell.say('read -r pid rest < /proc/self/stat; echo $pid'));
  const second = Number(await shell.fork('true'));
  assert.ok(!bitsOf(first).includes(LISTS.inner));
  assert.ok(bitsOf(second).includes(LISTS.inner));
  process.kill(second, 'SIGKILL');
});

test('who lost its ancestors keeps what it had, unless the list is another one', async () => {
  using shell = new Shell(SHELL);
  using _link = hooks.program('st_follow_open').attach();
  const orphan = Number(await shell.fork('read -r line < /proc/version'));
  const generation = () => controlView.getUint32(controlLayout.followGeneration, true);
  const seen = () => stateOf(orphan).getUint32(processLayout.followGeneration, true) === generation();
  assert.deepEqual(bitsOf(orphan), [LISTS.shells, LISTS.later]);
  shell[Symbol.dispose]();
  await eventually('it is an orphan', () => parentOf(orphan) !== shell.pid);
  publish(LISTS.other);
  await eventually('it is looked at', seen);
  assert.deepEqual(bitsOf(orphan), [LISTS.shells, LISTS.later]);
  publish(LISTS.later);
  await eventually('it is looked at again', seen);
  assert.deepEqual(bitsOf(orphan), [LISTS.shells], 'that is its own binary');
  process.kill(orphan, 'SIGKILL');
});

function parentOf(pid: number): number {
  return Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
