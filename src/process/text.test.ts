import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeText } from './text.ts';

const bytes = (...list: number[]) => Uint8Array.from(list);
const long = 'ä'.repeat(40);

const rows = [
  ['nothing', bytes(), '', false],
  ['ASCII', new TextEncoder().encode('/bin/sh'), '/bin/sh', false],
  ['long UTF-8', new TextEncoder().encode(long), long, false],
  ['an invalid byte', bytes(0x61, 0xff), 'a\ufffd', true],
  ['a cut sequence', bytes(0x61, 0xc3), 'a\ufffd', true],
  ['a surrogate', bytes(0xed, 0xa0, 0x80), '\ufffd\ufffd\ufffd', true],
  ['an overlong slash', bytes(0xc0, 0xaf), '\ufffd\ufffd', true],
  ['a genuine U+FFFD', bytes(0xef, 0xbf, 0xbd), '\ufffd', false],
  ['a byte order mark is part of the name', bytes(0xef, 0xbb, 0xbf, 0x61), '\ufeffa', false],
] as const;

for (const [name, input, text, lossy] of rows) {
  test(`text: ${name}`, () => {
    const memory = input.slice();
    const decoded = decodeText(memory);
    memory.fill(0);
    assert.equal(decoded.text, text);
    assert.deepEqual(decoded.raw, lossy ? input : undefined);
  });
}
