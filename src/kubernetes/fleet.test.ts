/** What every node said of every policy: read from reports of both forms, and what a new report changes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fleet, fleetPolicyOf, revisionOf } from './fleet.ts';

function report(asWanted: unknown, details: unknown = []): object {
  return { metadata: { name: 'node-1' }, status: { asWanted, details } };
}

test('lines and objects are read alike, and what is neither is left out', () => {
  const fleet = new Fleet();
  fleet.putNode(
    fleet.read(
      report(
        ['one r.1 Enforcing denied=2', 'default/one r.1 Monitoring', '', 'one', 7, 'odd r.1 Unheard'],
        [
          { name: 'bad', revision: 'r.1', state: 'Refused' },
          { name: 'bad', namespace: 'default', revision: 'r.2', state: 'Pending' },
        ],
      ),
    ),
  );
  const of = (key: string) => [...fleet.answers(key)].map(({ node, said }) => `${node} ${said?.state} ${said?.denied}`);
  assert.deepEqual(of('/one'), ['node-1 Enforcing 2']);
  assert.deepEqual(of('default/one'), ['node-1 Monitoring undefined']);
  assert.deepEqual(of('/bad'), ['node-1 Refused undefined']);
  assert.deepEqual(of('default/bad'), ['node-1 Pending undefined']);
  assert.deepEqual(of('/odd'), ['node-1 undefined undefined']);
  assert.deepEqual(of('/unheard'), ['node-1 undefined undefined']);
});

test('a report changes those policies of which it says something else', () => {
  const fleet = new Fleet();
  const bad = { name: 'bad', revision: 'r.1', state: 'Refused' };
  const changed = (object: object) => {
    const said = fleet.read(object);
    const keys = [...fleet.changedBy(said)].toSorted();
    return [keys, fleet.putNode(said)];
  };
  assert.deepEqual(changed(report(['one r.1 Enforcing', 'two r.1 Enforcing'], [bad])), [
    ['/bad', '/one', '/two'],
    true,
  ]);
  assert.deepEqual(changed(report(['one r.1 Enforcing', 'two r.1 Enforcing'], [{ ...bad }])), [[], false]);
  assert.deepEqual(changed(report(['two r.1 Enforcing denied=1'], [bad])), [['/one', '/two'], false]);
  assert.deepEqual(changed({ metadata: { name: 'node-1' } }), [['/bad', '/two'], false]);
  assert.equal(fleet.removeNode('node-1'), true);
  assert.equal(fleet.removeNode('node-1'), false);
});

test('a policy is the object of a name, and a version of it', () => {
  const policy = fleetPolicyOf({ metadata: { name: 'p', namespace: 'n', uid: '0123456789', generation: 4 } });
  assert.equal(policy.key, 'n/p');
  assert.equal(revisionOf(policy), '01234567.4');
});
