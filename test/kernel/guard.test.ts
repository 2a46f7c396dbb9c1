/** Self-protection: what is tried on maps, pins and the agent itself, from the host and from containers. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { attackPrograms } from '../attacks/build.ts';
import { GuardedAgent, type Tampering, type TamperPlace, tamper } from './harness/guarded-agent.ts';

const { EACCES, EINVAL, ENOENT, EPERM, EOPNOTSUPP } = constants.errno;
const BPFFS = '/sys/fs/bpf';
const ROOT = `${BPFFS}/guarded`;
const OUTER = '/sys/fs/cgroup/guarded';
const CGROUP = `${OUTER}/agent`;
const ELSEWHERE = '/sys/fs/cgroup/elsewhere';
const KPROBES = '/sys/kernel/debug/kprobes/enabled';
const { SIGTERM, SIGKILL, SIGWINCH, SIGSTOP } = constants.signals;

for (const path of [OUTER, CGROUP, ELSEWHERE]) mkdirSync(path);
after(() => {
  for (const path of [CGROUP, OUTER, ELSEWHERE]) rmdirSync(path);
  rmSync(ROOT, { recursive: true, force: true });
});

/** `what detail outcome place name` of what is told. */
function brief({ what, detail = '', outcome, host, name = '' }: Tampering): string {
  const place = host === undefined ? 'watchdog' : host ? 'host' : 'outside';
  return [what, detail, outcome, place, name].filter((each) => each !== '').join(' ');
}

type Attempt = {
  readonly from: TamperPlace;
  readonly way: string;
  readonly on: readonly (string | number)[];
  /** 0: it is let through. */
  readonly errno: number;
  readonly told: readonly string[];
};

let agent: GuardedAgent;

/**
 * All that is told since the attempt before must be what is expected of this one: in any order, as the watchdog may
 * come before the record of what it puts right.
 */
async function check({ from, way, on, errno, told }: Attempt): Promise<void> {
  assert.equal(tamper(from, way, ...on.map(String)), errno);
  assert.deepEqual((await agent.told(told.length)).map(brief).toSorted(), told.toSorted());
}

/** Names of tests are known before the agent is; what they try is about it. */
function attempts(table: Readonly<Record<string, () => Attempt>>): void {
  for (const [name, attempt] of Object.entries(table)) test(name, () => check(attempt()));
}

async function eventually(what: string, look: () => boolean): Promise<void> {
  for (let tries = 0; !look(); tries += 1) {
    assert.ok(tries < 100, what);
    await delay(100);
  }
}

const denied = (told: string) => ({ errno: EPERM, told: [told] });
const passed = { errno: 0, told: [] };

describe('maps and programs', () => {
  before(async () => {
    agent = await GuardedAgent.start({ level: 'agent', root: ROOT, cgroup: CGROUP });
  });

  const map = (name: string) => agent.map(name);
  attempts({
    'root of the host gets no descriptor to write': () => ({
      ...{ from: 'host', way: 'map-write', on: [map('rf_policies')] },
      ...denied('map read+write denied host rf_policies'),
    }),
    'nor one only to write': () => ({
      ...{ from: 'host', way: 'map-write-only', on: [map('rf_control')] },
      ...denied('map write denied host rf_control'),
    }),
    'nor through the pin': () => ({
      ...{ from: 'host', way: 'pin-write', on: [`${ROOT}/maps/rf_control`] },
      ...denied('map read+write denied host rf_control'),
    }),
    'nor one of the guard': () => ({
      ...{ from: 'host', way: 'map-write', on: [map('rf_guarded')] },
      ...denied('map read+write denied host rf_guarded'),
    }),
    'it may look': () => ({ from: 'host', way: 'map-read', on: [map('rf_policies')], ...passed }),
    'what it looks with does not freeze': () => ({
      ...{ from: 'host', way: 'map-freeze', on: [map('rf_policies')] },
      ...denied('map freeze denied host rf_policies'),
    }),
    'nor does a program write with it': () => ({
      ...{ from: 'host', way: 'program', on: [map('rf_policies')] },
      ...denied('program denied host'),
    }),
    'all programs can be listed': () => ({ from: 'host', way: 'programs', on: [], ...passed }),
    'a link has no detach operation': () => ({
      ...{ from: 'host', way: 'link-detach', on: [agent.ready.links.rf_guard_map_fd ?? 0] },
      ...{ errno: EOPNOTSUPP, told: [] },
    }),
    'a container that shares the pid namespace may not even look': () => ({
      ...{ from: 'mounts', way: 'map-read', on: [map('rf_policies')] },
      ...denied('map read denied outside rf_policies'),
    }),
    'nor may one that does not': () => ({
      ...{ from: 'container', way: 'map-write', on: [map('rf_policies')] },
      ...denied('map read+write denied outside rf_policies'),
    }),
    'nor through a pin': () => ({
      ...{ from: 'container', way: 'pin-write', on: [`${ROOT}/maps/rf_policies`] },
      ...denied('map read+write denied outside rf_policies'),
    }),
  });

  test('a child of the agent is not the agent', async () => {
    assert.equal(await agent.child(`test $(${attackPrograms.tamper} host map-write ${map('rf_policies')}) = 1`), 0);
    assert.deepEqual((await agent.told(1)).map(brief), ['map read+write denied host rf_policies']);
  });

  test('nor is a shell in its cgroup', async () => {
    const enter = `echo 0 > ${CGROUP}/cgroup.procs`;
    const { status } = spawnSync('sh', [
      '-c',
      `${enter}; test $(${attackPrograms.tamper} host map-write ${map('rf_policies')}) = 1`,
    ]);
    assert.equal(status, 0);
    assert.deepEqual((await agent.told(1)).map(brief), ['map read+write denied host rf_policies']);
  });

  test('who tried is told', async () => {
    tamper('host', 'map-write', map('rf_policies'));
    const [told] = await agent.told(1);
    assert.equal(told?.comm, 'tamper');
    assert.equal(told?.process?.binary, attackPrograms.tamper);
  });

  test('another agent does not take over while this one lives', async () => {
    await assert.rejects(GuardedAgent.start({ level: 'agent', root: ROOT }), /EPERM/);
    assert.deepEqual((await agent.told(1)).map(brief), ['map read+write denied host rf_guard']);
  });
});

describe('pins', () => {
  const PIN = `${ROOT}/guard/rf_guard_trace`;
  const repaired = `pin repaired watchdog ${PIN}`;

  attempts({
    'root of the host removes one: it comes back': () => ({
      ...{ from: 'host', way: 'unlink', on: [PIN], errno: 0 },
      told: ['pin unlink seen host rf_guard_trace', repaired],
    }),
    'it is moved away: it comes back': () => ({
      ...{ from: 'host', way: 'rename', on: [PIN, `${BPFFS}/stolen`], errno: 0 },
      told: ['pin rename seen host rf_guard_trace', repaired],
    }),
    'a container removes none': () => ({
      ...{ from: 'container', way: 'unlink', on: [PIN] },
      ...denied('pin unlink denied outside rf_guard_trace'),
    }),
    'nor does one in the pid namespace of the host': () => ({
      ...{ from: 'mounts', way: 'unlink', on: [`${ROOT}/maps/rf_policies`] },
      ...denied('pin unlink denied outside rf_policies'),
    }),
    'nor does it move the directory': () => ({
      ...{ from: 'container', way: 'rename', on: [ROOT, `${BPFFS}/other`] },
      ...denied('pin rename denied outside guarded'),
    }),
    'nor put something in its place': () => ({
      ...{ from: 'container', way: 'rename', on: [`${BPFFS}/stolen`, PIN] },
      ...denied('pin rename denied outside rf_guard_trace'),
    }),
    'nor remove a directory': () => ({
      ...{ from: 'container', way: 'rmdir', on: [`${ROOT}/maps`] },
      ...denied('pin rmdir denied outside maps'),
    }),
    'nor unmount': () => ({
      ...{ from: 'mounts', way: 'umount', on: [BPFFS] },
      ...denied('mount denied outside'),
    }),
    'pins of others are not ours': () => ({ from: 'container', way: 'unlink', on: [`${BPFFS}/stolen`], ...passed }),
  });

  test('the bpffs is unmounted: it is mounted again, with all pins, and these are guarded', async () => {
    assert.equal(tamper('host', 'umount', BPFFS), 0);
    const told = (await agent.told(18)).map(brief);
    assert.deepEqual(told.slice(0, 2), ['mount seen host', `mount repaired watchdog ${ROOT}`]);
    assert.ok(told.slice(2).every((each) => each.startsWith('pin repaired watchdog ')));
    await agent.counts(); // answered after all is put right
    assert.ok(existsSync(PIN) && existsSync(`${ROOT}/maps/rf_processes`));
    await check({ from: 'mounts', way: 'unlink', on: [PIN], ...denied('pin unlink denied outside rf_guard_trace') });
  });

  test('kprobes are switched off: they are switched on', async () => {
    writeFileSync(KPROBES, '0');
    assert.deepEqual((await agent.told(1)).map(brief), [`kprobes repaired watchdog ${KPROBES}`]);
    assert.equal(readFileSync(KPROBES, 'latin1').trim(), '1');
  });
});

describe('the agent as a process', () => {
  const pid = () => agent.pid;
  const outside = (way: string, on: readonly (string | number)[], told: string): Attempt => ({
    ...{ from: 'mounts', way, on },
    ...denied(told),
  });

  attempts({
    'SIGKILL from a container': () => outside('kill', [pid(), SIGKILL], 'signal SIGKILL denied outside'),
    'SIGTERM to a thread': () => outside('tgkill', [pid(), SIGTERM], 'signal SIGTERM denied outside'),
    'SIGSTOP by a pidfd': () => outside('pidfd', [pid(), SIGSTOP], 'signal SIGSTOP denied outside'),
    'whether it is there may be asked': () => ({ from: 'mounts', way: 'kill', on: [pid(), 0], ...passed }),
    'SIGKILL by way of a file, from the host too': () => ({
      ...{ from: 'host', way: 'sigio', on: [pid(), SIGKILL], errno: 0 },
      told: ['signal SIGKILL denied host'],
    }),
    'a limit on its time': () => outside('limit', [pid()], 'limit CPU denied outside'),
    'limits may be looked at': () => ({ from: 'mounts', way: 'look-at-limit', on: [pid()], ...passed }),
    'SIGSTOP from the host is told of': () => ({
      ...{ from: 'host', way: 'stop', on: [pid()], errno: 0 },
      told: ['signal SIGSTOP seen host', 'signal SIGCONT seen host'],
    }),
    'nobody traces it': () => ({ from: 'host', way: 'trace', on: [pid()], ...denied('ptrace denied host') }),
    'nobody takes its descriptors': () => ({
      ...{ from: 'host', way: 'getfd', on: [pid(), agent.ready.fd] },
      ...denied('ptrace denied host'),
    }),
    'nobody writes its memory': () => ({
      ...{ from: 'host', way: 'mem', on: [pid()], errno: EACCES },
      told: ['ptrace denied host'],
    }),
    'it may be looked at': () => ({ from: 'host', way: 'look', on: [pid()], ...passed }),
    'a container does not freeze its cgroup': () =>
      outside('freeze', [`${CGROUP}/cgroup.freeze`], 'cgroup denied outside cgroup.freeze'),
    'nor kill it': () => outside('write', [`${CGROUP}/cgroup.kill`, '1'], 'cgroup denied outside cgroup.kill'),
    'nor the one that it is in': () =>
      outside('freeze', [`${OUTER}/cgroup.freeze`], 'cgroup denied outside cgroup.freeze'),
    'nor put a limit on it': () =>
      outside('write', [`${CGROUP}/cgroup.max.depth`, '9'], 'cgroup denied outside cgroup.max.depth'),
    'limits of others are not ours': () => ({
      ...{ from: 'mounts', way: 'write', on: [`${OUTER}/cgroup.max.depth`, '9'] },
      ...passed,
    }),
    'nor are they on the host': () => ({
      ...{ from: 'host', way: 'write', on: [`${CGROUP}/cgroup.max.depth`, '9'] },
      ...passed,
    }),
    'a freeze from the host is told of': () => ({
      ...{ from: 'host', way: 'freeze', on: [`${CGROUP}/cgroup.freeze`], errno: 0 },
      told: ['cgroup seen host cgroup.freeze'],
    }),
    'it is moved to another cgroup': () => ({
      ...{ from: 'host', way: 'write', on: [`${ELSEWHERE}/cgroup.procs`, pid()], errno: 0 },
      told: ['cgroup-move seen host /elsewhere'],
    }),
    'which is guarded as the first one was': () =>
      outside('freeze', [`${ELSEWHERE}/cgroup.freeze`], 'cgroup denied outside cgroup.freeze'),
    'which is free again': () => ({ from: 'mounts', way: 'freeze', on: [`${CGROUP}/cgroup.freeze`], ...passed }),
  });

  test('a flood of attempts is refused, counted, and not all told of', async () => {
    const attempts = 2000;
    const before = await agent.counts();
    assert.equal(tamper('container', 'map-write-often', agent.map('rf_policies'), String(attempts)), EPERM);
    const counts = await agent.counts();
    assert.equal(counts.denied - before.denied, attempts);
    const untold = counts.untold - before.untold;
    assert.ok(untold > 0);
    assert.equal((await agent.told(attempts - untold)).length, attempts - untold);
  });
});

describe('when the agent has gone', () => {
  test('what takes its place by exec is not the agent; the host may adopt, containers may not', async () => {
    const { pid } = agent;
    agent.becomeAnother();
    await eventually('the exec', () => readFileSync(`/proc/${pid}/comm`, 'latin1') === 'sleep\n');
    assert.equal(tamper('host', 'map-write', agent.map('rf_policies')), EINVAL, 'it got as far as the map');
    assert.equal(tamper('mounts', 'map-write', agent.map('rf_policies')), EPERM);
    assert.equal(tamper('container', 'unlink', `${ROOT}/guard/rf_guard_trace`), EPERM);
    assert.equal(tamper('host', 'trace', String(pid)), 0);
    await agent.kill();
  });

  test('the next one takes over, and is killed: the same again', async () => {
    agent = await GuardedAgent.start({ level: 'agent', root: ROOT, cgroup: CGROUP });
    const on = [agent.map('rf_policies')];
    await check({ from: 'host', way: 'map-write', on, ...denied('map read+write denied host rf_policies') });
    await agent.kill();
    assert.equal(tamper('host', 'map-write', ...on), EINVAL, 'it got as far as the map');
    assert.equal(tamper('mounts', 'map-read', ...on), EPERM);
  });

  test('and the one after that', async () => {
    agent = await GuardedAgent.start({ level: 'strict', root: ROOT, cgroup: CGROUP });
    assert.equal(tamper('host', 'map-write', agent.map('rf_policies')), EPERM);
    await agent.told(1);
  });

  const pid = () => agent.pid;
  attempts({
    'strict: a signal from the host': () => ({
      ...{ from: 'host', way: 'kill', on: [pid(), SIGTERM] },
      ...denied('signal SIGTERM denied host'),
    }),
    'strict: a limit': () => ({ from: 'host', way: 'limit', on: [pid()], ...denied('limit CPU denied host') }),
    'strict: a freeze': () => ({
      ...{ from: 'host', way: 'freeze', on: [`${CGROUP}/cgroup.freeze`] },
      ...denied('cgroup denied host cgroup.freeze'),
    }),
    'strict: a limit of its cgroup': () => ({
      ...{ from: 'host', way: 'write', on: [`${CGROUP}/cgroup.max.depth`, '9'] },
      ...denied('cgroup denied host cgroup.max.depth'),
    }),
    'strict: pins can still be removed': () => ({
      ...{ from: 'host', way: 'unlink', on: [`${ROOT}/maps/rf_policies`], errno: 0 },
      told: ['pin unlink seen host rf_policies', `pin repaired watchdog ${ROOT}/maps/rf_policies`],
    }),
  });

  test('level maps, in monitor mode: told of, and nothing refused', async () => {
    await agent.stop();
    agent = await GuardedAgent.start({ level: 'maps', root: ROOT, mode: 'monitor' });
    assert.ok(!existsSync(`${ROOT}/guard/rf_guard_signal`));
    const on = [agent.map('rf_policies')];
    await check({
      from: 'container',
      way: 'map-write',
      on,
      errno: EINVAL,
      told: ['map read+write would outside rf_policies'],
    });
    await check({ from: 'mounts', way: 'kill', on: [pid(), SIGWINCH], ...passed });
    await check({ from: 'host', way: 'trace', on: [pid()], errno: 0, told: ['ptrace would host'] });
  });

  test('without its pins the guard ends with the agent', async () => {
    await agent.stop();
    const id = agent.map('rf_guard_programs');
    renameSync(ROOT, `${ROOT}-gone`);
    rmSync(`${ROOT}-gone`, { recursive: true });
    await eventually('the end', () => tamper('container', 'map-write', id) === ENOENT);
  });
});
