/** Processes that the node can not do without are denied what a policy denies, and live, unless it names them. */
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { writeCriticalBinaries } from '#sensors';
import { attackPrograms } from '../attacks/build.ts';
import { Fence, type JsonEvent, parsed, policyOf, startAgent, Trigger } from './harness/index.ts';

const AT_FDCWD = -100;
const NOBODY = 65_534;
const NR_SETRESUID = 117; // arch/x86/entry/syscalls/syscall_64.tbl
const SIGTERM = 15;
const SIGWINCH = 28;

const KUBELET = '/usr/bin/kubelet';
const PLUGIN = '/opt/cni/bin/bridge';
const OTHER = '/usr/local/bin/kubelet-of-somebody';
const programs = [KUBELET, PLUGIN, OTHER];

/** Where everybody may go. */
const directory = mkdtempSync(join(tmpdir(), 'critical-'));
chmodSync(directory, 0o755);
const secretOf = (name: string) => join(directory, name);

/** Each is about a file of its own. */
const fileOpen = {
  anybody: [{ action: 'Sigkill' }],
  terminated: [{ action: 'Signal', argSig: SIGTERM }],
  resized: [{ action: 'Signal', argSig: SIGWINCH }],
} as const;
const kill = [{ action: 'Sigkill' }] as const;
const naming = {
  named: [{ operator: 'In', values: [KUBELET] }],
  'named-by-beginning': [{ operator: 'Prefix', values: ['/usr/bin/'] }],
  'others-named': [{ operator: 'NotIn', values: ['/usr/bin/nothing'] }],
  'with-children': [{ operator: 'In', values: [KUBELET], followChildren: true }],
} as const;

function openPolicy(name: string, matchActions: readonly object[], more: object = {}): string {
  const matchArgs = [{ index: 0, operator: 'Equal', values: [secretOf(name)] }];
  const selectors = [{ matchArgs, matchActions, ...more }];
  return policyOf(name, { lsmhooks: [{ hook: 'file_open', args: [{ index: 0, type: 'file' }], selectors }] });
}

/** Offsets of lseek that policies are about, which nothing can deny. */
const [SEEK, SEEK_RETURNED, SEEK_NAMED] = [7001, 7002, 7003];
function seekPolicy(name: string, offset: number, selector: object, more: object = {}): string {
  const matchArgs = [{ index: 1, operator: 'Equal', values: [`${offset}`] }];
  const selectors = [{ matchArgs, ...selector }];
  return policyOf(name, { kprobes: [{ call: 'sys_lseek', args: [{ index: 1, type: 'int64' }], selectors, ...more }] });
}
const onReturn = { return: true, returnArg: { index: 0, type: 'int64' } };

let fence: Fence;
let elder: Trigger;
describe('processes that the node can not do without', () => {
  before(async () => {
    for (const path of programs) {
      assert.ok(!existsSync(path), `${path} is no program of the guest's own`);
      mkdirSync(dirname(path), { recursive: true });
      copyFileSync(attackPrograms.trigger, path);
    }
    for (const name of [...Object.keys(fileOpen), ...Object.keys(naming)]) writeFileSync(secretOf(name), '');
    elder = await Trigger.start(KUBELET);
    fence = new Fence();
    writeCriticalBinaries(fence.base.map('rf_critical'), ['/usr/bin/containerd', KUBELET, '/opt/cni/bin/*']);
    fence.replace(
      parsed(
        ...Object.entries(fileOpen).map(([name, actions]) => openPolicy(name, actions)),
        ...Object.entries(naming).map(([name, matchBinaries]) => openPolicy(name, kill, { matchBinaries })),
        seekPolicy('seek', SEEK, { matchActions: kill }),
        seekPolicy('seek-returned', SEEK_RETURNED, { matchReturnActions: kill }, onReturn),
        seekPolicy(
          'seek-named',
          SEEK_NAMED,
          { matchReturnActions: kill, matchBinaries: [{ operator: 'In', values: [KUBELET] }] },
          onReturn,
        ),
      ),
    );
  });

  after(async () => {
    await elder.stop();
    fence[Symbol.dispose]();
    for (const path of programs) rmSync(path);
    rmSync(directory, { recursive: true });
  });

  const open = (trigger: Trigger, name: string) => trigger.call('openat', AT_FDCWD, secretOf(name), 0, 0);
  const seek = (trigger: Trigger, offset: number) => trigger.call('lseek', 0, offset, 1);

  async function lives(trigger: Trigger): Promise<void> {
    const answer = await trigger.call('getpid');
    assert.equal(answer.kind, 'returned', 'it lives');
  }

  async function isDenied(trigger: Trigger, name = 'anybody'): Promise<void> {
    const answer = await open(trigger, name);
    assert.deepEqual(answer.kind === 'returned' ? answer.error : answer, 'EPERM');
    await lives(trigger);
  }

  async function isKilled(trigger: Trigger, name = 'anybody'): Promise<void> {
    assert.deepEqual(await open(trigger, name), { kind: 'ended', signal: 'SIGKILL', status: undefined });
  }

  /** Goes on as what `command` executes last. */
  function wrapped(name: string, command: string): string {
    const script = join(directory, name);
    writeFileSync(script, `#!/bin/sh\n${command}\n`, { mode: 0o755 });
    return script;
  }

  function toldOf(pid: number) {
    return fence
      .takeEvents()
      .filter(({ process }) => process.key.pid === pid)
      .map(({ verdict, critical, notKilled, action }) => ({ verdict, critical, notKilled, action }));
  }

  function sparedBy(policy: string): bigint {
    return fence.sensor.counts().find(({ name }) => name === policy)?.counts.spared ?? -1n;
  }

  test('one of the list is denied, and lives; the event says why', async () => {
    await using kubelet = await Trigger.start(KUBELET);
    const before = sparedBy('anybody');
    await isDenied(kubelet);
    assert.equal(sparedBy('anybody') - before, 1n);
    assert.deepEqual(toldOf(kubelet.pid), [
      { verdict: 'denied', critical: true, notKilled: true, action: 'KPROBE_ACTION_SIGKILL' },
    ]);
  });

  test('so is one that was there before', () => isDenied(elder));

  test('and one whose path begins as the list says', async () => {
    await using plugin = await Trigger.start(PLUGIN);
    await isDenied(plugin);
  });

  test('and its child, until that executes something else', async () => {
    await using kubelet = await Trigger.start(KUBELET);
    await kubelet.fork();
    await isDenied(kubelet);
    await kubelet.exec(OTHER);
    await isKilled(kubelet);
  });

  test('the same program elsewhere is killed', async () => {
    await using other = await Trigger.start(OTHER);
    await isKilled(other);
    assert.deepEqual(toldOf(other.pid), [
      { verdict: 'killed', critical: false, notKilled: false, action: 'KPROBE_ACTION_SIGKILL' },
    ]);
  });

  for (const [what, flags] of [
    ['mount and pid namespace', '--mount --pid --fork'],
    ['mount namespace', '--mount'],
    ['pid namespace', '--pid --fork'],
  ] as const) {
    test(`one of that path in a ${what} of its own is killed`, async () => {
      await using contained = await Trigger.start(wrapped('contained', `exec unshare ${flags} ${KUBELET}`));
      await isKilled(contained);
    });
  }

  test('one of that path in another mount namespace, executed from there, is killed', async () => {
    const copy = `mount -t tmpfs none /opt/cni/bin && cp ${KUBELET} ${PLUGIN}`;
    const script = wrapped('elsewhere', `exec unshare --mount sh -c '${copy} && exec ${OTHER}'`);
    await using holder = await Trigger.start(script);
    await using escaped = await Trigger.start(`/proc/${holder.pid}/root${PLUGIN}`);
    await isKilled(escaped);
  });

  test('one that is not of root is killed', async () => {
    await using started = await Trigger.start(KUBELET);
    await started.call(`number:${NR_SETRESUID}`, NOBODY, NOBODY, NOBODY);
    await isKilled(started);
  });

  for (const name of ['named', 'named-by-beginning', 'with-children'] as const) {
    test(`a policy that names it kills it: ${name}`, async () => {
      await using kubelet = await Trigger.start(KUBELET);
      await isKilled(kubelet, name);
    });
  }

  test('one that excepts others does not name it', async () => {
    await using kubelet = await Trigger.start(KUBELET);
    await isDenied(kubelet, 'others-named');
  });

  test('one that names whom it descends from does not name it', async () => {
    await using kubelet = await Trigger.start(KUBELET);
    await kubelet.fork();
    await kubelet.exec(PLUGIN);
    await isDenied(kubelet, 'with-children');
    await kubelet.exec(OTHER);
    await isKilled(kubelet, 'with-children');
  });

  test('a signal that would end it is not sent, one that would not is', async () => {
    await using kubelet = await Trigger.start(KUBELET);
    for (const [name, critical] of [
      ['terminated', true],
      ['resized', false],
    ] as const) {
      const answer = await open(kubelet, name);
      assert.equal(answer.kind === 'returned' ? answer.error : answer, undefined);
      await lives(kubelet);
      assert.deepEqual(toldOf(kubelet.pid), [
        { verdict: critical ? 'match' : 'signalled', critical, notKilled: critical, action: 'KPROBE_ACTION_SIGNAL' },
      ]);
    }
    await using other = await Trigger.start(OTHER);
    assert.deepEqual(await open(other, 'terminated'), { kind: 'ended', signal: 'SIGTERM', status: undefined });
  });

  for (const [name, offset] of [
    ['where nothing can be denied it is let be', SEEK],
    ['at the return it is let be', SEEK_RETURNED],
  ] as const) {
    test(name, async () => {
      await using kubelet = await Trigger.start(KUBELET);
      const answer = await seek(kubelet, offset);
      assert.equal(answer.kind, 'returned');
      await lives(kubelet);
      const [told, ...more] = toldOf(kubelet.pid);
      assert.deepEqual([told?.verdict, told?.critical, told?.notKilled, more], ['match', true, true, []]);
      await using other = await Trigger.start(OTHER);
      assert.deepEqual(await seek(other, offset), { kind: 'ended', signal: 'SIGKILL', status: undefined });
    });
  }

  test('at the return a policy that names it kills it', async () => {
    await using kubelet = await Trigger.start(KUBELET);
    assert.deepEqual(await seek(kubelet, SEEK_NAMED), { kind: 'ended', signal: 'SIGKILL', status: undefined });
  });

  test('of a list that is empty nobody is', async () => {
    writeCriticalBinaries(fence.base.map('rf_critical'), []);
    await using kubelet = await Trigger.start(KUBELET);
    await isKilled(kubelet);
  });

  test('the agent knows the list that it is started with, and tells of a policy that has killed too much', async () => {
    const place = join(directory, 'of-agent');
    writeFileSync(place, '');
    const matchArgs = [{ index: 0, operator: 'Equal', values: [place] }];
    const hook = { hook: 'file_open', args: [{ index: 0, type: 'file' }] };
    const spec = { lsmhooks: [{ ...hook, selectors: [{ matchArgs, matchActions: kill }] }] };
    const text = policyOf('of-agent', spec, { 'ringfence.io/kill-budget': '1/h' });
    const agent = await startAgent({ policies: [text], args: ['--critical-binaries', `${KUBELET},/opt/cni/bin/*`] });
    try {
      await using kubelet = await Trigger.start(KUBELET);
      const denied = await kubelet.call('openat', AT_FDCWD, place, 0, 0);
      assert.equal(denied.kind === 'returned' ? denied.error : denied.signal, 'EPERM');
      for (const expected of ['SIGKILL', undefined]) {
        await using other = await Trigger.start(OTHER);
        const answer = await other.call('openat', AT_FDCWD, place, 0, 0);
        assert.equal(answer.kind === 'ended' ? answer.signal : answer.error, expected);
      }
      const spared = (event: JsonEvent) => event.process_lsm?.process?.pid === kubelet.pid;
      const [told] = await agent.eventsWhere('the kubelet was spared', spared);
      assert.deepEqual([told?.ringfence?.verdict, told?.ringfence?.critical], ['denied', true]);
      const [demotion] = await agent.eventsWhere('a demotion', ({ ringfence }) => ringfence?.demotion !== undefined);
      assert.deepEqual(demotion?.ringfence?.demotion, { policy: 'of-agent', kill_budget: '1/h', mode: 'monitor' });
      assert.match(agent.log, /the kill budget is spent/);
    } finally {
      await agent.stop();
    }
  });
});
