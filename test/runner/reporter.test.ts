/** What Node's runner reports is counted once, under its full name, and keeps the error that the test threw. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Outcome, ReportReader } from './results.ts';

const REPORTER = join(import.meta.dirname, 'reporter.ts');

type Row = readonly [name: string, source: string, expected: readonly string[]];

const table: readonly Row[] = [
  ['a test', `test('a', () => {});`, ['passed a']],
  ['a suite is not a test', `describe('s', () => { test('a', () => {}); });`, ['passed s > a']],
  [
    'names after a suite',
    `describe('s', () => { test('a', () => {}); }); test('b', () => {});`,
    ['passed s > a', 'passed b'],
  ],
  ['a failure', `test('a', () => { throw new Error('boom'); });`, ['failed a: Error: boom']],
  [
    'a failure in a suite is one failure',
    `describe('s', () => { test('a', () => { throw new Error('boom'); }); });`,
    ['failed s > a: Error: boom'],
  ],
  [
    'a suite that fails by itself',
    `describe('s', () => { before(() => { throw new Error('setup'); }); test('a', () => {}); });`,
    ['failed s > a: ', 'failed s: Error: setup'],
  ],
  ['a skip and its reason', `test('a', { skip: 'no kernel' }, () => {});`, ['skipped a: no kernel']],
  ['a skip without a reason', `test.skip('a', () => {});`, ['skipped a: no reason given']],
  ['a file that cannot be loaded', `import './nothing.ts';`, ['failed : ']],
  ['a file without tests', ``, ['failed : no test ran']],
];

let directory = '';
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'ringfence-reporter-'));
});
after(() => rmSync(directory, { recursive: true }));

for (const isolation of ['none', 'process']) {
  for (const [name, source, expected] of table) {
    test(`reporter, isolation ${isolation}: ${name}`, () => {
      const file = 'sample.test.mjs';
      writeFileSync(join(directory, file), `import { before, describe, test } from 'node:test';\n${source}\n`);
      const outcomes = report(file, isolation);
      assert.deepEqual(
        outcomes.map(({ file: of }) => of),
        expected.map(() => file),
      );
      for (const [index, outcome] of outcomes.entries()) {
        assert.ok(brief(outcome).startsWith(expected[index] ?? ''), `${brief(outcome)}, want ${expected[index]}`);
      }
    });
  }
}

test('a test that a module declares is one of the file that imports it', () => {
  writeFileSync(
    join(directory, 'declares.mjs'),
    `import { test } from 'node:test';\nexport const declare = (name) => test(name, () => {});\n`,
  );
  const file = 'declared.test.mjs';
  writeFileSync(join(directory, file), `import { declare } from './declares.mjs';\ndeclare('a');\n`);
  assert.deepEqual(
    report(file, 'process').map((outcome) => `${outcome.file}: ${brief(outcome)}`),
    [`${file}: passed a`],
  );
});

/** Node's runner takes itself for a test file of an outer run when it finds that run's variable. */
function report(file: string, isolation: string): Outcome[] {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const reader = new ReportReader('host');
  const argv = ['--test', `--test-isolation=${isolation}`, `--test-reporter=${REPORTER}`, file];
  try {
    reader.read(execFileSync(process.execPath, argv, { cwd: directory, env, encoding: 'utf8', stdio: 'pipe' }));
  } catch (error) {
    reader.read((error as { readonly stdout: string }).stdout);
  }
  return reader.finish([file], { status: 0, signal: null });
}

function brief({ kind, name, detail }: Outcome): string {
  return `${kind} ${name}${detail === '' ? '' : `: ${detail}`}`;
}
