/** Emitted programs do what src/policy/semantics.ts says: random policies, random calls, no disagreement. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HookVerdict, matches, type ObservedArgument, parsePolicies } from '#policy';
import { known } from '#std';
import { compile } from './compile.ts';
import { smallTarget } from './fixtures.ts';
import { type Outcome, type PathObject, runProgram, type Situation } from './fixtures-machine.ts';

const target = smallTarget();
const seed = Number(process.env.RINGFENCE_SEED ?? Date.now() % 2 ** 31);
const POLICIES = 300;
const CALLS = 40;

/** A small generator with a seed: splitmix32. */
function randomFrom(start: number): (limit: number) => number {
  let state = start;
  return (limit) => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) % limit;
  };
}

const random = randomFrom(seed);
const pick = <Value>(values: readonly Value[]): Value => known(values[random(values.length)], 'choice');
const some = <Value>(limit: number, make: () => Value): Value[] => Array.from({ length: 1 + random(limit) }, make);
const encoder = new TextEncoder();

/** Few names, of all lengths around the width of a load, so that matches and near misses are frequent. */
const NAMES = [
  '/a',
  '/ab',
  '/abc',
  '/abcdefg',
  '/abcdefgh',
  '/abcdefghi',
  '/abcdefghij/klm',
  '/abcdefghij/klmnopq',
  '/b/abc',
];
const POSTFIXES = ['c', 'bc', 'abc', '/klm', 'ghij/klm', 'klmnopq'];
const NUMBERS = ['0', '1', '-1', '4', '255', '-128', '2147483647', '-2147483648'];

function selector(): string {
  const filters: string[] = [];
  if (random(2) === 0) {
    const operator = pick(['Equal', 'Prefix', 'Postfix']);
    const values = new Set(some(4, () => (operator === 'Postfix' ? pick(POSTFIXES) : pick(NAMES))));
    filters.push(`{ index: 0, operator: ${operator}, values: ${JSON.stringify([...values])} }`);
  }
  if (random(2) === 0) {
    const values = new Set(some(3, () => pick(NUMBERS)));
    filters.push(`{ index: 1, operator: Equal, values: ${JSON.stringify([...values])} }`);
  }
  const parts = filters.length === 0 ? [] : [`matchArgs: [${filters.join(', ')}]`];
  if (random(2) === 0) {
    const values = new Set(some(3, () => pick(NAMES)));
    parts.push(`matchBinaries: [{ operator: ${pick(['In', 'NotIn'])}, values: ${JSON.stringify([...values])} }]`);
  }
  const actions = pick(['Post', 'Sigkill', 'Override, argError: -2', 'NoPost']);
  parts.push(`matchActions: [{ action: ${actions} }]`);
  return `{ ${parts.join(', ')} }`;
}

function policyText(): string {
  const annotations = random(2) === 0 ? ', annotations: { ringfence.io/file-identity: inode }' : '';
  return [
    'apiVersion: cilium.io/v1alpha1',
    'kind: TracingPolicy',
    `metadata: { name: test${annotations} }`,
    'spec:',
    '  lsmhooks:',
    '  - hook: file_permission',
    '    args: [{ index: 0, type: file }, { index: 1, type: int }]',
    `    selectors: [${some(3, selector).join(', ')}]`,
    '',
  ].join('\n');
}

/** The file that has a name has its position as inode; another file may have it too, as a link would. */
const identities = new Map(NAMES.map((name, index) => [name, { inode: BigInt(index + 1), device: 0x100001 }]));

function situation(): Situation {
  const name = random(8) === 0 ? 'unreadable' : encoder.encode(pick(['', '/', ...NAMES, ...NAMES]));
  const file: PathObject = {
    kind: 'path',
    name,
    inode: random(3) === 0 ? BigInt(1 + random(NAMES.length)) : 999n,
    device: random(4) === 0 ? 7 : 0x100001,
  };
  const garbage = BigInt(random(2 ** 31)) << 32n;
  const mask = BigInt.asUintN(32, BigInt(pick(NUMBERS))) | garbage;
  return { arguments: [file, mask], binary: random(8) === 0 ? 'unreadable' : encoder.encode(pick(NAMES)) };
}

function observed({ arguments: [file, mask] }: Situation): ReadonlyMap<number, ObservedArgument> {
  assert.ok(typeof file === 'object' && typeof mask === 'bigint');
  const name = file.name === 'truncated' ? 'unreadable' : file.name;
  const identity = { inode: file.inode, device: BigInt(file.device) };
  return new Map<number, ObservedArgument>([
    [0, { kind: 'path', name, identity }],
    [1, { kind: 'integer', value: mask }],
  ]);
}

type Brief = {
  readonly result: number;
  readonly selector: number | undefined;
  readonly undecided: boolean;
  readonly skipped: number;
};

function expected({ verdict }: HookVerdict): Brief {
  const { skipped } = verdict;
  switch (verdict.kind) {
    case 'no-match':
      return { result: 0, selector: undefined, undecided: false, skipped };
    case 'match':
      return { result: verdict.error ?? 0, selector: verdict.selector, undecided: false, skipped };
    case 'unreadable-denied':
      return { result: verdict.error, selector: verdict.selector, undecided: true, skipped };
  }
}

function actual({ result, matches: calls }: Outcome): Brief {
  const decisive = calls.filter(({ where }) => where >> 32n !== 0x10000n);
  assert.ok(decisive.length <= 1, 'the first selector that matches wins');
  const [first] = decisive;
  return {
    result,
    selector: first === undefined ? undefined : Number(first.where & 0xffffn),
    undecided: first !== undefined && first.where >> 48n === 1n,
    skipped: calls.length - decisive.length,
  };
}

test(`compiled programs and the plain meaning agree (RINGFENCE_SEED=${seed})`, () => {
  const seen = { match: 0, 'no-match': 0, 'unreadable-denied': 0, skipped: 0 };
  for (let each = 0; each < POLICIES; each += 1) {
    const text = policyText();
    const { policies } = parsePolicies(text, 'policy.yaml');
    const policy = known(policies[0], text);
    const { programs, diagnostics } = compile({ policies: [{ policy, slot: 0 }], target, identities });
    assert.deepEqual(diagnostics, []);
    const { code } = known(programs[0], 'program');
    for (let call = 0; call < CALLS; call += 1) {
      const here = situation();
      const observation = { hook: 'file_permission', arguments: observed(here), binary: here.binary };
      const [verdict] = matches(policy, observation, (name) => {
        const identity = identities.get(name);
        return identity === undefined ? undefined : { inode: identity.inode, device: BigInt(identity.device) };
      });
      const outcome = runProgram(code, here);
      const wanted = known(verdict, 'verdict');
      assert.ok(outcome.released, 'scratch is given back');
      assert.deepEqual(
        actual(outcome),
        expected(wanted),
        `${text}\n${JSON.stringify(here, (_, v) => (typeof v === 'bigint' ? String(v) : v))}`,
      );
      seen[wanted.verdict.kind] += 1;
      seen.skipped += wanted.verdict.skipped;
    }
  }
  for (const [kind, count] of Object.entries(seen)) assert.ok(count > 100, `${kind} was met ${count} times only`);
});

const killer = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: { name: killer }
spec: { lsmhooks: [{ hook: file_open, args: [{ index: 0, type: file }], selectors: [{ matchArgs: [{ index: 0, operator: Prefix, values: ["/a"] }], matchActions: [{ action: Sigkill }] }] }] }
`;

function runKiller(change: Partial<Situation>, name: PathObject['name'] = encoder.encode('/ab')): Outcome {
  const { policies } = parsePolicies(killer, 'killer.yaml');
  const { programs } = compile({ policies: policies.map((policy) => ({ policy, slot: 5 })), target, identities });
  const file: PathObject = { kind: 'path', name, inode: 1n, device: 1 };
  return runProgram(known(programs[0], 'program').code, { arguments: [file], binary: encoder.encode('/b'), ...change });
}

test('the agent itself passes, and gives its scratch back', () => {
  assert.equal(runKiller({}).result, -1);
  assert.deepEqual(runKiller({ exempt: true }), { result: 0, matches: [], released: true });
});

test('without scratch an enforcing policy denies', () => {
  assert.deepEqual(runKiller({ scratch: false }), { result: -1, matches: [], released: false });
});

test('a prefix of a path that was cut cannot be told: denied, not killed', () => {
  const { result, matches: calls } = runKiller({}, 'truncated');
  assert.equal(result, -1);
  assert.equal(known(calls[0], 'call').where >> 48n, 1n);
});
