/** When values are looked up instead of compared, and of what there are sets then. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePolicies } from '#policy';
import { known } from '#std';
import { savedTarget } from '../../test/targets/index.ts';
import { compile } from './compile.ts';
import type { Identities } from './lower-match.ts';
import type { HookPlan } from './plan.ts';

const target = savedTarget('6.12');

type Filter = { readonly operator: string; readonly values: readonly string[] };

/** One policy for each row, which has a selector for each filter. */
function planOf(policies: readonly (readonly Filter[])[], identities: Identities = new Map()): HookPlan {
  const text = policies.map((filters, index) =>
    JSON.stringify({
      ...{ apiVersion: 'cilium.io/v1alpha1', kind: 'TracingPolicy' },
      metadata: { name: `test${index}`, annotations: { 'ringfence.io/file-identity': 'inode' } },
      spec: {
        lsmhooks: [
          {
            ...{ hook: 'file_open', args: [{ index: 0, type: 'file' }] },
            selectors: filters.map((filter) => ({ matchArgs: [{ index: 0, ...filter }] })),
          },
        ],
      },
    }),
  );
  const parsed = parsePolicies(text.join('\n---\n'), 'policy.yaml');
  const input = parsed.policies.map((policy, slot) => ({ policy, slot }));
  return known(compile({ policies: input, target, identities }).programs[0], 'program').plan;
}

const values = (count: number, make: (index: number) => string) => Array.from({ length: count }, (_, at) => make(at));
const alike = (index: number) => `/srv/${String(index).padStart(6, '0')}`;
const longer = (index: number) => `/${'x'.repeat(1 + (index % 250))}`;
const one = (operator: string, count: number, make = alike) => [[{ operator, values: values(count, make) }]];
const many = (operator: string, count: number) =>
  Array.from({ length: count }, (_, index) => [{ operator, values: [alike(index)] }]);

const table: readonly (readonly [name: string, policies: readonly (readonly Filter[])[], kinds: readonly string[]])[] =
  [
    ['45 beginnings are compared', one('Prefix', 44), []],
    ['and more looked up', one('Prefix', 46), ['text']],
    ['61 ends are compared', one('Postfix', 60), []],
    ['and more looked up', one('Postfix', 63), ['text']],
    ['48 whole values of one length are compared', one('Equal', 48), []],
    ['and more looked up', one('Equal', 51), ['text']],
    ['200 of many lengths are compared', one('Equal', 200, longer), []],
    ['five policies of one beginning each are compared', many('Prefix', 5), []],
    ['of six one lookup rules out all', many('Prefix', 6), ['text']],
    ['what must not be there rules nothing out', many('NotPrefix', 40), []],
    [
      'selectors of one policy are not passed over one by one',
      [values(40, alike).map((value) => ({ operator: 'Prefix', values: [value] }))],
      [],
    ],
    [
      'more selectors than a row has bits are two sets',
      Array.from({ length: 17 }, (_, policy) =>
        Array.from({ length: 64 }, (_, at) => ({ operator: 'Prefix', values: [`/${policy}/${at}/`] })),
      ),
      ['text', 'text'],
    ],
    ['beginnings and ends are two sets', [...one('Prefix', 50), ...one('Postfix', 70)], ['text', 'text']],
  ];

for (const [name, policies, kinds] of table) {
  test(`allocate: ${name}`, () =>
    assert.deepEqual(
      planOf(policies).sets.map(({ key }) => key.kind),
      kinds,
    ));
}

test('allocate: files known by their inodes are a set of their own', () => {
  const names = values(10_000, alike);
  const identities = new Map(names.map((name, index) => [name, { inode: BigInt(index + 1), device: 0x10_0001 }]));
  const plan = planOf([[{ operator: 'Equal', values: names }]], identities);
  assert.deepEqual(plan.sets.map(({ key, entries }) => [key.kind, entries.length]).toSorted(), [
    ['identity', 10_000],
    ['text', 10_000],
  ]);
  const [answered] = known(plan.policies[0]?.selectors[0], 'selector').tests;
  assert.ok(answered?.kind === 'text');
  assert.deepEqual([answered.values.length, answered.identities.length], [0, 0], 'nothing is left to compare');
  const few = planOf([[{ operator: 'Equal', values: names.slice(0, 40) }]], identities);
  assert.deepEqual(few.sets, []);
});
