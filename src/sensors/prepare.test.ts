/** What was compiled is compiled again only when it is something else. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { Target } from '#bpf';
import type { CompileInput } from '#compiler';
import { parsePolicies } from '#policy';
import { type PrepareOptions, preparePolicies } from './prepare.ts';
import { policyText } from './testing.ts';

let compiled: number;
beforeEach(() => {
  compiled = 0;
});

const compile = ({ policies }: CompileInput) => {
  compiled += 1;
  const slots = policies.map(({ slot }) => slot);
  return { image: undefined, programs: [], reports: [], follow: [], scopes: [], diagnostics: [], refused: slots };
};
// the compiler of this test does not look at it
const place = { target: {} as Target, hostNamespaces: {} as PrepareOptions['hostNamespaces'], compile };
const policies = ['a', 'b'].flatMap((name) => parsePolicies(policyText(name), `${name}.yaml`).policies);

test('the same policies with the same slots are not compiled anew', () => {
  const earlier = preparePolicies(policies, place);
  assert.equal(preparePolicies([...policies], { ...place, earlier }), earlier);
  assert.equal(compiled, 1);
});

const others: readonly (readonly [name: string, some: readonly number[], more: Partial<PrepareOptions>])[] = [
  ['fewer policies', [0], {}],
  ['another order', [1, 0], {}],
  ['other slots', [0, 1], { freeSlots: [7, 8] }],
  ['bits that lists have', [0, 1], { followBits: new Map([['list', 1]]) }],
  ['bits that workload selectors have', [0, 1], { scopeBits: new Map([['selector', 1]]) }],
];
for (const [name, some, more] of others) {
  test(`${name}: compiled anew`, () => {
    const earlier = preparePolicies(policies, place);
    const chosen = some.flatMap((index) => policies[index] ?? []);
    const { owners } = preparePolicies(chosen, { ...place, ...more, earlier });
    assert.equal(compiled, 2);
    assert.deepEqual(
      owners.map(({ policy }) => policy),
      chosen,
    );
  });
}
