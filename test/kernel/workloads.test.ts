/**
 * Policies that are about some workloads only, on real hooks: by the cgroup of whoever calls, as it is at that moment.
 * RINGFENCE_SWAP_LONG=1: ten times as many moves.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { bound, workloadPlace } from '#abi';
import { u32Key, unpinAll } from '#kernel';
import type { WorkloadEntry } from '#sensors';
import { known } from '#std';
import { attack, Cgroups, Fence, parsed, Scene, Siege, Trigger } from './harness/index.ts';

const O_RDONLY = 0;
const CLONE_NEWNS = 0x20000;
const GETPRIORITY = process.arch === 'arm64' ? 141 : 140;
const AT_FDCWD = -100;
const MOVES = process.env.RINGFENCE_SWAP_LONG === '1' ? 2000 : 200;
const LEVELS = 300;
const SELECTORS_MAX = 64;
const hierarchies = ['unified', 'freezer'] as const;

const scene = new Scene('tmpfs');
const program = scene.copyProgram('trigger', join(scene.scratch, 'caller'));
after(() => scene.remove());

const web = { podSelector: { matchLabels: { app: 'web' } } };
const shop = { podSelector: { matchLabels: { app: 'shop' } } };

type Selector = Readonly<Record<string, unknown>>;

/** Denies the secret with this error. */
function denying(error: number, more: Selector = {}): Selector {
  return {
    matchArgs: [{ index: 0, operator: 'Equal', values: [scene.secret.path] }],
    ...more,
    matchActions: [{ action: 'Override', argError: -error }],
  };
}

const [EPERM, EACCES] = [1, 13];

type Kind = { readonly kind?: string; readonly namespace?: string };

function policy(name: string, scope: object, selectors: readonly Selector[], { kind, namespace }: Kind = {}): string {
  return JSON.stringify({
    apiVersion: 'cilium.io/v1alpha1',
    kind: kind ?? 'TracingPolicy',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    spec: { ...scope, lsmhooks: [{ hook: 'file_open', args: [{ index: 0, type: 'file' }], selectors }] },
  });
}

function container(app: string, more: Readonly<Record<string, string>> = {}): WorkloadEntry {
  const podLabels = { app, ...more };
  return { kind: 'container', subject: { namespace: 'test', podLabels, containerName: 'main', imageRepo: 'image' } };
}

const OFFSET = 4711;
const seeks = (index: number) => [{ matchArgs: [{ index, operator: 'Equal', values: [`${OFFSET}`] }] }];

/** Each becomes a program, or two, of another kind; all see one of the calls that `seekAndOpen` makes. */
const kinds: Readonly<Record<string, object>> = {
  lsm: { lsmhooks: [{ hook: 'file_open', args: [{ index: 0, type: 'file' }], selectors: [named(0)] }] },
  call: { kprobes: [{ call: 'sys_lseek', args: [{ index: 1, type: 'int64' }], selectors: seeks(1) }] },
  'call-and-return': {
    kprobes: [
      {
        ...{ call: 'sys_openat', return: true, returnArg: { index: 0, type: 'int' } },
        ...{ args: [{ index: 1, type: 'string' }], selectors: [named(1)] },
      },
    ],
  },
  'function-exit': {
    kprobes: [
      {
        ...{ call: 'ksys_lseek', syscall: false, return: true, returnArg: { index: 0, type: 'int64' } },
        ...{ args: [{ index: 1, type: 'int64' }], selectors: seeks(1) },
      },
    ],
  },
  tracepoint: {
    tracepoints: [
      {
        ...{ subsystem: 'syscalls', event: 'sys_enter_lseek' },
        ...{ args: [{ index: 6, type: 'uint64' }], selectors: seeks(6) },
      },
    ],
  },
  raw: {
    tracepoints: [
      {
        ...{ subsystem: 'raw_syscalls', event: 'sys_enter', raw: true, args: [{ index: 1, type: 'int64' }] },
        selectors: [{ matchArgs: [{ index: 1, operator: 'Equal', values: [`${GETPRIORITY}`] }] }],
      },
    ],
  },
};

function named(index: number): Selector {
  return { matchArgs: [{ index, operator: 'Equal', values: [scene.secret.path] }] };
}

async function callsOfEachKind(trigger: Trigger): Promise<void> {
  await trigger.call('lseek', -1, OFFSET, 0);
  await trigger.call('getpriority', 0, 0);
  await opening(trigger);
}

/** What opening the secret comes to. */
async function opening(trigger: Trigger, inThread = false): Promise<string> {
  const call = ['openat', AT_FDCWD, scene.secret.path, O_RDONLY] as const;
  const answer = inThread ? await trigger.callInThread(...call) : await trigger.call(...call);
  if (answer.kind === 'ended') return answer.signal ?? 'ended';
  if (answer.error !== undefined) return answer.error;
  await trigger.call('close', answer.result);
  return 'opened';
}

for (const hierarchy of hierarchies) {
  /** What does not depend on the hierarchy. */
  const once = { skip: hierarchy !== 'unified' && 'it is the same in each hierarchy: tested in the unified one' };
  describe(`policies of workloads, cgroups ${hierarchy}`, () => {
    let cgroups: Cgroups;
    let fence: Fence;
    let trigger: Trigger;
    before(async () => {
      cgroups = new Cgroups(hierarchy);
      fence = new Fence({ hierarchy });
      for (const name of ['web', 'shop']) fence.sensor.workloads.set(cgroups.make(name), container(name));
      trigger = await Trigger.start(program);
    });
    after(async () => {
      await trigger.stop();
      fence[Symbol.dispose]();
      cgroups[Symbol.dispose]();
    });

    /** What the secret is to who is in each of these places, one after the other. */
    async function openingIn(...places: readonly string[]): Promise<readonly string[]> {
      const seen: string[] = [];
      for (const place of places) {
        cgroups.move(trigger.pid, place);
        seen.push(await opening(trigger));
      }
      cgroups.move(trigger.pid, '..');
      return seen;
    }

    test('a policy is about who is in its pods, as long as it is there', async () => {
      fence.replace(parsed(policy('web', web, [denying(EPERM)])));
      const seen = await openingIn('web', 'shop', 'web', '..', 'web');
      assert.deepEqual(seen, ['EPERM', 'opened', 'EPERM', 'opened', 'EPERM']);
      const told = fence.takeEvents();
      assert.deepEqual(
        told.map(({ verdict, cgroupId }) => [verdict, cgroupId]),
        seen.filter((each) => each === 'EPERM').map(() => ['denied', cgroups.id('web')]),
      );
    });

    for (const [part, policyScope, selectorScope] of [
      ['policies', web, {}],
      ['selectors', {}, { matchWorkloads: [web] }],
    ] as const) {
      test(`programs of each kind ask: ${part}`, once, async () => {
        const texts = Object.entries(kinds).map(([name, spec]) => {
          const scoped = JSON.parse(JSON.stringify({ ...spec, ...policyScope }), (key, value) =>
            key === 'selectors' ? value.map((each: Selector) => ({ ...each, ...selectorScope })) : value,
          );
          return JSON.stringify({
            ...{ apiVersion: 'cilium.io/v1alpha1', kind: 'TracingPolicy', metadata: { name } },
            spec: scoped,
          });
        });
        fence.replace(parsed(...texts));
        fence.takeEvents();
        for (const place of ['shop', 'web', '..']) {
          cgroups.move(trigger.pid, place);
          await callsOfEachKind(trigger);
        }
        const own = fence.takeEvents().filter(({ process: { key } }) => key.pid === trigger.pid);
        const told = own.map(({ hook, cgroupId }) => [hook.policyName, cgroupId]);
        assert.deepEqual(
          told.toSorted(),
          Object.keys(kinds)
            .map((name) => [name, cgroups.id('web')])
            .toSorted(),
        );
      });
    }

    test('a killed process is killed in its pod, and nowhere else', once, async () => {
      const killing = { ...denying(EPERM), matchActions: [{ action: 'Sigkill' }] };
      fence.replace(parsed(policy('web', web, [killing])));
      const victim = await Trigger.start(program);
      assert.equal(await opening(victim), 'opened');
      cgroups.move(victim.pid, 'web');
      assert.equal(await opening(victim), 'SIGKILL');
    });

    test('selectors have workloads of their own, and the host is one', once, async () => {
      const selectors = [
        denying(EPERM, { matchWorkloads: [web] }),
        denying(EACCES, { matchWorkloads: [{ ...shop, hostSelector: {} }] }),
      ];
      fence.replace(parsed(policy('both', {}, selectors)));
      assert.deepEqual(await openingIn('web', 'shop', '..'), ['EPERM', 'EACCES', 'EACCES']);
      fence.replace(parsed(policy('host', { hostSelector: {} }, [denying(EPERM)])));
      assert.deepEqual(await openingIn('web', 'shop', '..'), ['opened', 'opened', 'EPERM']);
    });

    test('a namespaced policy is about the pods of its namespace', once, async () => {
      const kind = 'TracingPolicyNamespaced';
      fence.replace(parsed(policy('own', {}, [denying(EPERM)], { kind, namespace: 'test' })));
      assert.deepEqual(await openingIn('web', 'shop', '..'), ['EPERM', 'EPERM', 'opened']);
      fence.replace(parsed(policy('other', {}, [denying(EPERM)], { kind, namespace: 'prod' })));
      assert.deepEqual(await openingIn('web', 'shop', '..'), ['opened', 'opened', 'opened']);
    });

    test('labels that change count with the next call', once, async () => {
      fence.replace(parsed(policy('web', web, [denying(EPERM)])));
      cgroups.move(trigger.pid, 'shop');
      const seen = [];
      for (const app of ['shop', 'web', 'shop', 'web']) {
        fence.sensor.workloads.set(cgroups.id('shop'), container(app));
        seen.push(await opening(trigger));
      }
      fence.sensor.workloads.set(cgroups.id('shop'), container('shop'));
      cgroups.move(trigger.pid, '..');
      assert.deepEqual(seen, ['opened', 'EPERM', 'opened', 'EPERM']);
    });

    test(`threads, children, and who is ${LEVELS} levels below, are in the container`, async () => {
      fence.replace(parsed(policy('web', web, [denying(EPERM)])));
      const deep = `web/${Array.from({ length: LEVELS }, () => 'd').join('/')}`;
      cgroups.make(deep);
      assert.deepEqual(await openingIn(deep), ['EPERM']);
      cgroups.move(trigger.pid, 'web');
      assert.equal(await opening(trigger, true), 'EPERM');
      const parent = await Trigger.start(program);
      cgroups.move(parent.pid, 'web');
      await parent.fork();
      cgroups.move(trigger.pid, '..');
      assert.equal(await opening(parent), 'EPERM');
      await parent.stop();
    });

    test('a child that begins in another cgroup is of that one', once, async () => {
      fence.replace(parsed(policy('web', web, [denying(EPERM)])));
      const parent = await Trigger.start(program);
      assert.equal(await opening(parent), 'opened');
      await parent.forkInto(cgroups.path('web'));
      assert.equal(await opening(parent), 'EPERM');
      await parent.stop();
    });

    for (const way of ['uring', 'uring-worker']) {
      test(`what a ring of the container opens, it opens: ${way}`, async () => {
        fence.replace(parsed(policy('web', web, [denying(EPERM)])));
        const outcomes = [];
        for (const place of ['web', '..']) {
          cgroups.move(process.pid, place);
          const { report } = await attack(scene, { way, path: scene.secret.path });
          outcomes.push(report.secrets);
        }
        assert.deepEqual(outcomes, [0, 1]);
      });
    }

    test('a pod that is not known yet: only what is about every pod is about it, and it is counted', async () => {
      const pods = fence.sensor.workloads;
      const id = cgroups.make('pod/new');
      pods.set(cgroups.id('pod'), { kind: 'pending', holdExec: false });
      fence.replace(
        parsed(policy('web', web, [denying(EPERM)]), policy('all', { podSelector: {} }, [denying(EACCES)])),
      );
      const before = fence.base.counts().workloadPending;
      assert.deepEqual(await openingIn('pod/new', 'pod'), ['EACCES', 'EACCES']);
      assert.ok(fence.base.counts().workloadPending > before);
      pods.set(id, container('web'));
      assert.deepEqual(await openingIn('pod/new', 'pod', '..'), ['EPERM', 'EACCES', 'opened']);
      pods.delete(id);
      pods.delete(cgroups.id('pod'));
      assert.deepEqual(await openingIn('pod/new'), ['opened']);
    });

    test('where nobody can tell what runs, what enforces denies, and nobody is killed', once, async () => {
      const kills = { ...denying(EPERM), matchActions: [{ action: 'Sigkill' }] };
      fence.replace(parsed(policy('web', web, [kills])));
      const dark = new Uint8Array(BigUint64Array.of(cgroups.make('dark')).buffer);
      const listed = fence.base.map('rf_workloads');
      listed.update(dark, u32Key(workloadPlace.unreadable));
      fence.takeEvents();
      assert.deepEqual(await openingIn('dark'), ['EPERM']);
      assert.deepEqual(
        fence.takeEvents().map(({ verdict, unreadable }) => [verdict, unreadable]),
        [['denied', true]],
      );
      listed.delete(dark);
      assert.deepEqual(await openingIn('dark'), ['opened']);
    });

    test('nothing is executed in a pod that must not run before it is known', once, async () => {
      const pods = fence.sensor.workloads;
      const id = cgroups.make('strict/new');
      pods.set(cgroups.id('strict'), { kind: 'pending', holdExec: true });
      fence.replace([]);
      const starter = await Trigger.start(program);
      const environment = [new Uint8Array(8), new Uint8Array(8)] as const;
      const execute = async () => await starter.call('execve', program, ...environment);
      cgroups.move(starter.pid, 'strict/new');
      await starter.exec(program); // as a runtime does, which has not left the host yet
      assert.deepEqual([fence.takeHeld().length, fence.base.counts().execHeld], [0, 0n]);
      await starter.call('unshare', CLONE_NEWNS);
      const refused = await execute();
      assert.equal(refused.kind === 'returned' ? refused.error : refused.signal, 'EAGAIN');
      fence.base.setMode('monitor');
      fence.takeHeld();
      await starter.exec(program);
      assert.deepEqual(
        fence.takeHeld().map(({ outcome, name, cgroupId }) => [outcome, name.text, cgroupId]),
        [['would', program, id]],
      );
      fence.base.setMode('enforce');
      pods.set(id, container('web'));
      await starter.exec(program);
      await starter.stop();
      assert.equal(fence.takeHeld().length, 0);
      assert.equal(fence.base.counts().execHeld, 2n);
    });

    test(`${bound.scopeMax} different workload selectors`, once, async () => {
      const app = (number: number) => ({ podSelector: { matchLabels: { number: `${number}` } } });
      const policies = Array.from({ length: bound.scopeMax / SELECTORS_MAX }, (_, index) =>
        policy(
          `many-${index}`,
          {},
          Array.from({ length: SELECTORS_MAX }, (__, at) =>
            denying(EPERM, { matchWorkloads: [app(index * SELECTORS_MAX + at)] }),
          ),
        ),
      );
      fence.replace([]);
      fence.replace(parsed(...policies));
      assert.equal(fence.sensor.workloads.scopes.length, bound.scopeMax);
      const id = cgroups.id('shop');
      cgroups.move(trigger.pid, 'shop');
      const seen = [];
      for (const number of [0, 63, 64, 255, 511, 512]) {
        fence.sensor.workloads.set(id, container('shop', { number: `${number}` }));
        seen.push(await opening(trigger));
      }
      cgroups.move(trigger.pid, '..');
      fence.sensor.workloads.set(id, container('shop'));
      assert.deepEqual(seen, ['EPERM', 'EPERM', 'EPERM', 'EPERM', 'EPERM', 'opened']);
      fence.replace([]);
    });

    describe('an attack that does not stop', () => {
      let siege: Siege;
      before(async () => {
        const either = { podSelector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['web', 'shop'] }] } };
        const selectors = [denying(EPERM, { matchWorkloads: [web] }), denying(EPERM, { matchWorkloads: [shop] })];
        fence.replace(parsed(policy('either', either, selectors)));
        for (const name of ['left', 'right/inner']) cgroups.make(name);
        fence.sensor.workloads.set(cgroups.id('left'), container('web'));
        fence.sensor.workloads.set(cgroups.id('right'), container('shop'));
        cgroups.move(process.pid, 'left');
        siege = await Siege.start({ way: 'open', threads: 4, path: scene.secret.path });
        cgroups.move(process.pid, '..');
      });
      after(() => siege[Symbol.asyncDispose]());

      test(`${MOVES} moves and changes of labels, and nothing is opened`, async (t: TestContext) => {
        const apps = ['web', 'shop'] as const;
        for (let move = 0; move < MOVES; move += 1) {
          cgroups.move(siege.pid, move % 2 === 0 ? 'right/inner' : 'left');
          for (const [index, place] of ['left', 'right'].entries()) {
            fence.sensor.workloads.set(cgroups.id(place), container(known(apps[(move + index) % 2], 'label')));
          }
          if (move % 10 === 0) await siege.goOn(100);
        }
        const { attempts, successes, unexpected } = siege.counts;
        t.diagnostic(`${attempts} attempts`);
        assert.deepEqual({ successes, unexpected }, { successes: 0, unexpected: 0 });
        assert.equal(fence.base.counts().workloadUnreadable, 0n);
        // who leaves the pods is not concerned any more: the siege sees what it looks for
        cgroups.move(siege.pid, '..');
        await siege.until((counts) => counts.successes > 0);
      });
    });
  });
}

describe('another agent', () => {
  const kept = { pins: '/sys/fs/bpf/ringfence-workloads', statePath: join(scene.scratch, 'state.json') };
  after(() => unpinAll(kept.pins));

  test('finds what runs where, and at no moment is it something else', async () => {
    using cgroups = new Cgroups('unified');
    const policies = parsed(policy('shop', shop, [denying(EACCES)]), policy('web', web, [denying(EPERM)]));
    await using trigger = await Trigger.start(program);
    const openings = async () => {
      const seen = [];
      for (const place of ['web', 'shop', '..']) {
        cgroups.move(trigger.pid, place);
        seen.push(await opening(trigger));
      }
      return seen;
    };
    const wanted = ['EPERM', 'EACCES', 'opened'];
    {
      using first = new Fence({ kept });
      for (const name of ['web', 'shop']) first.sensor.workloads.set(cgroups.make(name), container(name));
      first.replace(policies);
      assert.deepEqual(await openings(), wanted);
    }
    assert.deepEqual(await openings(), wanted, 'while there is none');
    using second = new Fence({ kept });
    const { workloads } = second.sensor;
    assert.deepEqual(new Set(workloads.cgroupIds), new Set(['web', 'shop'].map((name) => cgroups.id(name))));
    assert.deepEqual(await openings(), wanted, 'before it has looked');
    workloads.set(cgroups.id('web'), container('web'));
    second.replace(policies.toReversed());
    assert.deepEqual(await openings(), wanted, 'when it has its policies, and knows one of the two');
    workloads.set(cgroups.id('shop'), container('web'));
    assert.deepEqual(await openings(), ['EPERM', 'EPERM', 'opened']);
  });
});
