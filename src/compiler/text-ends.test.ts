/** What matches a text has one of its beginnings and ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Span } from '#diagnostics';
import { known } from '#std';
import type { Fact, TextOperator, TextTest } from './plan.ts';
import { type Ends, type EndWord, endsOf } from './text-ends.ts';

const span: Span = { file: 'policy.yaml', line: 1, column: 1, endLine: 1, endColumn: 1, text: '' };
const fact: Fact = {
  number: 0,
  source: { kind: 'context', index: 0 },
  value: { kind: 'text', reader: 'file', slot: 0, size: undefined },
};

function textTest(operator: TextOperator, values: readonly string[], inSet: readonly string[] = []): TextTest {
  const bytes = (texts: readonly string[]) => texts.map((text) => ({ bytes: Buffer.from(text), span }));
  return {
    ...{ kind: 'text', fact, operator, negated: false, emptyNever: true, values: bytes(values), listed: bytes(inSet) },
    ...{ inSet: undefined, identities: [], identityInSet: undefined, span },
  };
}

const ALL = 2n ** 64n - 1n;

/** As the kernel side has them; `knownBytes` of the end. */
function passes(ends: readonly Ends[], text: string, knownBytes = 8): boolean {
  const head = Buffer.concat([Buffer.from(text), Buffer.alloc(8)]).readBigUInt64LE(0);
  const tail = Buffer.concat([Buffer.alloc(8), Buffer.from(text)])
    .subarray(-8)
    .readBigUInt64LE(0);
  const seen = BigInt.asUintN(64, ALL << BigInt(8 * (8 - knownBytes)));
  const any = (words: readonly EndWord[] | undefined, word: bigint, mask: bigint) =>
    words === undefined || words.some((each) => ((each.value ^ word) & each.mask & mask) === 0n);
  return ends.some(({ heads, tails }) => any(heads, head, ALL) && any(tails, tail, seen));
}

const table: readonly (readonly [TextOperator, readonly string[], string, boolean])[] = [
  ['prefix', ['/etc/'], '/etc/shadow', true],
  ['prefix', ['/etc/'], '/etc', false],
  ['prefix', ['/etc/shadow'], '/etc/shadow', true],
  ['prefix', ['/etc/shadow'], '/etc/sharks', true], // of eight bytes there is no difference
  ['prefix', ['/etc/shadow'], '/etc/ssl', false],
  ['prefix', ['/'], '/', true],
  ['equal', ['/etc'], '/etc', true],
  ['equal', ['/etc'], '/etc/', false],
  ['equal', ['/etc'], '/srv/etc', false],
  ['equal', ['/usr/bin/nc'], '/usr/bin/nc', true],
  ['equal', ['/usr/bin/nc'], '/usr/bin/ncat', false],
  ['equal', ['/usr/bin/nc'], '/usr/local/bin/nc', false],
  ['postfix', ['.ssh/id_rsa'], '/root/.ssh/id_rsa', true],
  ['postfix', ['.pem'], '/srv/a.pem', true],
  ['postfix', ['.pem'], '/srv/a.pen', false],
  ['postfix', ['/x'], '/x', true],
];

for (const [operator, values, text, expected] of table) {
  test(`${operator} of ${values.join(', ')}: ${text} ${expected ? 'may match' : 'does not'}`, () => {
    assert.equal(passes(known(endsOf([textTest(operator, values)]), 'ends'), text), expected);
    assert.equal(passes(known(endsOf([textTest(operator, [], values)]), 'ends'), text), expected, 'in a set as well');
  });
}

test('what is not known of an end may be anything', () => {
  const ends = known(endsOf([textTest('postfix', ['.ssh/id'])]), 'ends');
  assert.ok(passes(ends, '/tmp/.ssx/id', 3));
  assert.ok(!passes(ends, '/tmp/.ssx/id', 8));
});

test('many values that begin alike are few words', () => {
  const values = Array.from({ length: 10_000 }, (_, index) => `/srv/tenant-${index}/secret`);
  const [ends] = known(endsOf([textTest('equal', values)]), 'ends');
  assert.deepEqual([ends?.heads?.length, ends?.tails?.length], [1, 10]);
  for (const text of values) assert.ok(passes([known(ends, 'ends')], text));
});

test('values that begin with anything say nothing, unless they end alike', () => {
  const values = Array.from({ length: 100 }, (_, index) => `/${String.fromCharCode(33 + index)}/x`);
  assert.equal(endsOf([textTest('prefix', values)]), undefined);
  const [ends] = known(endsOf([textTest('equal', values)]), 'ends');
  assert.deepEqual([ends?.heads, ends?.tails?.length], [undefined, 1]);
});

test('one of several operators is enough', () => {
  const ends = known(endsOf([textTest('prefix', ['/etc/']), textTest('postfix', ['.pem'])]), 'ends');
  for (const text of ['/etc/x', '/x.pem']) assert.ok(passes(ends, text));
  assert.ok(!passes(ends, '/x'));
});
