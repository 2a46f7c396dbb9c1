/** Ways in which a compiler could be wrong. Each must be found. */
import { scratchLayout } from '#abi';
import type { Code, Instruction } from '#bpf';
import type { HookPlan, InSet, PolicyPlan, Range, SelectorPlan, SetPlan, Test } from '#compiler';
import type { Fault } from './program.ts';

export const faults: readonly Fault[] = [
  onTests('a whole value is taken for a prefix, and the other way round', (test) => {
    if (test.kind !== 'text' || test.operator === 'postfix') return test;
    return { ...test, operator: test.operator === 'equal' ? 'prefix' : 'equal' };
  }),
  onTests('the sign is lost', (test) => {
    return test.kind === 'integer' ? { ...test, shape: { ...test.shape, signed: false } } : test;
  }),
  onTests('a range ends one too late', (test) => {
    if (test.kind !== 'integer' || test.how.kind !== 'ranges') return test;
    return { ...test, how: { ...test.how, ranges: test.how.ranges.map(longer) } };
  }),
  onTests('a negation is forgotten', (test) => ({ ...test, negated: false })),
  onTests('the last value is dropped', withoutLast),
  {
    name: 'the selectors are asked in the wrong order',
    onLowered: (plan) => onPolicies(plan, (policy) => ({ ...policy, selectors: policy.selectors.toReversed() })),
  },
  { name: 'what could not be read is taken for read', onEmitted: withoutDoubt },
  onTests('a mask has no upper half', (test) => {
    if (test.kind !== 'integer' || test.how.kind !== 'mask') return test;
    const masks = test.how.masks.map((mask) => ({ ...mask, value: BigInt.asUintN(test.shape.bits / 2, mask.value) }));
    return { ...test, how: { ...test.how, masks } };
  }),
  onTests('a port is in the wrong order of bytes', (test) => {
    if (test.kind !== 'socket' || test.how.kind !== 'number' || !test.how.field.endsWith('Port')) return test;
    return { ...test, how: { ...test.how, ranges: test.how.ranges.map(swapped) } };
  }),
  {
    name: 'a row is read one bit beside',
    onAllocated: (plan) =>
      onPlanTests(plan, (test) =>
        'inSet' in test && test.inSet !== undefined ? { ...test, inSet: beside(test.inSet) } : test,
      ),
  },
  {
    name: 'what a policy is about is forgotten',
    onLowered: (plan) => onPolicies(plan, (policy) => ({ ...policy, scope: undefined })),
  },
  onTests('a workload selector is asked one bit beside', (test) => {
    return test.kind === 'scope' ? { ...test, bit: test.bit + 1 } : test;
  }),
  { name: 'the members of a set are eight bits too short', onAllocated: withShortMembers },
];

function onTests(name: string, change: (test: Test) => Test): Fault {
  return { name, onLowered: (plan) => onPlanTests(plan, change) };
}

function onPlanTests(plan: HookPlan, change: (test: Test) => Test): HookPlan {
  const onSelector = (selector: SelectorPlan): SelectorPlan => ({ ...selector, tests: selector.tests.map(change) });
  return onPolicies(plan, (policy) => ({ ...policy, selectors: policy.selectors.map(onSelector) }));
}

function onPolicies(plan: HookPlan, change: (policy: PolicyPlan) => PolicyPlan): HookPlan {
  return { ...plan, policies: plan.policies.map(change) };
}

function longer(range: Range): Range {
  return { ...range, maximum: range.maximum + 1n };
}

function swapped(range: Range): Range {
  if (range.minimum !== range.maximum) return range;
  const port = ((range.minimum & 0xffn) << 8n) | (range.minimum >> 8n);
  return { ...range, minimum: port, maximum: port };
}

function withoutLast(test: Test): Test {
  switch (test.kind) {
    case 'text':
    case 'binary':
      return { ...test, values: test.values.slice(0, -1) };
    case 'pid':
    case 'namespace':
      return { ...test, values: test.values.slice(0, -1) };
    default:
      return test;
  }
}

function beside({ set, bit }: InSet): InSet {
  return { set, bit: bit + 1 };
}

function withShortMembers(plan: HookPlan): HookPlan {
  const short = (set: SetPlan): SetPlan => ({
    ...set,
    entries: set.entries.map((entry) => ({ ...entry, bits: Math.max(8, entry.bits - 8) })),
  });
  return { ...plan, sets: plan.sets.map(short) };
}

/** BPF_ST of eight bytes: where a test says that it could not be told. */
const storeImmediate = 0x7a;

function withoutDoubt(code: Code): Code {
  const isDoubt = ({ opcode, offset, immediate }: Instruction) => {
    return opcode === storeImmediate && offset === scratchLayout.undecided && immediate === 1;
  };
  const instructions = code.instructions.map((each) => (isDoubt(each) ? { ...each, immediate: 0 } : each));
  return { ...code, instructions };
}
