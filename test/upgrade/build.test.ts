import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { abiVersion } from '#abi';
import { nextHeader } from './build.ts';

const header = readFileSync(join(import.meta.dirname, '../../kprobes/include/ringfence/abi.h'), 'utf8');

test('the next version has the next number, and all that is shared by map lies elsewhere', () => {
  const next = nextHeader(header);
  assert.match(next, new RegExp(`^#define RF_ABI_VERSION ${abiVersion + 1}$`, 'm'));
  assert.equal(next.match(/^\t__u64 of_next;$/gm)?.length, 2);
  assert.equal(next.split('\n').length, header.split('\n').length + 2);
});

test('a header without what is changed is refused', () => {
  assert.throws(() => nextHeader(header.replace('#define RF_ABI_VERSION', '#define RF_VERSION')), /RF_ABI_VERSION/);
  assert.throws(() => nextHeader(header.replace('struct rf_policy {', 'struct rf_rule {')), /rf_policy/);
});
