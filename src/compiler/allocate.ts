/** Decides which comparisons stand in the code and which are looked up in sets, and gives sets their rows. */
import { bound } from '#abi';
import { type Diagnostic, diagnostic } from '#diagnostics';
import type {
  BinaryTest,
  BytesValue,
  HookPlan,
  InSet,
  IntegerTest,
  PolicyPlan,
  SetKey,
  SetPlan,
  SocketTest,
  Test,
  TextTest,
} from './plan.ts';
import { type Member, SetBuilder } from './set-builder.ts';

/**
 * What one lookup costs (some 300 instructions), in comparisons. Most texts differ in length already, which is one
 * instruction; a beginning or an end has to be loaded, a network twice; numbers are found by halving.
 */
const COMPARISONS_MAX = 64;
const COMPARISONS = { equal: 1, prefix: 4, postfix: 4, network: 4, range: 1 } as const;

/** The tests of one hook that one set could answer. */
type Group = { readonly name: string; readonly key: SetKey; readonly tests: SettableTest[] };
type SettableTest = TextTest | BinaryTest | IntegerTest | SocketTest;

/** Never gives up for want of rows: groups that get none are compared in the code. */
export function allocate(plan: HookPlan, diagnostics: Diagnostic[]): HookPlan {
  const groups = groupTests(plan).filter((group) => costOf(group) > COMPARISONS_MAX);
  const chosen = groups.toSorted((a, b) => costOf(b) - costOf(a)).slice(0, bound.rowMax);
  const answers = new Map<Test, Test>();
  const sets = chosen.map((group, index) => makeSet(plan, group, index, answers, diagnostics));
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

function groupTests(plan: HookPlan): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const policy of plan.policies) {
    for (const selector of policy.selectors) {
      for (const test of selector.tests) {
        const place = placeOf(test);
        if (place === undefined) continue;
        const group = groups.get(place.name) ?? { ...place, tests: [] };
        groups.set(place.name, group);
        group.tests.push(place.test);
      }
    }
  }
  return [...groups.values()];
}

type Place = { readonly name: string; readonly key: SetKey; readonly test: SettableTest };

function placeOf(test: Test): Place | undefined {
  switch (test.kind) {
    case 'text': {
      const direction = test.operator === 'postfix' ? 'reverse' : 'forward';
      const key = { kind: 'text', fact: test.fact, direction } as const;
      return { name: `text ${test.fact.number} ${direction}`, key, test };
    }
    case 'binary': {
      const direction = test.operator === 'postfix' ? 'reverse' : 'forward';
      return { name: `binary ${direction}`, key: { kind: 'binary', direction }, test };
    }
    case 'integer': {
      if (test.how.kind !== 'ranges') return undefined;
      const { fact, shape } = test;
      return {
        name: `integer ${fact.number} ${shape.bits} ${shape.signed}`,
        key: { kind: 'integer', fact, shape },
        test,
      };
    }
    case 'socket': {
      if (test.how.kind !== 'address') return undefined;
      const { side } = test.how;
      const key = { kind: 'address', fact: test.fact, side } as const;
      return { name: `address ${test.fact.number} ${side}`, key, test };
    }
    default:
      return undefined;
  }
}

function costOf(group: Group): number {
  return group.tests.reduce((sum, test) => sum + comparisonsOf(test), 0);
}

function comparisonsOf(test: SettableTest): number {
  switch (test.kind) {
    case 'integer':
      return test.how.kind === 'ranges' ? test.how.ranges.length * COMPARISONS.range : 0;
    case 'socket':
      return test.how.kind === 'address' ? test.how.networks.length * COMPARISONS.network : 0;
    default:
      return test.values.length * COMPARISONS[test.operator];
  }
}

const TESTS_MAX = bound.rowWords * 64;

function makeSet(
  plan: HookPlan,
  group: Group,
  index: number,
  answers: Map<Test, Test>,
  diagnostics: Diagnostic[],
): SetPlan {
  const builder = new SetBuilder();
  for (const [bit, test] of group.tests.entries()) {
    if (bit === TESTS_MAX) {
      diagnostics.push(diagnostic('RF2103', test.span, { limit: TESTS_MAX, tests: group.tests.length }));
      break;
    }
    answers.set(test, answered(test, { set: index, bit }, builder));
  }
  return {
    map: `rf_set_${plan.id}_${index}`,
    key: group.key,
    tests: group.tests.length,
    entries: builder.entries(),
  };
}

/** Puts the values into the set; those that no key can stand for stay in the code. */
function answered(test: SettableTest, inSet: InSet, builder: SetBuilder): Test {
  switch (test.kind) {
    case 'text':
    case 'binary': {
      const [short, long] = split(test);
      for (const { bytes } of short) builder.addText(textKey(test, bytes), inSet.bit);
      return { ...test, values: long, inSet };
    }
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

function split(test: TextTest | BinaryTest): readonly [Values, Values] {
  const most = test.operator === 'equal' ? bound.keyMax - 1 : bound.keyMax;
  const fits = ({ bytes }: BytesValue) => bytes.length <= most && !(isBuffer(test) && needsEnd(test, bytes));
  return [test.values.filter(fits), test.values.filter((value) => !fits(value))];
}

/** A buffer may go on behind a NUL, so that the one that ends a key says nothing. */
function isBuffer(test: TextTest | BinaryTest): boolean {
  return test.kind === 'text' && test.fact.value.kind === 'text' && test.fact.value.reader.startsWith('bytes');
}

function needsEnd({ operator }: TextTest | BinaryTest, bytes: Uint8Array): boolean {
  return operator === 'equal' || (operator === 'prefix' && bytes.includes(0));
}

type Values = TextTest['values'];

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
