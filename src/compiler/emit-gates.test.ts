/** Which programs begin with gates, and that what stands behind them is the same without. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePolicies } from '#policy';
import { savedTarget } from '../../test/targets/index.ts';
import { type CompileInput, compile } from './compile.ts';

const hooks = ['file_open', 'file_permission'].map((hook) => ({
  hook,
  args: [{ index: 0, type: 'file' }],
  selectors: [{ matchArgs: [{ index: 0, operator: 'Prefix', values: ['/srv/'] }] }],
}));
const { policies } = parsePolicies(
  JSON.stringify({
    ...{ apiVersion: 'cilium.io/v1alpha1', kind: 'TracingPolicy', metadata: { name: 'gates' } },
    spec: { lsmhooks: hooks },
  }),
  'gates.yaml',
);

/** What each program calls, by its section, in the order of the code. */
function calls(more: Pick<CompileInput, 'optimise' | 'ungated'>): Readonly<Record<string, readonly string[]>> {
  const owned = policies.map((policy, slot) => ({ policy, slot }));
  const { programs } = compile({ policies: owned, target: savedTarget('6.12'), identities: new Map(), ...more });
  const externs = programs.map(({ section, code }) => [section, code.relocations.map(({ symbol }) => symbol)] as const);
  return Object.fromEntries(externs);
}

const gated = calls({});
const [opened = '', permitted = ''] = Object.keys(gated);
const isGate = (name: string) => name === 'rf_ends_of_file';

test('both programs ask for the ends of a path before they claim scratch', () => {
  for (const section of [opened, permitted]) {
    const order = gated[section] ?? [];
    const [gate, claim] = ['rf_ends_of_file', 'rf_scratch_claim'].map((name) => order.indexOf(name));
    assert.ok(gate !== undefined && claim !== undefined && gate >= 0 && gate < claim, order.join(' '));
  }
});

test('an attach point that is named has no gate; all else stays as it is', () => {
  const some = calls({ ungated: new Set([opened]) });
  assert.deepEqual(some[permitted], gated[permitted]);
  assert.deepEqual(
    some[opened],
    gated[opened]?.filter((name) => !isGate(name)),
  );
});

test('without what saves work no program has one', () => {
  assert.deepEqual(
    Object.values(calls({ optimise: false }))
      .flat()
      .filter(isGate),
    [],
  );
});
