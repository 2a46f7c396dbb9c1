/** What all nodes say of a policy, added up, and the word for it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type NodePolicyState, type PolicyOnNode, statusLimits } from '#crd';
import { type NodeAnswer, tallyOf } from './tally.ts';
import { verdictOf } from './verdict.ts';

const REVISION = '0a1b2c3d.2';
const NOW = new Date('2026-11-21T20:00:00Z');
const BEFORE = '2026-11-21T19:00:00Z';

function said(state: NodePolicyState, more: Partial<PolicyOnNode> = {}): PolicyOnNode {
  return { name: 'p', revision: REVISION, state, ...more };
}

function tally(answers: readonly (PolicyOnNode | undefined)[], before: Parameters<typeof tallyOf>[0]['before'] = []) {
  const nodes = answers.map((each, index): NodeAnswer => ({ node: `node-${index}`, said: each }));
  return tallyOf({ revision: REVISION, generation: 2, nodes, before, now: NOW });
}

function conditions(answers: readonly (PolicyOnNode | undefined)[]): string {
  return tally(answers)
    .conditions.map(({ type, status }) => `${type}=${status}`)
    .join(' ');
}

const rows: readonly (readonly [string, readonly (PolicyOnNode | undefined)[], string, string, string])[] = [
  [
    'no node at all',
    [],
    '0/0',
    'Accepted=Unknown Compiled=Unknown Attached=Unknown Enforcing=Unknown Degraded=False',
    'Pending',
  ],
  [
    'nobody has said',
    [undefined],
    '0/1',
    'Accepted=Unknown Compiled=Unknown Attached=Unknown Enforcing=Unknown Degraded=False',
    'Pending',
  ],
  [
    'all enforce',
    [said('Enforcing'), said('Enforcing')],
    '2/2',
    'Accepted=True Compiled=True Attached=True Enforcing=True Degraded=False',
    'Enforced',
  ],
  [
    'one is of the version before',
    [said('Enforcing'), said('Enforcing', { revision: '0a1b2c3d.1' })],
    '1/2',
    'Accepted=True Compiled=True Attached=True Enforcing=False Degraded=False',
    'Pending',
  ],
  [
    'one refuses',
    [said('Enforcing'), said('Refused', { reason: 'RF1001' })],
    '1/2',
    'Accepted=False Compiled=True Attached=True Enforcing=False Degraded=False',
    'Refused',
  ],
  [
    'one cannot compile',
    [said('NotCompiled')],
    '0/1',
    'Accepted=True Compiled=False Attached=True Enforcing=False Degraded=False',
    'Refused',
  ],
  [
    'one cannot attach',
    [said('NotAttached')],
    '0/1',
    'Accepted=True Compiled=True Attached=False Enforcing=False Degraded=False',
    'Refused',
  ],
  [
    'one is degraded',
    [said('Degraded'), said('Enforcing')],
    '1/2',
    'Accepted=True Compiled=True Attached=True Enforcing=True Degraded=True',
    'Degraded',
  ],
  [
    'one only watches',
    [said('Monitoring'), said('Enforcing')],
    '2/2',
    'Accepted=True Compiled=True Attached=True Enforcing=False Degraded=False',
    'Enforced',
  ],
  [
    'one is no canary',
    [said('Monitoring', { reason: 'NotCanary' }), said('Enforcing')],
    '2/2',
    'Accepted=True Compiled=True Attached=True Enforcing=False Degraded=False',
    'Canary',
  ],
  [
    'one is not for it',
    [said('Skipped'), said('Enforcing')],
    '1/1',
    'Accepted=True Compiled=True Attached=True Enforcing=True Degraded=False',
    'Enforced',
  ],
  [
    'one is switched off',
    [said('Disabled'), said('Enforcing')],
    '1/2',
    'Accepted=True Compiled=True Attached=True Enforcing=False Degraded=False',
    'PartlyEnforced',
  ],
];

for (const [name, answers, enforced, expected, verdict] of rows) {
  test(`tally: ${name}`, () => {
    const result = tally(answers);
    assert.equal(result.enforced, enforced);
    assert.equal(conditions(answers), expected);
    assert.equal(verdictOf(result).reason, verdict);
  });
}

test('numbers are added up, the weakest effect and the largest cost count', () => {
  const one = { memoryKiB: 10, matches: 5, denied: 4, killed: 1, unreadable: 0, hooks: ['lsm/file_open'] };
  const result = tally([
    said('Enforcing', { ...one, effect: 'Blocks', cost: 'Low' }),
    said('Enforcing', {
      ...one,
      memoryKiB: 30,
      effect: 'MayComplete',
      cost: 'High',
      hooks: ['lsm/bprm_check'],
      racy: true,
    }),
  ]);
  const { memoryKiB, memoryKiBMax, matches, denied, killed, effect, cost, hooks, racy, mayBeSkipped } = result;
  assert.deepEqual([memoryKiB, memoryKiBMax, matches, denied, killed], [40, 30, 10, 8, 2]);
  assert.deepEqual([effect, cost, racy, mayBeSkipped], ['MayComplete', 'High', true, false]);
  assert.deepEqual(hooks, ['lsm/file_open', 'lsm/bprm_check']);
});

test('who watches as it is no canary is counted, and told', () => {
  const nodes = [
    said('Monitoring', { reason: 'NotCanary' }),
    said('Monitoring', { reason: 'ByPolicy' }),
    said('Enforcing'),
  ];
  const result = tally(nodes);
  assert.deepEqual([result.enforcing, result.monitoring, result.outsideCanary], [1, 2, 1]);
  assert.equal(verdictOf(result).message, 'enforced on 1 of 3 nodes, watching on 1 that are no canaries');
  assert.equal(tally([said('Enforcing')]).outsideCanary, undefined);
});

test('programs are shared on a node: calls and time are added up, of instructions the most count', () => {
  const one = said('Enforcing', { verifiedInstructions: 900, programRuns: 10, programMicroseconds: 3 });
  const other = said('Enforcing', { verifiedInstructions: 1100 });
  const { verifiedInstructions, programRuns, programMicroseconds } = tally([one, other, one]);
  assert.deepEqual([verifiedInstructions, programRuns, programMicroseconds], [1100, 20, 6]);
});

test('a condition keeps its time until it changes', () => {
  const [accepted, compiled] = tally(
    [said('NotCompiled')],
    [
      { type: 'Accepted', status: 'True', lastTransitionTime: BEFORE, reason: 'x', message: 'x' },
      { type: 'Compiled', status: 'True', lastTransitionTime: BEFORE, reason: 'x', message: 'x' },
    ],
  ).conditions;
  assert.equal(accepted?.lastTransitionTime, BEFORE);
  assert.equal(compiled?.lastTransitionTime, NOW.toISOString());
  assert.equal(compiled?.observedGeneration, 2);
});

test('of many nodes that differ the worst are named, the others counted, and the most frequent reason told', () => {
  const pending = Array.from({ length: 60 }, () => said('Pending', { reason: 'Starting' }));
  const result = tally([...pending, said('Refused', { reason: 'RF1001', message: 'line 3' }), said('Disabled')]);
  assert.equal(result.exceptions.length, statusLimits.exceptionsOfPolicy);
  assert.equal(result.exceptionsOmitted, 62 - statusLimits.exceptionsOfPolicy);
  assert.deepEqual(result.exceptions[0], { node: 'node-60', state: 'Refused', reason: 'RF1001', message: 'line 3' });
  assert.equal(result.reason, 'Starting');
  assert.equal(verdictOf(result).message, 'refused on 1, enforced on 0/62 nodes; node-60: line 3');
});
