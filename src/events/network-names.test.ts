import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capabilities } from '../policy/capability-names.ts';
import { vocabularies } from '../policy/network-names.ts';
import { capabilityName } from './credentials-json.ts';
import { familyName, protocolName, socketTypeName, stateName } from './network-names.ts';

const tables = [
  [vocabularies.family, familyName],
  [vocabularies.protocol, protocolName],
  [vocabularies.state, stateName],
] as const;

for (const [{ what, prefix, names }, nameOf] of tables) {
  test(`the word of an event is one that a policy takes: ${what}`, () => {
    for (const number of new Set(Object.values(names))) {
      const word = nameOf(number);
      assert.ok(word.startsWith(prefix), word);
      assert.equal(names[word.slice(prefix.length)], number);
    }
  });
}

test('a number without a word is told as it is', () => {
  assert.deepEqual(
    [familyName(46), socketTypeName(7), protocolName(3), stateName(0), stateName(14)],
    ['46', '7', '3', '0', '14'],
  );
});

test('capabilities: as policies name them, but for the one whose prefix the events API lacks', () => {
  for (const [name, number] of Object.entries(capabilities.names)) {
    assert.equal(capabilityName(number), name === 'DAC_OVERRIDE' ? name : `CAP_${name}`);
  }
  assert.equal(capabilityName(41), undefined);
});
