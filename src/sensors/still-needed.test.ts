import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileNameOf } from './policy-store.ts';
import { isStillNeeded, mayStillBeNeeded, type Now } from './still-needed.ts';

const shield = { name: 'shield', namespace: undefined };
const damaged = [{ path: `/var/lib/ringfence/policies/${fileNameOf(shield)}`, reason: 'it is damaged' }];
const now = (some: Partial<Now>): Now => ({ policies: [], problems: [], isHeard: true, ...some });
const inState = (state: 'loaded' | 'disabled' | 'refused', namespace?: string) => ({
  policies: [{ name: 'shield', namespace, state }],
});

const table: readonly (readonly [name: string, now: Now, needed: boolean, whenUnknown: boolean])[] = [
  ['this agent has loaded it', now(inState('loaded')), false, false],
  ['this agent refuses it', now(inState('refused')), true, true],
  ['somebody has switched it off', now(inState('disabled')), false, false],
  ['it was deleted', now({}), false, false],
  ['nobody has said yet whether it was deleted', now({ isHeard: false }), true, true],
  ['it is there, and not everything was heard', now({ ...inState('loaded'), isHeard: false }), false, true],
  ['what was kept of it is damaged', now({ problems: damaged }), true, true],
  ['something else that was kept is damaged', now({ problems: [{ path: 'other', reason: 'too large' }] }), false, true],
  [
    'only one of the same name elsewhere is loaded',
    now({ ...inState('loaded', 'default'), isHeard: false }),
    true,
    true,
  ],
];

for (const [name, state, needed, whenUnknown] of table) {
  test(`programs of another version: ${name}`, () => {
    assert.equal(isStillNeeded(shield, state), needed);
    assert.equal(mayStillBeNeeded(state), whenUnknown, 'where it is not known what they enforce');
  });
}
