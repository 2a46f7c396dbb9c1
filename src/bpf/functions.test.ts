/** Names of functions are found whole, counted, and told from their clones. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { functionList, functionsOfText, isFunctionsText } from './functions.ts';

const NAMES = ['vfs_open', 'open', 'twice', 'vfs_read.isra.0', 'twice', 'vfs_read.part.0', 'vfs_read.isra.0', 'last'];
const functions = functionList(NAMES);

const counts = [
  ['open', 1],
  ['twice', 2],
  ['last', 1],
  ['vfs_read', 0],
  ['vfs_read.isra.0', 2],
  ['vfs', 0],
  ['pen', 0],
  ['', 0],
] as const;

for (const [name, count] of counts) {
  test(`functions called "${name}": ${count}`, () => assert.equal(functions.count(name), count));
}

test('clones have the name and a suffix, and are named once', () => {
  assert.deepEqual(functions.clones('vfs_read'), ['vfs_read.isra.0', 'vfs_read.part.0']);
  assert.deepEqual(functions.clones('vfs_rea'), []);
  assert.deepEqual(functions.clones('open'), []);
});

test('all names are listed, those that repeat too', () => {
  assert.deepEqual(functions.names(), NAMES);
  assert.deepEqual(functionList([]).names(), []);
});

test('a hint comes from the list', () => assert.deepEqual(functions.similar('vfs_opn', 1), ['vfs_open']));

test('a text is read as it is', () => assert.equal(functionsOfText('a\nb\n').count('b'), 1));

const texts = [
  ['', true],
  ['open\n', true],
  ['open\nvfs_read.isra.0\n', true],
  ['open', false],
  ['\nopen\n', false],
  ['open\n\nread\n', false],
  ['open [module]\n', false],
  ['\xffopen\n', false],
] as const;

for (const [text, expected] of texts) {
  test(`is ${JSON.stringify(text)} a text of functions: ${expected}`, () =>
    assert.equal(isFunctionsText(text), expected));
}
