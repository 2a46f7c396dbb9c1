import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encoded, Message, ProtobufMalformed } from './protobuf.ts';

/** Examples of the description of the format, and what it says of fields that are there twice. */
const known = [
  ['a number', { 1: 150 }, '089601'],
  ['a text', { 2: 'testing' }, '120774657374696e67'],
  ['nothing', {}, ''],
  ['a high field', { 16: 1 }, '800101'],
] as const;

for (const [name, fields, hex] of known) {
  test(`wire format: ${name}`, () => {
    assert.equal(encoded(fields).toString('hex'), hex);
    const message = new Message(Buffer.from(hex, 'hex'));
    for (const [field, value] of Object.entries(fields)) {
      const read = typeof value === 'number' ? message.number(Number(field)) : message.text(Number(field));
      assert.equal(read, value);
    }
  });
}

test('messages within, repeated fields, maps, and what is not there', () => {
  const entry = (key: string, value: string) => encoded({ 5: encoded({ 1: key, 2: value }) });
  const message = new Message(Buffer.concat([entry('a', 'b'), entry('c', 'd'), encoded({ 7: encoded({ 1: 'in' }) })]));
  assert.deepEqual(message.map(5), { a: 'b', c: 'd' });
  assert.equal(message.messages(5).length, 2);
  assert.equal(message.message(7).text(1), 'in');
  assert.deepEqual([message.text(9), message.number(9), message.messages(9)], ['', 0, []]);
  const fixed = Buffer.from(`09${'00'.repeat(8)}15${'00'.repeat(4)}1801`, 'hex');
  assert.equal(new Message(fixed).number(3), 1, 'fields of other kinds are passed over');
  assert.equal(new Message(Buffer.from(`08${'ff'.repeat(9)}01`, 'hex')).number(1), -1);
});

for (const hex of ['08', '0880', '12ff', '1205616263', `08${'ff'.repeat(10)}`, '0b', '0f', `12${'ff'.repeat(9)}01`]) {
  test(`${hex} is no message`, () => assert.throws(() => new Message(Buffer.from(hex, 'hex')), ProtobufMalformed));
}

test('whatever bytes come, they are read or refused', () => {
  let seed = 7;
  for (let round = 0; round < 2000; round += 1) {
    const bytes = Buffer.from(
      Array.from({ length: round % 40 }, () => {
        seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
        return seed >>> 24;
      }),
    );
    try {
      new Message(bytes);
    } catch (error) {
      assert.ok(error instanceof ProtobufMalformed, `${bytes.toString('hex')}: ${String(error)}`);
    }
  }
});
