/** The page of codes has every code once, in order, in its family, and says what the catalogue says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalogue } from './catalogue.ts';
import { codesPage, families, markdown } from './codes-page.ts';

test('every code has one row, in ascending order', () => {
  const codes = [...codesPage().matchAll(/^\| <a id="\w+"><\/a>(RF\d{4}) \|/gm)].map(([, code]) => code);
  assert.deepEqual(codes, Object.keys(catalogue).sort());
});

test('every code is in the family that its first digit names', () => {
  for (const [index, { title, entries }] of families.entries()) {
    for (const code of Object.keys(entries)) assert.equal(code.slice(0, 3), `RF${index + 1}`, title);
  }
});

const table = [
  ['plain words', 'a key must be a text', 'a key must be a text'],
  ['emphasis', 'the alias *{name} of path_link', 'the alias \\*{name} of path\\_link'],
  ['a merge key', 'merge keys (<<) are not read', 'merge keys (\\<\\<) are not read'],
  ['code stays code', 'run `ringfence doctor` as *root*', 'run `ringfence doctor` as \\*root\\*'],
  ['a cell does not end early', 'use `dump | grep a_b` or a|b', 'use `dump \\| grep a_b` or a\\|b'],
  ['a backtick that nothing closes', 'the sign ` is `not` code', 'the sign \\` is \\`not\\` code'],
  ['an escape stays one', 'write \\U', 'write \\\\U'],
] as const;

for (const [name, sentence, expected] of table) {
  test(`in Markdown: ${name}`, () => assert.equal(markdown(sentence), expected));
}
