import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Event, foundTampered, type LossStage, type TamperEvent } from '#events';
import { messageId } from './message.ts';
import { subjects, subjectToken } from './subject.ts';
import { execEvent, lsmEvent, policyEvent } from './testing.ts';

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
    tid: 1,
    onHost: true,
    comm: { text: '', raw: undefined },
    cgroupId: 0n,
    subject: 0n,
  },
};

const demotion: Event = {
  ...{ kind: 'demotion', nodeName: 'n', timeNs: 5n },
  ...{ policyName: 'p', namespace: undefined, killBudget: '10/m' },
};

const rows: readonly (readonly [Event, string])[] = [
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
