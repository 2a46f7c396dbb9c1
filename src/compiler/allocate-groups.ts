/** Which tests one set could answer together, and whether a lookup is cheaper than comparing. */
import { bound } from '#abi';
import { questionOf } from './integer-question.ts';
import type {
  BinaryTest,
  BytesValue,
  HookPlan,
  IntegerTest,
  PolicyPlan,
  SetKey,
  SocketTest,
  Test,
  TextTest,
} from './plan.ts';

/** The tests of one hook that one set could answer. A file that is known by its inode too is in two of them. */
export type Group = { readonly key: SetKey; readonly tests: SettableTest[]; policies: number };
export type SettableTest = TextTest | BinaryTest | IntegerTest | SocketTest;

/**
 * So many values take as long to compare as one lookup (`npm run bench -- --guest`, docs/performance.md). Most whole
 * values differ in length already, which is one comparison; of one length, and of other texts, the first bytes have to
 * be looked at, as of a network; numbers are found by halving, so that only their code is long.
 */
const EVEN_AT = {
  ...{ equal: 356, equalOfOneLength: 49, prefix: 45, postfix: 62 },
  ...{ network: 45, range: 64, identity: 75 },
  /** Further policies that a set rules out together, with all that they would do to compare; see emit-group.ts. */
  policies: 5,
} as const;

/** In lookups. */
export function costOf({ key, tests, policies }: Group): number {
  const values = withoutRepeated(tests).reduce((sum, test) => sum + costOfTest(test, key), 0);
  return values + Math.max(0, policies - 1) / EVEN_AT.policies;
}

/** What many policies ask of a number is asked once, at the gate of the program, which no set could be; see emit-gate.ts. */
function withoutRepeated(tests: readonly SettableTest[]): readonly SettableTest[] {
  const asked = new Set<string>();
  return tests.filter((test) => {
    if (test.kind !== 'integer') return true;
    const question = questionOf(test);
    const isNew = !asked.has(question);
    asked.add(question);
    return isNew;
  });
}

function costOfTest(test: SettableTest, key: SetKey): number {
  switch (test.kind) {
    case 'integer':
      return test.how.kind === 'ranges' ? test.how.ranges.length / EVEN_AT.range : 0;
    case 'socket':
      return test.how.kind === 'address' ? test.how.networks.length / EVEN_AT.network : 0;
    case 'text':
      return key.kind === 'identity' ? test.identities.length / EVEN_AT.identity : costOfTexts(test);
    case 'binary':
      return costOfTexts(test);
  }
}

/** A text has one length, so that of whole values at most those of one length are looked into. */
function costOfTexts({ operator, values }: TextTest | BinaryTest): number {
  if (operator !== 'equal') return values.length / EVEN_AT[operator];
  const lengths = Map.groupBy(values, ({ bytes }) => bytes.length);
  const alike = Math.max(0, ...Array.from(lengths.values(), (each) => each.length));
  return (values.length - alike) / EVEN_AT.equal + alike / EVEN_AT.equalOfOneLength;
}

export function groupTests(plan: HookPlan): readonly Group[] {
  const groups = new GroupBook();
  for (const policy of plan.policies) {
    for (const { tests } of policy.selectors) for (const place of tests.flatMap(placesOf)) groups.add(place);
    groups.countPolicy(rulingGroup(policy));
  }
  return groups.groups;
}

/** A row of a set has so many bits; further tests make a further group. */
const TESTS_MAX = bound.rowWords * 64;

class GroupBook {
  readonly groups: Group[] = [];
  readonly #open = new Map<string, Group>();

  add({ name, key, test }: Place): void {
    let group = this.#open.get(name);
    if (group === undefined || group.tests.length === TESTS_MAX) {
      group = { key, tests: [], policies: 0 };
      this.#open.set(name, group);
      this.groups.push(group);
    }
    group.tests.push(test);
  }

  countPolicy(name: string | undefined): void {
    const group = name === undefined ? undefined : this.#open.get(name);
    if (group !== undefined) group.policies += 1;
  }
}

type Place = { readonly name: string; readonly key: SetKey; readonly test: SettableTest };

function placesOf(test: Test): readonly Place[] {
  switch (test.kind) {
    case 'text':
      return [
        ...(test.values.length === 0 ? [] : [textPlace(test)]),
        ...(test.identities.length === 0 ? [] : [identityPlace(test)]),
      ];
    case 'binary': {
      const direction = test.operator === 'postfix' ? 'reverse' : 'forward';
      return [{ name: `binary ${direction}`, key: { kind: 'binary', direction }, test }];
    }
    case 'integer': {
      if (test.how.kind !== 'ranges') return [];
      const { fact, shape } = test;
      const name = `integer ${fact.number} ${shape.bits} ${shape.signed}`;
      return [{ name, key: { kind: 'integer', fact, shape }, test }];
    }
    case 'socket': {
      if (test.how.kind !== 'address') return [];
      const { side } = test.how;
      return [{ name: `address ${test.fact.number} ${side}`, key: { kind: 'address', fact: test.fact, side }, test }];
    }
    default:
      return [];
  }
}

function textPlace(test: TextTest): Place {
  const direction = test.operator === 'postfix' ? 'reverse' : 'forward';
  return {
    name: `text ${test.fact.number} ${direction}`,
    key: { kind: 'text', fact: test.fact, direction },
    test,
  };
}

function identityPlace(test: TextTest): Place {
  return { name: `identity ${test.fact.number}`, key: { kind: 'identity', fact: test.fact }, test };
}

/** The group without an answer of which no selector of the policy matches. */
function rulingGroup({ phase, selectors }: PolicyPlan): string | undefined {
  if (phase === 'return') return undefined;
  const names = selectors.map(({ tests }) => tests.find(rulesOut)).map((test) => test && textPlace(test).name);
  return names.every((name) => name === names[0]) ? names[0] : undefined;
}

/** As emit-group.ts wants it: a text that must be in the set, and of which the set says all. */
function rulesOut(test: Test): test is TextTest {
  return test.kind === 'text' && !test.negated && test.identities.length === 0 && splitValues(test).long.length === 0;
}

type SplitValues = { readonly short: readonly BytesValue[]; readonly long: readonly BytesValue[] };

/** Those that a key can stand for, and others. */
export function splitValues(test: TextTest | BinaryTest): SplitValues {
  const most = test.operator === 'equal' ? bound.keyMax - 1 : bound.keyMax;
  const fits = ({ bytes }: BytesValue) => bytes.length <= most && !(isBuffer(test) && needsEnd(test, bytes));
  return { short: test.values.filter(fits), long: test.values.filter((value) => !fits(value)) };
}

/** A buffer may go on behind a NUL, so that the one that ends a key says nothing. */
function isBuffer(test: TextTest | BinaryTest): boolean {
  return test.kind === 'text' && test.fact.value.kind === 'text' && test.fact.value.reader.startsWith('bytes');
}

function needsEnd({ operator }: TextTest | BinaryTest, bytes: Uint8Array): boolean {
  return operator === 'equal' || (operator === 'prefix' && bytes.includes(0));
}
