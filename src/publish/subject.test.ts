import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Event, type ExecEvent, foundTampered, type LossStage, type PolicyEvent, type TamperEvent } from '#events';
import { messageId, messages } from './message.ts';
import { subjects, subjectToken } from './subject.ts';
import { execEvent, lsmEvent, policyEvent, type WorkloadOptions, workload } from './testing.ts';

const subjectOf = subjects({ clusterName: 'prod.eu', nodeName: 'node-1.example' });
const loss = (stage: LossStage): Event => ({
  kind: 'loss',
  nodeName: 'n',
  timeNs: 5n,
  stage,
  count: 1,
  fromNs: 0n,
  toNs: 0n,
  hole: undefined,
});

const found = (path: string): TamperEvent =>
  foundTampered({ what: 'pin', path, failure: undefined }, { nodeName: 'n', timeNs: 5n });
const { identity, process } = execEvent(7);
const tried: TamperEvent = {
  ...found(''),
  outcome: 'denied',
  by: {
    identity,
    process,
    parent: undefined,
    workload: undefined,
    parentWorkload: undefined,
    tid: 1,
    onHost: true,
    comm: { text: '', raw: undefined },
    cgroupId: 0n,
    subject: 0n,
  },
};

const within = (event: ExecEvent | PolicyEvent, pod: WorkloadOptions['pod']): Event => ({
  ...event,
  workload: workload(pod === undefined ? {} : { pod }),
});
const shop = { namespace: 'shop', name: 'web-0' };
const demotion: Event = {
  ...{ kind: 'demotion', nodeName: 'n', timeNs: 5n },
  ...{ policyName: 'p', namespace: undefined, killBudget: '10/m' },
};

const rows: readonly (readonly [Event, string])[] = [
  [within(execEvent(1), shop), 'ringfence.v1.evt.prod_eu.node-1_example.shop.web-0.exec.obs'],
  [within(lsmEvent(1), { ...shop, name: 'web.1' }), 'ringfence.v1.evt.prod_eu.node-1_example.shop.web_1.file.denied'],
  [within(execEvent(1), undefined), 'ringfence.v1.evt.prod_eu.node-1_example._host._.exec.obs'],
  [execEvent(1), 'ringfence.v1.evt.prod_eu.node-1_example._host._.exec.obs'],
  [lsmEvent(1, 'denied', 'file_open'), 'ringfence.v1.evt.prod_eu.node-1_example._host._.file.denied'],
  [lsmEvent(1, 'killed', 'bprm_check_security'), 'ringfence.v1.evt.prod_eu.node-1_example._host._.exec.killed'],
  [lsmEvent(1, 'would', 'socket_connect'), 'ringfence.v1.evt.prod_eu.node-1_example._host._.net.would'],
  [lsmEvent(1, 'match', ''), 'ringfence.v1.evt.prod_eu.node-1_example._host._.policy.match'],
  [
    policyEvent(1, 'signalled', { kind: 'kprobe', functionName: '__x64_sys_connect' }),
    'ringfence.v1.evt.prod_eu.node-1_example._host._.net.signalled',
  ],
  [
    policyEvent(1, 'match', { kind: 'tracepoint', subsystem: 'sched', event: 'sched_process_exec' }),
    'ringfence.v1.evt.prod_eu.node-1_example._host._.exec.match',
  ],
  [tried, 'ringfence.v1.audit.prod_eu.node-1_example.tamper'],
  [found('/a'), 'ringfence.v1.audit.prod_eu.node-1_example.tamper'],
  [demotion, 'ringfence.v1.audit.prod_eu.node-1_example.demotion'],
  [loss('ring'), 'ringfence.v1.loss.prod_eu.node-1_example.ring'],
];

for (const [event, expected] of rows) test(`subject: ${expected}`, () => assert.equal(subjectOf(event), expected));

test('a long token is cut, and stays different from its neighbours', () => {
  const one = subjectToken('node name', `${'a'.repeat(70)}1`);
  const two = subjectToken('node name', `${'a'.repeat(70)}2`);
  assert.equal(one.length, 63);
  assert.match(one, /^a{54}~[0-9a-f]{8}$/);
  assert.notEqual(one, two);
  assert.equal(subjectToken('node name', 'a'.repeat(63)), 'a'.repeat(63));
});

const hostile = [
  ['a wildcard', '>', 'web*'],
  ['more tokens', 'a b', 'x.y z'],
  ['control characters and no ASCII', 'a\r\nPUB x', 'gr\u00fcn'],
  ['nothing', '', ''],
  ['no end of it', 'n'.repeat(5000), 'p.'.repeat(5000)],
] as const;
for (const [what, namespace, name] of hostile) {
  test(`a pod that somebody named with ${what} makes two tokens like any other`, () => {
    const [, ...words] = [...subjectOf(within(execEvent(1), { namespace, name })).split('.')].slice(4);
    assert.equal(words.length, 4);
    for (const word of words) assert.match(word, /^[A-Za-z0-9_-]+(~[0-9a-f]{8})?$|^~[0-9a-f]{8}$/);
  });
}

test('names that are cut or not taken as they are stay apart', () => {
  const named = (name: string) => subjectOf(within(execEvent(1), { namespace: 'shop', name }));
  assert.notEqual(named('a b'), named('a c'));
  assert.notEqual(named('a b'), named('a_b'));
  assert.notEqual(named(`${'a'.repeat(200)}1`), named(`${'a'.repeat(200)}2`));
});

test('the longest names make a subject of 255 characters at most', () => {
  const longest = subjects({ clusterName: 'c'.repeat(300), nodeName: 'n'.repeat(300) });
  const pod = { namespace: 's'.repeat(63), name: 'p'.repeat(253) };
  const subject = longest(within(policyEvent(1, 'signalled', { kind: 'lsm', functionName: 'ptrace_x' }), pod));
  assert.ok(subject.length <= 255, `${subject.length}`);
  assert.equal(subject.split('.').length, 9);
});

test('headers name the container and what it is of', () => {
  const messageOf = messages({ clusterName: 'c', nodeName: 'n' }, () => '{}');
  const header = (event: Event, name: string) => messageOf(event).headers.get(name);
  assert.equal(header(within(execEvent(1), shop), 'Rf-Container'), workload({}).container.id);
  assert.equal(header(within(execEvent(1), shop), 'Rf-Workload'), 'Deployment/web');
  assert.equal(header(within(execEvent(1), undefined), 'Rf-Workload'), '');
  assert.equal(header(execEvent(1), 'Rf-Container'), '');
});

test('message ids differ by ring, CPU, number and process', () => {
  const base = execEvent(1);
  const ids = [
    base,
    execEvent(2),
    { ...base, identity: { ...base.identity, cpu: 4 } },
    { ...base, identity: { ...base.identity, ring: 'observation' as const } },
    { ...base, identity: { ...base.identity, ringIncarnation: 'aaaa' } },
    { ...base, identity: { ...base.identity, bootId: 'other' } },
    { ...base, identity: { ...base.identity, ring: 'iterator' as const } },
    tried,
    found('/a'),
    found('/b'),
    loss('nats'),
    loss('decode'),
  ].map((event) => messageId(event, 'node'));
  assert.equal(new Set(ids).size, ids.length);
});
