/**
 * What the chart leaves to the agent is enough: in a mount namespace of its own, with a root that it can not write, the
 * directories that the chart mounts, the capabilities that it adds, and no way to get more, it attaches, denies and
 * tells, and finds the file that a policy means on the node, where its container has none of that name; and what detaches
 * after a release is gone does so with the same, under what the seccomp profile of container runtimes forbids.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { serviceCapabilities } from './harness/capabilities.ts';
import { commandLine, Lines, policyText, repository, Scene } from './harness/index.ts';
import { forbiddenByRuntimes } from './harness/runtime-seccomp.ts';

const READY_TIMEOUT_MS = 240_000;
const EVENT_TIMEOUT_MS = 60_000;
const PINS = '/sys/fs/bpf/ringfence';

/** As charts/ringfence/templates/daemonset.yaml mounts them; test/chart/agent.test.ts holds that to the same list. */
const MOUNTS = [
  ['/sys/fs/bpf', 'rw'],
  ['/run/ringfence', 'rw'],
  ['/var/lib/ringfence', 'rw'],
  ['/etc/ringfence', 'ro'],
  ['/sys/kernel/tracing', 'ro'],
  ['/sys/kernel/security', 'ro'],
  ['/sys/fs/cgroup', 'ro'],
  ['/etc/cni/net.d', 'ro'],
] as const;

/** Another file system than `/`: in the mount namespace of the agent it is not there. */
const scene = new Scene('ext4');
const directory = mkdtempSync(join(tmpdir(), 'ringfence-pod-'));
const root = join(directory, 'root');
mkdirSync(root);
for (const [path] of MOUNTS) mkdirSync(path, { recursive: true });

/** Becomes a process as a container runtime would start it, then the agent. */
const CONFINED = `
  import { mkdirSync } from 'node:fs';
  import koffi from 'koffi';
  const libc = koffi.load('libc.so.6');
  const prctl = libc.func('int prctl(int option, ulong a, ulong b, ulong c, ulong d)');
  const unshare = libc.func('int unshare(int flags)');
  const chroot = libc.func('int chroot(const char *path)');
  const call = libc.func('int mount(const char *source, const char *target, const char *type, ulong flags, void *data)');
  const [RDONLY, REMOUNT, BIND, REC, PRIVATE, NEWNS] = [1, 32, 4096, 16384, 1 << 18, 0x20000];
  const mount = (source, target, type, flags) => {
    mkdirSync(target, { recursive: true }); // where something else is mounted on the node, there is no such place yet
    if (call(source, target, type, flags, null) !== 0) throw new Error(['mount', source, target].join(' '));
  };
  const root = ${JSON.stringify(root)};
  if (unshare(NEWNS) !== 0) throw new Error('unshare');
  mount('none', '/', 'none', REC | PRIVATE);
  mount('/', root, 'none', BIND);
  mount('/dev', root + '/dev', 'none', BIND | REC);
  for (const path of ${JSON.stringify([repository, directory])}) mount(path, root + path, 'none', BIND | REC);
  mount('proc', root + '/proc', 'proc', 0);
  mount('sysfs', root + '/sys', 'sysfs', RDONLY);
  for (const [path, mode] of ${JSON.stringify(MOUNTS)}) {
    mount(path, root + path, 'none', BIND);
    if (mode === 'ro') mount('none', root + path, 'none', REMOUNT | BIND | RDONLY);
  }
  mount('none', root, 'none', REMOUNT | BIND | RDONLY);
  if (chroot(root) !== 0) throw new Error('chroot');
  process.chdir('/');
  const [CAPBSET_DROP, SET_NO_NEW_PRIVS] = [24, 38];
  const kept = ${JSON.stringify(Object.values(serviceCapabilities))};
  for (let bit = 0; bit < 64; bit += 1) if (!kept.includes(bit)) prctl(CAPBSET_DROP, bit, 0, 0, 0);
  if (prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0) !== 0) throw new Error('no_new_privs');
  const seccomp = koffi.load(${JSON.stringify(join(repository, 'container-runtime/libseccomp.so.2'))});
  const [ALLOW, REFUSE] = [0x7fff0000, 0x00050000 | ${constants.errno.EPERM}];
  const filter = seccomp.func('void *seccomp_init(uint32_t action)')(ALLOW);
  const numberOf = seccomp.func('int seccomp_syscall_resolve_name(const char *name)');
  const add = seccomp.func('int seccomp_rule_add_array(void *filter, uint32_t action, int number, uint count, void *none)');
  for (const name of ${JSON.stringify(forbiddenByRuntimes)}) {
    if (add(filter, REFUSE, numberOf(name), 0, null) !== 0) throw new Error('no such call: ' + name);
  }
  if (seccomp.func('int seccomp_load(void *filter)')(filter) !== 0) throw new Error('seccomp');
  process.execve(process.execPath, [process.execPath, ...process.argv.slice(1)]);
`;

const confined = (...argv: readonly string[]) => ['--input-type=module', '-e', CONFINED, commandLine, ...argv];

let agent: ChildProcess | undefined;

async function stopAgent(): Promise<void> {
  if (agent === undefined || agent.exitCode !== null) return;
  agent.kill('SIGTERM');
  await once(agent, 'exit');
}

after(async () => {
  await stopAgent();
  rmSync(directory, { recursive: true });
  scene.remove();
});

const otherName = join(scene.scratch, 'other');
linkSync(scene.secret.path, otherName);

function denies(): void {
  for (const name of [scene.secret.path, otherName]) assert.throws(() => readFileSync(name), { code: 'EPERM' }, name);
}

test('in what the chart gives it, the agent enforces', async () => {
  const policy = join(directory, 'policy.yaml');
  const rules = [{ paths: [scene.secret.path], action: { override: 1 } }];
  writeFileSync(policy, policyText({ name: 'pod', hooks: ['file_open'], rules, byInode: true }));
  const child = spawn(
    process.execPath,
    confined(
      ...['run', '--policy', policy, '--output', 'json', '--start-guard', '0', '--log-level', 'debug'],
      ...['--node-root', '/proc/1/root'],
    ),
    { cwd: repository, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  agent = child;
  const events = new Lines(child.stdout);
  const log = new Lines(child.stderr);
  const ready = await log.until(() => log.seen.find((line) => line.includes('"msg":"ready"')), READY_TIMEOUT_MS);
  assert.ok(ready !== undefined, log.seen.join('\n'));
  const status = readFileSync(`/proc/${child.pid}/status`, 'latin1');
  assert.match(status, /^NoNewPrivs:\s*1$/m);
  assert.match(status, /^Seccomp:\s*2$/m);
  denies();
  const told = await events.until(
    () => events.seen.find((line) => line.includes('process_lsm') && line.includes('"denied"')),
    EVENT_TIMEOUT_MS,
  );
  assert.ok(told !== undefined, events.seen.slice(-3).join('\n'));
  assert.deepEqual(
    log.seen.filter((line) => /"level":(40|50)/.test(line)),
    [],
    'it misses nothing',
  );
});

test('when it ends, as in a rolling update, the policy stays', async () => {
  await stopAgent();
  assert.ok(existsSync(PINS));
  denies();
});

test('what detaches needs no more than the agent, and leaves nothing', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, confined('detach', '--all', '--wait', '300'), {
    cwd: repository,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout + stderr);
  assert.equal(existsSync(PINS), false);
  assert.deepEqual(readFileSync(scene.secret.path), scene.secret.content);
});
