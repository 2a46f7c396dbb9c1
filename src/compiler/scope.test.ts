/** Workload selectors and their bits, and what programs make of them before anything else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bound } from '#abi';
import { renderDiagnostic } from '#diagnostics';
import { parsePolicies } from '#policy';
import { known } from '#std';
import { savedTarget } from '../../test/targets/index.ts';
import { compile } from './compile.ts';
import { emitHook } from './emit.ts';
import { scopesOf } from './emit-scope.ts';

const target = savedTarget('6.12');

type Written = { readonly scope?: object; readonly selectors?: readonly object[]; readonly hook?: string };

function compiled(policies: readonly Written[], scopeBits: ReadonlyMap<string, number> = new Map()) {
  const texts = policies.map(({ scope = {}, selectors = [{}], hook = 'file_open' }, index) =>
    JSON.stringify({
      ...{ apiVersion: 'cilium.io/v1alpha1', kind: 'TracingPolicy', metadata: { name: `test${index}` } },
      spec: { ...scope, lsmhooks: [{ hook, selectors }] },
    }),
  );
  const parsed = texts.flatMap((text) => parsePolicies(text, 'policy.yaml').policies);
  const input = parsed.map((policy, slot) => ({ policy, slot }));
  return compile({ policies: input, target, identities: new Map(), scopeBits });
}

const app = (value: string) => ({ podSelector: { matchLabels: { app: value } } });
const web = app('web');
const shop = app('shop');
const host = { hostSelector: {} };
const within = (scope: object) => ({ matchWorkloads: [scope] });

test('selectors that say the same share a bit, of policies, hooks and selectors', () => {
  const { scopes, programs } = compiled([
    { scope: web },
    { scope: web, hook: 'mmap_file' },
    { scope: host, selectors: [within(web), within(shop)] },
  ]);
  assert.deepEqual(
    scopes.map(({ bit }) => bit),
    [0, 1, 2],
  );
  const policies = programs.flatMap(({ plan }) => plan.policies);
  assert.deepEqual(
    policies.map(({ name, scope, selectors }) => [
      name,
      scope?.bit,
      ...selectors.flatMap(({ tests }) => tests.map((each) => (each.kind === 'scope' ? each.bit : undefined))),
    ]),
    [
      ['test0', 0],
      ['test2', 1, 0, 2],
      ['test1', 0],
    ],
  );
});

test('a selector keeps the bit that it has, and others do not get it', () => {
  const [first] = compiled([{ scope: shop }]).scopes;
  const taken = new Map([
    [known(first, 'scope').key, 7],
    ['another', 0],
  ]);
  const { scopes } = compiled([{ scope: web }, { scope: shop }], taken);
  assert.deepEqual(
    scopes.map(({ bit }) => bit),
    [1, 7],
  );
});

test('there are so many, and the policy with one more is refused at its line', () => {
  const many = Array.from({ length: bound.scopeMax }, (_, index) => ({ scope: app(`a${index}`) }));
  const full = compiled(many);
  assert.equal(full.diagnostics.map(renderDiagnostic).join('\n'), '');
  assert.equal(full.scopes.length, bound.scopeMax);
  const { diagnostics, refused, image } = compiled([...many, { scope: host }, { scope: app('a3') }]);
  assert.deepEqual(
    diagnostics.map(({ code, span }) => [code, span?.text.includes('hostSelector')]),
    [['RF2111', true]],
  );
  assert.deepEqual([refused, image], [[bound.scopeMax], undefined]);
});

/** Bits without one of which a program leaves before it has looked at anything; undefined when it never does. */
const gates: readonly (readonly [name: string, policies: readonly Written[], bits: readonly number[] | undefined])[] = [
  ['one policy', [{ scope: web }], [0]],
  ['many policies', [{ scope: web }, { scope: shop }, { scope: web }], [0, 1, 0]],
  ['a policy about everything', [{ scope: web }, {}], undefined],
  ['each selector of a policy', [{ selectors: [within(web), within(shop)] }], [0, 1]],
  ['a selector about everything', [{ selectors: [within(web), {}] }], undefined],
  ['of both, the policy', [{ scope: web, selectors: [within(shop), {}] }], [0]],
];

for (const [name, policies, bits] of gates) {
  test(`what a program is about: ${name}`, () => {
    const { plan } = known(compiled(policies).programs[0], 'program');
    assert.deepEqual(
      scopesOf(plan)?.map(({ bit }) => bit),
      bits,
    );
  });
}

const asks = (policies: readonly Written[]) => {
  const { plan } = known(compiled(policies).programs[0], 'program');
  const assembly = emitHook(plan);
  assert.ok(assembly.kind === 'assembled');
  const names = assembly.code.relocations.map(({ symbol }) => symbol);
  return { asked: names.indexOf('rf_workload_scopes'), claimed: names.indexOf('rf_scratch_claim'), names };
};

test('what runs in the cgroup is asked once, before scratch is claimed, and only if somebody asks', () => {
  const { asked, claimed, names } = asks([{ scope: web }, { scope: shop, selectors: [within(web), within(host)] }]);
  assert.ok(asked >= 0 && asked < claimed, names.join(' '));
  assert.equal(names.filter((name) => name === 'rf_workload_scopes').length, 1);
  assert.equal(asks([{}]).asked, -1);
});
