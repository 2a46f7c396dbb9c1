/** What a node reports of one policy: its word, its cost, and what makes it worth a write soon. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policyOfLine } from '#crd';
import { diagnostic } from '#diagnostics';
import { essenceOf, reportOf } from './node-report.ts';
import type { ObservedAgent, ObservedPolicy } from './observed-policy.ts';

const agent: ObservedAgent = { version: '0.1.0', kernel: '6.12.0', held: undefined, source: 'Synced' };
const hook = { attached: ['lsm/file_open'], effect: 'blocks', racy: false, mayBeSkipped: false, cost: 'low' } as const;

function report(more: Partial<ObservedPolicy>) {
  const policy: ObservedPolicy = {
    ...{ name: 'shield', namespace: undefined, origin: 'kubernetes', state: 'loaded', mode: 'enforce' },
    ...{ revision: '0a1b2c3d.1', hooks: [hook], counts: undefined, memoryBytes: 4096, diagnostics: [] },
    ...more,
  };
  return reportOf([policy], agent);
}

function said(more: Partial<ObservedPolicy>) {
  const { asWanted = [], details } = report(more);
  return details[0] ?? policyOfLine(asWanted[0] ?? '') ?? assert.fail();
}

const refused = { state: 'refused', hooks: [], diagnostics: [diagnostic('RF1001', undefined, { limit: 10 })] } as const;

const words: readonly (readonly [name: string, policy: Partial<ObservedPolicy>, state: string, reason?: string])[] = [
  ['it enforces', {}, 'Enforcing'],
  ['it says that it only watches', { mode: 'monitor' }, 'Monitoring', 'ByPolicy'],
  ['the node is no canary', { mode: 'monitor', placement: 'watch' }, 'Monitoring', 'NotCanary'],
  ['the node is not selected', { state: 'skipped', placement: 'elsewhere', hooks: [] }, 'Skipped', 'NodeSelector'],
  ['it is not known', { state: 'skipped', placement: 'unknown', hooks: [] }, 'Skipped', 'NodeLabelsUnknown'],
  ['it is refused', refused, 'Refused', 'RF1001'],
  ['another version enforces it', { ...refused, olderEnforces: true }, 'Degraded', 'OlderVersion'],
];

for (const [name, policy, state, reason] of words) {
  test(`the word: ${name}`, () => {
    const answer = said(policy);
    assert.deepEqual([answer.state, answer.reason], [state, reason]);
  });
}

test('the cost is that of the dearest hook, and of all programs once', () => {
  const counted = { instructions: 700, runs: 4, runNs: 9_000 };
  const hooks = [
    { ...hook, ...counted },
    { ...hook, ...counted, cost: 'medium' },
    { ...hook, attached: ['lsm/bprm_check_security'], instructions: 300 },
  ] as const;
  const { cost, verifiedInstructions, programRuns, programMicroseconds } = said({ hooks });
  assert.deepEqual([cost, verifiedInstructions, programRuns, programMicroseconds], ['Medium', 1000, 4, 9]);
});

test('what the kernel does not count is left out, and what it counts is not worth a write by itself', () => {
  assert.equal('programRuns' in said({}), false);
  const counting = (runs: number) => report({ hooks: [{ ...hook, runs, runNs: 9_000 * runs }] });
  assert.notDeepEqual(counting(1), counting(2));
  assert.equal(essenceOf(counting(1)), essenceOf(counting(2)));
  const canary = (placement?: 'watch') =>
    report({ mode: 'monitor', ...(placement === undefined ? {} : { placement }) });
  assert.notEqual(essenceOf(canary()), essenceOf(canary('watch')));
});
