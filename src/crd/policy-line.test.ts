/** Lines of reports: what goes in comes out, and what is no line is none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { policyLine, policyOfLine } from './policy-line.ts';
import { type PolicyOnNode, statusLimits } from './status-schema.ts';

const full: PolicyOnNode = {
  ...{ namespace: 'default', name: 'no-shells', revision: '0a1b2c3d.12', state: 'Monitoring', reason: 'ByPolicy' },
  ...{ effect: 'MayComplete', cost: 'High', racy: true, mayBeSkipped: true },
  ...{ memoryKiB: 40, matches: 3, denied: 2, killed: 1, unreadable: 7 },
  ...{ verifiedInstructions: 900, programRuns: 12, programMicroseconds: 5 },
  hooks: ['lsm/file_open', 'kprobe/tcp_connect'],
};

test('a line is short where there is little to say', () => {
  const line = policyLine({
    name: 'one',
    revision: '0a1b2c3d.1',
    state: 'Enforcing',
    matches: 0,
    hooks: [],
    racy: false,
  });
  assert.equal(line, 'one 0a1b2c3d.1 Enforcing');
  assert.equal(
    policyLine(full),
    'default/no-shells 0a1b2c3d.12 Monitoring reason=ByPolicy effect=MayComplete cost=High racy mayBeSkipped ' +
      'memoryKiB=40 matches=3 denied=2 killed=1 unreadable=7 ' +
      'verifiedInstructions=900 programRuns=12 programMicroseconds=5 hooks=lsm/file_open,kprobe/tcp_connect',
  );
});

for (const [name, policy] of [
  ['all that there can be', full],
  ['nearly nothing', { name: 'one', revision: 'r.1', state: 'Skipped' }],
  ['no namespace', { name: 'one.two', revision: 'r.1', state: 'Enforcing', killed: 1 }],
] as const) {
  test(`there and back: ${name}`, () => assert.deepEqual(policyOfLine(policyLine(policy)), policy));
}

test('the longest there can be is cut in its hooks, and can be read', () => {
  const hooks = Array.from({ length: 16 }, (_, index) => `lsm/${index}`.padEnd(128, 'x'));
  const name = 'n'.repeat(253);
  const line = policyLine({ ...full, namespace: 's'.repeat(63), name, hooks });
  assert.equal(line.length, statusLimits.lineCharacters);
  assert.partialDeepStrictEqual(policyOfLine(line), {
    ...full,
    namespace: 's'.repeat(63),
    name,
    hooks: hooks.slice(0, 1),
  });
});

test('what is no line is none, and words of a later version are passed over', () => {
  for (const line of ['', 'one', 'one r.1', 'one r.1 Unheard']) assert.equal(policyOfLine(line), undefined);
  const known = { name: 'one', revision: 'r.1', state: 'Enforcing', matches: 1 } as const;
  assert.deepEqual(policyOfLine('one r.1 Enforcing new later=5 matches=1 killed=-3 denied=x effect=Better'), known);
});
