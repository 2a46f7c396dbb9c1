/** A handle that was closed asserts: the alternative is the end of the process. */
import assert from 'node:assert/strict';
import { fstatSync, openSync } from 'node:fs';
import { test } from 'node:test';
import { AssertionFailed } from '#std';
import { Descriptor, Handle } from './handle.ts';

test('handle: gives its pointer up once, and is closed then', () => {
  const handle = new Handle('the thing', 7n);
  assert.equal(handle.pointer, 7n);
  assert.equal(handle.take(), 7n);
  assert.equal(handle.take(), undefined);
  assert.throws(() => handle.pointer, new AssertionFailed('the thing is used after it was closed'));
});

test('handle: a child ends with its owner', () => {
  const owner = new Handle('the owner', 7n);
  const child = new Handle('the child', 8n, owner);
  assert.equal(child.pointer, 8n);
  owner.take();
  assert.equal(child.closed, true);
  assert.throws(() => child.pointer, AssertionFailed);
});

test('descriptor: closes once, and not the file that got its number next', () => {
  const first = new Descriptor('first', openSync('/dev/null', 'r'));
  const { fd } = first;
  first.close();
  using second = new Descriptor('second', openSync('/dev/null', 'r'));
  assert.equal(second.fd, fd, 'the kernel gives out the lowest free number');
  first.close();
  assert.throws(() => first.fd, AssertionFailed);
  assert.doesNotThrow(() => fstatSync(second.fd));
});
