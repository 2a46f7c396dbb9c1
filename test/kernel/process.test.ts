/** Who calls: by binary, pid, namespaces and capabilities, with real processes that differ in one of them. */
import assert from 'node:assert/strict';
import { linkSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Bench, type Case, hookOf, Scene, Trigger } from './harness/index.ts';

// include/uapi/linux/sched.h
const NEW = {
  ...{ Mnt: 0x0002_0000, Cgroup: 0x0200_0000, Uts: 0x0400_0000, Ipc: 0x0800_0000 },
  ...{ User: 0x1000_0000, Pid: 0x2000_0000, Net: 0x4000_0000, Time: 0x80 },
} as const;
const NOBODY = 65_534;

/** One call, which all of them make; each policy asks who it is that makes it. */
const CALL = ['lseek', -1, 7_700_077, 7] as const;
const hook = { call: 'sys_lseek', args: [{ index: 1, type: 'int64' }] };
const matchArgs = [{ index: 1, operator: 'Equal', values: [`${CALL[2]}`] }];

const scene = new Scene('tmpfs');
const trigger = scene.copyProgram('trigger', join(scene.scratch, 'first-program'));
const [first, second] = [trigger, join(scene.scratch, 'second-program')];
linkSync(first, second);

const namespaceKinds = [
  'Uts',
  'Ipc',
  'Mnt',
  'Pid',
  'PidForChildren',
  'Net',
  'Time',
  'TimeForChildren',
  'Cgroup',
  'User',
];

/** What a policy can ask of a process. */
type Subject = {
  readonly name: string;
  readonly trigger: Trigger;
  readonly binary: string;
  /** Of those that it descends from, itself included. */
  readonly binaries: readonly string[];
  readonly pids: readonly number[];
  readonly namespacePids: readonly number[];
  /** Those that are not the host's. */
  readonly ownNamespaces: readonly string[];
  readonly privileged: boolean;
};

type Policy = { readonly name: string; readonly filter: object; readonly holds: (subject: Subject) => boolean };

async function subjectOf(name: string, program: string, facts: Partial<Subject> = {}): Promise<Subject> {
  const started = await Trigger.start(program);
  return {
    ...{ name, trigger: started, binary: program, binaries: [program], pids: [started.pid] },
    ...{ namespacePids: [started.pid], ownNamespaces: [], privileged: true },
    ...facts,
  };
}

/** Goes on in a child. */
async function forked(subject: Subject, name: string): Promise<Subject> {
  await subject.trigger.fork();
  const { pid } = subject.trigger;
  const inNamespace = subject.ownNamespaces.includes('Pid') ? (subject.namespacePids.at(-1) ?? 0) + 1 : pid;
  return { ...subject, name, pids: [...subject.pids, pid], namespacePids: [...subject.namespacePids, inNamespace] };
}

async function executed(subject: Subject, name: string, program: string): Promise<Subject> {
  await subject.trigger.exec(program);
  return { ...subject, name, binary: program, binaries: [...subject.binaries, program] };
}

async function unshared(subject: Subject, ...kinds: readonly (keyof typeof NEW)[]): Promise<Subject> {
  const flags = kinds.reduce((sum, kind) => sum | NEW[kind], 0);
  const answer = await subject.trigger.call('unshare', flags);
  assert.equal(answer.kind === 'returned' ? answer.error : answer.signal, undefined, 'unshare');
  const own = kinds.map((kind) => (kind === 'Pid' || kind === 'Time' ? `${kind}ForChildren` : kind));
  return { ...subject, ownNamespaces: [...subject.ownNamespaces, ...own] };
}

async function inPidNamespace(subject: Subject): Promise<Subject> {
  const parent = await unshared(subject, 'Pid', 'Time');
  const child = await forked(parent, subject.name);
  return {
    ...child,
    namespacePids: [...parent.namespacePids, 1],
    ownNamespaces: [...parent.ownNamespaces, 'Pid', 'Time'],
  };
}

/** Who is nobody in its user namespace has no capabilities left behind an exec. */
async function unmapped(subject: Subject, program: string): Promise<Subject> {
  const owner = await unshared(subject, 'User');
  return { ...(await executed(owner, subject.name, program)), privileged: false };
}

async function unprivileged(subject: Subject): Promise<Subject> {
  const answer = await subject.trigger.call('setresuid', NOBODY, NOBODY, NOBODY);
  assert.equal(answer.kind === 'returned' ? answer.error : answer.signal, undefined, 'setresuid');
  return { ...subject, privileged: false };
}

function policiesFor(subjects: readonly Subject[]): readonly Policy[] {
  const byName = (name: string) => subjects.find((subject) => subject.name === name);
  const parent = byName('child')?.pids[0] ?? 0;
  const alone = byName('first')?.pids[0] ?? 0;
  const separate = byName('namespaces');
  const uts = /\[(\d+)\]/.exec(readlinkSync(`/proc/${separate?.trigger.pid}/ns/uts`))?.[1] ?? '';
  const binaries = (operator: string, values: readonly string[], more = {}) => ({
    matchBinaries: [{ operator, values, ...more }],
  });
  const pids = (operator: string, values: readonly number[], more = {}) => ({
    matchPIDs: [{ operator, values, ...more }],
  });
  const namespaces = (namespace: string, operator: string, values: readonly string[]) => ({
    matchNamespaces: [{ namespace, operator, values }],
  });
  const capabilities = (type: string, operator: string, more = {}) => ({
    matchCapabilities: [{ type, operator, values: ['CAP_SYS_ADMIN', 'CAP_NET_RAW'], ...more }],
  });
  const follow = { followChildren: true };
  const forks = { followForks: true };
  const last = <Value>(list: readonly Value[]): Value | undefined => list.at(-1);
  return [
    { name: 'in', filter: binaries('In', [first]), holds: ({ binary }) => binary === first },
    { name: 'not-in', filter: binaries('NotIn', [first]), holds: ({ binary }) => binary !== first },
    { name: 'prefix', filter: binaries('Prefix', [first.slice(0, -8)]), holds: ({ binary }) => binary === first },
    {
      name: 'not-prefix',
      filter: binaries('NotPrefix', [first.slice(0, -8)]),
      holds: ({ binary }) => binary !== first,
    },
    { name: 'postfix', filter: binaries('Postfix', ['/second-program']), holds: ({ binary }) => binary === second },
    {
      name: 'not-postfix',
      filter: binaries('NotPostfix', ['/second-program']),
      holds: ({ binary }) => binary !== second,
    },
    { name: 'followed', filter: binaries('In', [first], follow), holds: (subject) => subject.binaries.includes(first) },
    {
      name: 'not-followed',
      filter: binaries('NotIn', [first], follow),
      holds: ({ binaries }) => !binaries.includes(first),
    },
    { name: 'pid', filter: pids('In', [parent, alone]), holds: (subject) => last(subject.pids) === alone },
    { name: 'not-pid', filter: pids('NotIn', [parent, alone]), holds: (subject) => last(subject.pids) !== alone },
    { name: 'forks', filter: pids('In', [parent], forks), holds: (subject) => subject.pids.includes(parent) },
    { name: 'not-forks', filter: pids('NotIn', [parent], forks), holds: (subject) => !subject.pids.includes(parent) },
    {
      name: 'namespace-pid',
      filter: pids('In', [1], { isNamespacePID: true }),
      holds: (subject) => last(subject.namespacePids) === 1,
    },
    {
      name: 'not-namespace-pid',
      filter: pids('NotIn', [1], { isNamespacePID: true }),
      holds: (subject) => last(subject.namespacePids) !== 1,
    },
    {
      name: 'not-namespace-forks',
      filter: pids('NotIn', [2], { isNamespacePID: true, followForks: true }),
      holds: (subject) => !subject.namespacePids.includes(2),
    },
    {
      name: 'namespace-forks',
      filter: pids('In', [2], { isNamespacePID: true, followForks: true }),
      holds: (subject) => subject.namespacePids.includes(2),
    },
    { name: 'uts', filter: namespaces('Uts', 'In', [uts]), holds: ({ name }) => name === 'namespaces' },
    ...namespaceKinds.flatMap((kind): readonly Policy[] => [
      {
        name: `host-${kind.toLowerCase()}`,
        filter: namespaces(kind, 'In', ['host_ns']),
        holds: ({ ownNamespaces }) => !ownNamespaces.includes(kind),
      },
      {
        name: `own-${kind.toLowerCase()}`,
        filter: namespaces(kind, 'NotIn', ['host_ns']),
        holds: ({ ownNamespaces }) => ownNamespaces.includes(kind),
      },
    ]),
    ...['Effective', 'Permitted'].flatMap((set): readonly Policy[] => [
      { name: set.toLowerCase(), filter: capabilities(set, 'In'), holds: ({ privileged }) => privileged },
      { name: `not-${set.toLowerCase()}`, filter: capabilities(set, 'NotIn'), holds: ({ privileged }) => !privileged },
    ]),
    { name: 'inheritable', filter: capabilities('Inheritable', 'In'), holds: () => false },
    {
      name: 'namespace-capability',
      filter: capabilities('Effective', 'In', { isNamespaceCapability: true }),
      holds: ({ privileged, ownNamespaces }) => privileged && ownNamespaces.includes('User'),
    },
    {
      name: 'not-namespace-capability',
      filter: capabilities('Effective', 'NotIn', { isNamespaceCapability: true }),
      holds: ({ privileged, ownNamespaces }) => !privileged && ownNamespaces.includes('User'),
    },
  ];
}

describe('processes', () => {
  const subjects: Subject[] = [];
  let policies: readonly Policy[] = [];
  let bench: Bench;

  before(async () => {
    subjects.push(
      await subjectOf('first', first),
      await subjectOf('second', second),
      await forked(await subjectOf('first', first), 'child'),
      await executed(await forked(await subjectOf('first', first), 'child'), 'descendant', second),
      await unshared(await subjectOf('namespaces', second), 'Uts', 'Ipc', 'Mnt', 'Net', 'Cgroup', 'Pid', 'Time'),
      await inPidNamespace(await subjectOf('init', second)),
      await forked(await inPidNamespace(await subjectOf('init', second)), 'child of init'),
      await unshared(await subjectOf('user namespace', second), 'User'),
      await unmapped(await subjectOf('user namespace, unprivileged', second), first),
      await unprivileged(await subjectOf('unprivileged', second)),
    );
    policies = policiesFor(subjects);
    const cases = policies.map(({ name, filter }): Case => {
      const spec = { kprobes: [{ ...hook, selectors: [{ ...filter, matchArgs }] }] };
      return { ...{ name, spec, steps: [], program: 'nobody' }, unscoped: true };
    });
    bench = await Bench.start(cases);
    // these begin when the policies are there already
    const late = await executed(await forked(await subjectOf('first', first), 'child'), 'late descendant', second);
    const lateInit = await forked(await inPidNamespace(await subjectOf('init', second)), 'late child of init');
    subjects.push(late, lateInit, await unprivileged(await subjectOf('late, unprivileged', first)));
  });
  after(async () => {
    for (const each of subjects) await each.trigger.stop();
    await bench.stop();
    scene.remove();
  });

  test('each policy is told of by those that it is about, and by no others', async () => {
    for (const { trigger: each } of subjects) await each.call(...CALL);
    for (const subject of subjects) {
      const told = (await bench.eventsOfProcess(subject.trigger.pid)).map((event) => hookOf(event)?.policy_name ?? '');
      const expected = policies.filter(({ holds }) => holds(subject)).map(({ name }) => name);
      assert.deepEqual(told.toSorted(), expected.toSorted(), subject.name);
    }
  });

  test('threads are their process', async () => {
    const [subject] = subjects;
    assert.ok(subject !== undefined);
    const before = (await bench.eventsOfProcess(subject.trigger.pid)).length;
    await subject.trigger.callInThread(...CALL);
    const all = await bench.eventsOfProcess(subject.trigger.pid);
    assert.equal(all.length - before, policies.filter(({ holds }) => holds(subject)).length);
  });
});
