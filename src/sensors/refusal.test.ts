/** Those that are refused are found, and no others; by few attempts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusedAmong } from './refusal.ts';
import { atOnce, inPieces } from './steps.ts';

type Why = { readonly why: string };
type Attempt = (members: readonly number[]) => Why | undefined;

const findRefused = (members: readonly number[], attempt: Attempt, attemptsMax?: number) =>
  atOnce(refusedAmong(members, attempt, attemptsMax));

const many = Array.from({ length: 100 }, (_, index) => index);

/** Refuses whatever holds one of `bad`, and more than `room` members. */
function kernel(bad: readonly number[], room = Number.POSITIVE_INFINITY) {
  const attempts: number[] = [];
  const attempt = (members: readonly number[]) => {
    attempts.push(members.length);
    const culprit = members.find((each) => bad.includes(each));
    if (culprit !== undefined) return { why: `no ${culprit}` };
    return members.length > room ? { why: 'too many' } : undefined;
  };
  return { attempt, attempts };
}

test('one of a hundred', () => {
  const { attempt, attempts } = kernel([63]);
  assert.deepEqual(findRefused(many, attempt), [{ member: 63, reason: { why: 'no 63' }, how: 'alone' }]);
  assert.ok(attempts.length < 20, `${attempts.length} attempts`);
});

test('several, and all', () => {
  const named = (bad: readonly number[]) => findRefused(many, kernel(bad).attempt, 1000).map(({ member }) => member);
  assert.deepEqual(named([0, 1, 50, 99]), [0, 1, 50, 99]);
  assert.deepEqual(named(many), many);
});

test('what is too much together: those that come first are kept', () => {
  const refused = findRefused([1, 2, 3, 4, 5], kernel([], 3).attempt);
  assert.deepEqual(
    refused.map(({ member, reason, how }) => [member, reason.why, how]),
    [
      [4, 'too many', 'with others'],
      [5, 'too many', 'with others'],
    ],
  );
});

test('more than can be looked for in so many attempts: what was not tried is refused with the others, and says so', () => {
  const { attempt, attempts } = kernel(many.slice(10));
  const refused = findRefused(many, attempt, 40);
  assert.deepEqual(
    refused.map(({ member }) => member),
    many.slice(10),
  );
  assert.ok(attempts.length <= 41, `${attempts.length} attempts`);
  const tried = refused.filter(({ how }) => how === 'alone');
  assert.ok(tried.length > 5 && tried.length < 40, `${tried.length} by themselves`);
  assert.ok(refused.slice(tried.length).every(({ how }) => how === 'untried'));
});

test('a culprit among many is blamed for what it is refused for by itself', () => {
  const [refusal] = findRefused([1, 2], kernel([2]).attempt);
  assert.deepEqual(refusal, { member: 2, reason: { why: 'no 2' }, how: 'alone' });
});

test('nothing is refused of nothing, and of what is taken', () => {
  assert.deepEqual(findRefused([], kernel([]).attempt), []);
  assert.deepEqual(findRefused(many, kernel([]).attempt), []);
});

test('in pieces it finds the same, and what waits is done between any two attempts', async () => {
  const bad = [3, 40, 77];
  const { attempt, attempts } = kernel(bad);
  const between: number[] = [];
  let isDone = false;
  const other = () => {
    if (isDone) return;
    between.push(attempts.length);
    setImmediate(other);
  };
  setImmediate(other);
  const refused = await inPieces(refusedAmong(many, attempt, 1000));
  isDone = true;
  assert.deepEqual(refused, findRefused(many, kernel(bad).attempt, 1000));
  assert.ok(between.every((count, index) => count - (between[index - 1] ?? 0) <= 1));
  assert.ok(between.length >= attempts.length - 1, `${between.length} turns in ${attempts.length} attempts`);
});
