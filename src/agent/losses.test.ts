/** Losses that the kernel counts: told of once, with what an earlier agent has told left out, and seldom asked for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '#events';
import { KernelLosses, type LossPorts } from './losses.ts';

const NOTHING_COUNTED = {
  ...{ pathUnstable: 0n, processLate: 0n, processRefused: 0n },
  ...{ workloadPending: 0n, workloadUnreadable: 0n, execHeld: 0n },
};

function make({ toldBefore = 0n } = {}) {
  const events: Event[] = [];
  const kernel = { scratch: 0n, base: 0n, attached: toldBefore, detached: 0n, asked: 0 };
  const base = {
    told: { scratch: 0n, skipped: toldBefore },
    counts: () => ({ ...NOTHING_COUNTED, scratchRefused: kernel.scratch }),
    skipped: () => kernel.base,
  };
  const sensor = {
    skippedByAttached: () => {
      kernel.asked += 1;
      return kernel.attached;
    },
    get skippedByDetached() {
      return kernel.detached;
    },
  };
  const ports: LossPorts = { nodeName: 'node', base, sensor, publish: (event) => events.push(event) };
  const told = () => events.splice(0).map((event) => event.kind === 'loss' && `${event.count} ${event.stage}`);
  return { kernel, base, told, losses: new KernelLosses(ports) };
}

test('what is new is told of, by place; what programs had skipped that are gone counts on', () => {
  const { kernel, told, losses } = make();
  losses.tell();
  assert.deepEqual(told(), []);
  Object.assign(kernel, { scratch: 2n, base: 1n, attached: 4n });
  losses.tell();
  assert.deepEqual(told(), ['2 scratch', '5 skipped']);
  Object.assign(kernel, { attached: 0n, detached: 4n });
  losses.tell();
  assert.deepEqual(told(), []);
  kernel.attached = 1n;
  losses.tell();
  assert.deepEqual(told(), ['1 skipped']);
});

test('what an earlier agent has told of is not told again', () => {
  const { kernel, base, told, losses } = make({ toldBefore: 7n });
  kernel.attached = 9n;
  losses.tell();
  assert.deepEqual(told(), ['2 skipped']);
  assert.deepEqual(base.told, { scratch: 0n, skipped: 9n });
});

test('with every tick, the programs are asked once a second', () => {
  const { kernel, told, losses } = make();
  for (let nowMs = 0; nowMs < 3000; nowMs += 250) losses.tick(nowMs);
  assert.equal(kernel.asked, 3);
  kernel.attached = 1n;
  losses.tick(3000);
  assert.deepEqual(told(), ['1 skipped']);
});
