/** When a program begins with a gate, and how much that asks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePolicies } from '#policy';
import { known } from '#std';
import { savedTarget } from '../../test/targets/index.ts';
import { compile } from './compile.ts';
import { gateOf } from './emit-gate.ts';

const target = savedTarget('6.12');

type Filter = { readonly index: number; readonly operator: string; readonly values: readonly string[] };

/** How many tests the gate of these policies has, each of which has these selectors; none when there is no gate. */
function testsOf(policies: readonly (readonly (readonly Filter[])[])[]): number | undefined {
  const text = policies.map((selectors, index) =>
    JSON.stringify({
      ...{ apiVersion: 'cilium.io/v1alpha1', kind: 'TracingPolicy', metadata: { name: `test${index}` } },
      spec: {
        lsmhooks: [
          {
            hook: 'file_permission',
            args: [
              { index: 0, type: 'file' },
              { index: 1, type: 'int' },
            ],
            selectors: selectors.map((matchArgs) => ({ matchArgs })),
          },
        ],
      },
    }),
  );
  const parsed = parsePolicies(text.join('\n---\n'), 'policy.yaml');
  const input = parsed.policies.map((policy, slot) => ({ policy, slot }));
  const { programs } = compile({ policies: input, target, identities: new Map() });
  return gateOf(known(programs[0], 'program').plan)?.flat().length;
}

const path = (index: number): Filter => ({ index: 0, operator: 'Prefix', values: [`/srv/${index}/`] });
const mask = (operator: string, ...values: readonly number[]): Filter => ({
  ...{ index: 1, operator },
  values: values.map(String),
});
const hundred = Array.from({ length: 100 }, (_, index) => index);

const table: readonly (readonly [string, Parameters<typeof testsOf>[0], number | undefined])[] = [
  ['what a hundred policies ask is asked once', hundred.map((index) => [[path(index), mask('Equal', 2)]]), 1],
  ['in whatever order its values are', [[[mask('Equal', 2, 4)]], [[mask('Equal', 4, 2)]]], 1],
  ['and whichever of their selectors asks', [[[mask('Equal', 2)], [mask('Equal', 4)]], [[mask('Equal', 4)]]], 2],
  ['its negation is another question', [[[mask('Equal', 2)]], [[mask('NotEqual', 2)]]], 2],
  ['as is a mask', [[[mask('Equal', 2)]], [[mask('Mask', 2)]]], 2],
  ['of a few questions each is asked', hundred.slice(0, 32).map((index) => [[mask('Equal', index)]]), 32],
  ['too many are no gate', hundred.slice(0, 33).map((index) => [[mask('Equal', index)]]), undefined],
  ['nor is there one when numbers do not matter to a policy', [[[mask('Equal', 2)]], [[path(0)]]], undefined],
];

for (const [name, policies, expected] of table) {
  test(`gate: ${name}`, () => assert.equal(testsOf(policies), expected));
}
