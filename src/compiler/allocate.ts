/** Decides which comparisons stand in the code and which are looked up in sets, and gives sets their rows. */
import { bound } from '#abi';
import { costOf, type Group, groupTests, type SettableTest, splitValues } from './allocate-groups.ts';
import type { BinaryTest, HookPlan, InSet, PolicyPlan, SetKey, SetPlan, Test, TextTest } from './plan.ts';
import { type Member, SetBuilder } from './set-builder.ts';

/**
 * Never gives up for want of rows: groups that get none are compared in the code. `lookups`: with less to compare than
 * that many of them cost, there is no set.
 */
export function allocate(plan: HookPlan, lookups = 1): HookPlan {
  const groups = groupTests(plan).filter((group) => costOf(group) > lookups);
  const chosen = groups.toSorted((a, b) => costOf(b) - costOf(a)).slice(0, bound.rowMax);
  const answers = new Map<Test, SettableTest>();
  const sets = chosen.map((group, index) => makeSet(plan, group, index, answers));
  if (sets.length === 0) return plan;
  return { ...plan, sets, policies: plan.policies.map((policy) => withAnswers(policy, answers)) };
}

function withAnswers(policy: PolicyPlan, answers: ReadonlyMap<Test, Test>): PolicyPlan {
  const replaced = (tests: readonly Test[]) => tests.map((test) => answers.get(test) ?? test);
  return {
    ...policy,
    selectors: policy.selectors.map((selector) => ({ ...selector, tests: replaced(selector.tests) })),
  };
}

function makeSet(plan: HookPlan, group: Group, index: number, answers: Map<Test, SettableTest>): SetPlan {
  const builder = new SetBuilder();
  for (const [bit, test] of group.tests.entries()) {
    const inSet = { set: index, bit };
    answers.set(test, answered(answers.get(test) ?? test, group.key, inSet, builder));
  }
  return {
    map: `rf_set_${plan.id}_${index}`,
    key: group.key,
    tests: group.tests.length,
    entries: builder.entries(),
  };
}

/** Puts what is listed into the set; values that no key can stand for stay in the code. */
function answered(test: SettableTest, key: SetKey, inSet: InSet, builder: SetBuilder): SettableTest {
  switch (test.kind) {
    case 'text':
      return key.kind === 'identity' ? answeredByIdentity(test, inSet, builder) : answeredByText(test, inSet, builder);
    case 'binary':
      return answeredByText(test, inSet, builder);
    case 'integer': {
      if (test.how.kind !== 'ranges') return test;
      for (const range of test.how.ranges) builder.addRange(range, test.shape.signed, inSet.bit);
      return { ...test, how: { kind: 'set', ...inSet } };
    }
    case 'socket': {
      if (test.how.kind !== 'address') return test;
      for (const network of test.how.networks) builder.addNetwork(network, inSet.bit);
      return { ...test, how: { ...test.how, networks: [], inSet } };
    }
  }
}

function answeredByText<Answered extends TextTest | BinaryTest>(
  test: Answered,
  inSet: InSet,
  builder: SetBuilder,
): Answered {
  const { short, long } = splitValues(test);
  for (const { bytes } of short) builder.addText(textKey(test, bytes), inSet.bit);
  return { ...test, values: long, inSet, ...(test.kind === 'text' ? { listed: short } : {}) };
}

function answeredByIdentity(test: TextTest, inSet: InSet, builder: SetBuilder): TextTest {
  for (const identity of test.identities) builder.addIdentity(identity, inSet.bit);
  return { ...test, identities: [], identityInSet: inSet };
}

/** A whole value ends with its NUL, which no other value that begins with it has there. */
function textKey({ operator }: TextTest | BinaryTest, bytes: Uint8Array): Member {
  switch (operator) {
    case 'equal':
      return { bytes: withNul(bytes), bits: 8 * (bytes.length + 1) };
    case 'prefix':
      return { bytes, bits: 8 * bytes.length };
    case 'postfix':
      return { bytes: bytes.toReversed(), bits: 8 * bytes.length };
  }
}

function withNul(bytes: Uint8Array): Uint8Array {
  const ended = new Uint8Array(bytes.length + 1);
  ended.set(bytes);
  return ended;
}
