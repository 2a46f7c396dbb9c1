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
  const hooks = [{ ...hook, racy: false, mayBeSkipped: true, cost: 'low', skipped: 12 } as const];
  assert.match(hookTable([{ ...plain, hooks }]), /observes, may be skipped, 12 calls skipped/);
});

test('the table of hooks says what their programs cost, as far as the kernel counts', () => {
  const hook = { kind: 'lsm', name: 'file_open', attached: ['lsm/file_open'], effect: 'blocks' } as const;
  const common = { ...hook, racy: false, mayBeSkipped: false, cost: 'medium' } as const;
  const rows = (more: object) => hookTable([{ ...plain, hooks: [{ ...common, ...more }] }]);
  assert.match(rows({}), / blocks +medium +lsm/);
  assert.match(rows({ instructions: 1200 }), /medium, 1200 verified +lsm/);
  assert.match(rows({ instructions: 1200, runs: 8, runNs: 820 }), /medium, 1200 verified, 8 runs of 103 ns +lsm/);
});
