/** Slots: what the kernel finds in them, and what of it stays when policies change. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bound, mode, policyLayout } from '#abi';
import { type Policy, parsePolicies } from '#policy';
import { known } from '#std';
import { PolicySlots } from './policy-slots.ts';
import { policyText } from './testing.ts';

const SLOT = 3;
const at = (member: number) => SLOT * policyLayout.bytes + member;

const policy = known(parsePolicies(policyText('first'), 'first.yaml').policies[0], 'policy');
const budgeted: Policy = { ...policy, killBudget: { kills: 10, windowMs: 60_000 } };

/** The slots, and the memory that the kernel shares. */
function slotsAndKernel() {
  const buffer = new ArrayBuffer(bound.policyMax * policyLayout.bytes);
  const memory = { buffer, [Symbol.dispose]: () => undefined };
  const slots = new PolicySlots({ mapMemory: () => memory });
  const kernel = new DataView(buffer);
  const own = (each: Policy) => slots.own([slots.write({ policy: each, slot: SLOT }, 7)]);
  const demote = () => {
    kernel.setBigUint64(at(policyLayout.budgetSpent), 12_345n, true);
    kernel.setUint32(at(policyLayout.mode), mode.monitor, true);
    kernel.setBigUint64(at(policyLayout.demotedNs), 99n, true);
  };
  const modeNow = () => kernel.getUint32(at(policyLayout.mode), true);
  return { slots, kernel, own, demote, modeNow };
}

test('the kernel finds the kill budget', () => {
  const { kernel, own } = slotsAndKernel();
  own(budgeted);
  assert.equal(kernel.getUint32(at(policyLayout.budgetKills), true), 10);
  assert.equal(kernel.getUint32(at(policyLayout.budgetWindowMs), true), 60_000);
  own(policy);
});

test('without one it finds none', () => {
  const { kernel, own } = slotsAndKernel();
  own(policy);
  assert.equal(kernel.getUint32(at(policyLayout.budgetKills), true), 0);
});

test('what the kernel demoted is told of once, and stays so while others change', () => {
  const { slots, own, demote, modeNow } = slotsAndKernel();
  own(budgeted);
  assert.deepEqual(slots.takeDemoted(), []);
  demote();
  assert.deepEqual(
    slots.takeDemoted().map(({ slot }) => slot),
    [SLOT],
  );
  assert.deepEqual(slots.takeDemoted(), []);
  own(budgeted);
  assert.deepEqual([modeNow(), slots.demotedNs(SLOT)], [mode.monitor, 99n]);
});

test('the next agent finds it so, and does not tell of it again', () => {
  const { slots, own, demote, kernel } = slotsAndKernel();
  own(budgeted);
  demote();
  slots.takeDemoted();
  const next = new PolicySlots({ mapMemory: () => ({ buffer: kernel.buffer, [Symbol.dispose]: () => undefined }) });
  next.restore([{ policy: budgeted, slot: SLOT, incarnation: 7 }]);
  next.own([next.write({ policy: budgeted, slot: SLOT }, 8)]);
  assert.equal(next.demotedNs(SLOT), 99n);
  assert.deepEqual(next.takeDemoted(), []);
});

for (const value of ['enforce', 'monitor'] as const) {
  test(`somebody sets the mode to ${value}: it is demoted no more, and its window begins anew`, () => {
    const { slots, own, demote, kernel, modeNow } = slotsAndKernel();
    own(budgeted);
    demote();
    slots.takeDemoted();
    slots.setMode(budgeted, value);
    assert.deepEqual([modeNow(), slots.demotedNs(SLOT)], [mode[value], undefined]);
    assert.equal(kernel.getBigUint64(at(policyLayout.budgetSpent), true), 0n);
    demote();
    assert.equal(slots.takeDemoted().length, 1, 'the next time is told of again');
  });
}

test('a policy in monitor mode is not demoted', () => {
  const { slots, own } = slotsAndKernel();
  own({ ...budgeted, mode: 'monitor' });
  assert.equal(slots.demotedNs(SLOT), undefined);
});
