/** What must hold for a policy to match at all, and can be told before there is memory to look at anything with. */
import { questionOf } from './integer-question.ts';
import type { BinaryTest, Fact, FollowTest, HookPlan, IntegerTest, PolicyPlan, Test, TextTest } from './plan.ts';

/** One selector: all of it must hold. */
export type Way = {
  readonly numbers: readonly IntegerTest[];
  readonly process: readonly ProcessTest[];
  readonly file: TextTest | undefined;
};

/** What it looks at is kept with the process. */
export type ProcessTest = BinaryTest | FollowTest;

/** None when a policy goes on with what was decided elsewhere: whatever is asked here, it may match. */
export function waysOf(plan: HookPlan): readonly Way[] {
  return plan.policies.some(({ phase }) => phase === 'return') ? [] : plan.policies.flatMap(waysOfPolicy);
}

function waysOfPolicy({ guard, selectors }: PolicyPlan): readonly Way[] {
  const guards = guard === undefined ? [] : [guard];
  return selectors.map(({ tests }) => ({
    numbers: [...guards, ...tests.filter(isNumber)],
    process: tests.filter(isOfProcess),
    file: tests.find(isOfFile),
  }));
}

function isNumber(test: Test): test is IntegerTest {
  return test.kind === 'integer' && test.how.kind !== 'set';
}

function isOfProcess(test: Test): test is ProcessTest {
  return test.kind === 'follow' || (test.kind === 'binary' && test.inSet === undefined);
}

/** A file that is known by its inode may have any name, and a negation holds of nearly all. */
function isOfFile(test: Test): test is TextTest {
  if (test.kind !== 'text' || test.negated || test.identities.length > 0) return false;
  return test.identityInSet === undefined && isOpenFile(test.fact);
}

function isOpenFile({ source, value }: Fact): boolean {
  return value.kind === 'text' && value.reader === 'file' && source.kind === 'context';
}

/** The same for tests that say the same. */
export function numbersKey(tests: readonly IntegerTest[]): string {
  return tests.map(questionOf).toSorted().join(', ');
}
