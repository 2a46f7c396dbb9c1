/** The table of policies: what it says of one that its source has not confirmed, and of one that was to be replaced. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PolicyStatus } from '#sensors';
import { hookTable, policyTable } from './policy-text.ts';

const plain: PolicyStatus = {
  ...{ name: 'fence', namespace: 'shop', source: 'tracingpolicies/fence', origin: 'kubernetes' },
  ...{
    state: 'loaded',
    mode: 'enforce',
    demoted: false,
    hooks: [],
    counts: undefined,
    memoryBytes: undefined,
    diagnostics: [],
  },
};

const rows: readonly (readonly [state: string, more: Partial<PolicyStatus>])[] = [
  ['loaded', {}],
  ['loaded, stale', { stale: true }],
  ['loaded, kept', { refusedVersion: { revision: '2', diagnostics: [] } }],
  ['disabled, stale', { state: 'disabled', stale: true }],
];
for (const [state, more] of rows) {
  test(`a policy that is ${state}`, () => {
    const [, row = ''] = policyTable([{ ...plain, ...more }]).split('\n');
    assert.deepEqual(row.split(/ {2,}/).slice(0, 4), ['fence', 'shop', state, 'enforce']);
    assert.match(row, /kubernetes tracingpolicies\/fence$/);
  });
}

test('the table of hooks says how many calls were skipped', () => {
  const hook = { kind: 'kprobe', name: 'tcp_connect', attached: ['fentry/tcp_connect'], effect: 'observes' } as const;
  const hooks = [{ ...hook, racy: false, mayBeSkipped: true, skipped: 12 }];
  assert.match(hookTable([{ ...plain, hooks }]), /observes, may be skipped, 12 calls skipped/);
});
