/** Results are merged without losing a failure: not one that a crash, a silent file or a broken line would hide. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Ending,
  failed,
  failureLines,
  type Outcome,
  type ReportLine,
  ReportReader,
  summaryLine,
} from './results.ts';

const clean: Ending = { status: 0, signal: null };

function line(report: ReportLine): string {
  return `\n${JSON.stringify(report)}\n`;
}

function outcome(kind: Outcome['kind'], file = 'a.test.ts', detail = ''): string {
  return line({ event: 'outcome', kind, file, name: 'adds', seconds: 1, detail });
}

type Row = readonly [name: string, text: string, ending: Ending, summary: string, detail?: RegExp];

const table: readonly Row[] = [
  ['one of each', outcome('passed') + outcome('failed') + outcome('skipped'), clean, '1 passed, 1 failed, 1 skipped'],
  ['a silent file', '', clean, '0 passed, 1 failed, 0 skipped', /no test ran: node --test exited with 0/],
  ['only prints', 'hello\n', clean, '0 passed, 1 failed, 0 skipped', /hello/],
  [
    'a crash after a pass',
    outcome('passed'),
    { status: null, signal: 'SIGSEGV' },
    '1 passed, 1 failed, 0 skipped',
    /SIGSEGV/,
  ],
  [
    'a bad status after a pass',
    outcome('passed'),
    { status: 7, signal: null },
    '1 passed, 1 failed, 0 skipped',
    /with 7/,
  ],
  ['a status that a failure explains', outcome('failed'), { status: 1, signal: null }, '0 passed, 1 failed, 0 skipped'],
  ['printing without an end of line', `progress${outcome('passed')}`, clean, '1 passed, 0 failed, 0 skipped'],
  ['a line that only looks like one', `{"event":broken${outcome('passed')}`, clean, '1 passed, 0 failed, 0 skipped'],
  ['no end of line at the end', outcome('passed').trimEnd(), clean, '1 passed, 0 failed, 0 skipped'],
  [
    'what a failing file printed is told',
    line({ event: 'output', file: 'a.test.ts', text: 'the clue\n' }) + outcome('failed', 'a.test.ts', 'Error: no'),
    clean,
    '0 passed, 1 failed, 0 skipped',
    /Error: no(.|\n)*the clue/,
  ],
];

for (const [name, text, ending, summary, detail] of table) {
  for (const size of [1, text.length + 1]) {
    test(`results: ${name}, in pieces of ${size}`, () => {
      const reader = new ReportReader('host');
      for (let at = 0; at < text.length; at += size) reader.read(text.slice(at, at + size));
      const outcomes = reader.finish(['a.test.ts'], ending);
      assert.equal(summaryLine(outcomes), summary);
      const failure = outcomes.find(({ kind }) => kind === 'failed');
      if (detail !== undefined) assert.match(failure?.detail ?? '', detail);
    });
  }
}

test('every outcome knows where it ran', () => {
  const reader = new ReportReader('kernel 6.1');
  reader.read(outcome('passed'));
  assert.deepEqual(
    reader.finish(['a.test.ts', 'b.test.ts'], clean).map(({ file, where }) => [file, where]),
    [
      ['a.test.ts', 'kernel 6.1'],
      ['b.test.ts', 'kernel 6.1'],
    ],
  );
});

test('policies that a test had loaded are no outcome', () => {
  const reader = new ReportReader('kernel 6.12');
  reader.read(
    line({ event: 'loaded', policies: ['a', 'b'] }) + outcome('passed') + line({ event: 'loaded', policies: ['c'] }),
  );
  assert.equal(summaryLine(reader.finish(['a.test.ts'], clean)), '1 passed, 0 failed, 0 skipped');
  assert.deepEqual(reader.loaded, ['a', 'b', 'c']);
});

test('what a helper declares belongs to the file that runs', () => {
  const reader = new ReportReader('kernel 6.12', 'b.test.ts');
  reader.read(outcome('passed'));
  assert.deepEqual(
    reader.finish(['b.test.ts'], clean).map(({ file, kind }) => [file, kind]),
    [['b.test.ts', 'passed']],
  );
});

test('a failure is told in one line: where, which test, and what its error says first', () => {
  const reader = new ReportReader('kernel 6.1');
  reader.read(outcome('passed') + outcome('failed', 'a.test.ts', 'AssertionError: one is not two\n  at a.test.ts:1'));
  assert.deepEqual(failureLines(reader.finish(['a.test.ts'], clean)), [
    'a.test.ts > adds (kernel 6.1): AssertionError: one is not two',
  ]);
});

test('of many failures some are told, and how many there are besides', () => {
  const lines = failureLines(
    Array.from({ length: 100 }, (_, index) => failed(`${index}.test.ts`, 'host', 'x'.repeat(1_000))),
  );
  assert.equal(lines[0], `0.test.ts (host): ${'x'.repeat(200)}`);
  assert.equal(lines.at(-1), `and ${100 - (lines.length - 1)} more`);
  assert.ok(lines.length < 100);
});
