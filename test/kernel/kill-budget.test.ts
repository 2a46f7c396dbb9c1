/** The kill budget: never one kill more than it allows, and then the policy only watches, until somebody sets its mode. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { mode, policyLayout } from '#abi';
import { u32Key } from '#kernel';
import { attackPrograms } from '../attacks/build.ts';
import { type Answer, Fence, openRuntime, parsed, policyOf, Trigger, viewOf } from './harness/index.ts';

const AT_FDCWD = -100;
const HOUR_MS = 3_600_000;

describe('asked for at the same time', () => {
  const SLOT = 9;
  const THREADS = 6;
  const ASKS = 20_000;
  const runtime = openRuntime('selftest.bpf.o');
  after(() => runtime.close());

  function setBudget(kills: number, windowMs: number, spent = 0n): void {
    const policy = new Uint8Array(policyLayout.bytes);
    const view = viewOf(policy);
    view.setUint32(policyLayout.budgetKills, kills, true);
    view.setUint32(policyLayout.budgetWindowMs, windowMs, true);
    view.setBigUint64(policyLayout.budgetSpent, spent, true);
    runtime.map('rf_policies').update(u32Key(SLOT), policy);
  }

  function policyNow() {
    const value = runtime.map('rf_policies').lookup(u32Key(SLOT));
    assert.ok(value);
    const view = viewOf(value);
    return {
      mode: view.getUint32(policyLayout.mode, true),
      demotedNs: view.getBigUint64(policyLayout.demotedNs, true),
      spent: view.getBigUint64(policyLayout.budgetSpent, true),
    };
  }

  /** How often each answer was given, to all threads together. */
  async function ask(threads: number, asks: number) {
    const flag = new Int32Array(new SharedArrayBuffer(4));
    const { fd } = runtime.program('test_budget');
    const workerData = { fd, slot: SLOT, asks, flag };
    const workers = Array.from({ length: threads }, () => {
      return new Worker(new URL('harness/spender.ts', import.meta.url), { workerData });
    });
    const told = (worker: Worker) => new Promise<unknown>((resolve) => worker.once('message', resolve));
    await Promise.all(workers.map(told));
    const answers = workers.map(told);
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
    const all = (await Promise.all(answers)) as { readonly returnValue: number; readonly answers: readonly number[] }[];
    await Promise.all(workers.map((worker) => worker.terminate()));
    for (const { returnValue } of all) assert.equal(returnValue, 0);
    const sum = (at: number) => all.reduce((total, { answers: each }) => total + (each[at] ?? 0), 0);
    return { granted: sum(0), spent: sum(1), demotes: sum(2), unknown: sum(3) };
  }

  test('as many kills as the budget has, and one of the others demotes', async () => {
    setBudget(50_000, HOUR_MS);
    const { granted, spent, demotes, unknown } = await ask(THREADS, ASKS);
    assert.equal(unknown, 0);
    assert.equal(granted, 50_000);
    assert.equal(demotes, 1);
    assert.equal(granted + spent + demotes, THREADS * ASKS);
    const { mode: modeNow, demotedNs, spent: word } = policyNow();
    assert.equal(modeNow, mode.monitor);
    assert.ok(demotedNs > 0n);
    assert.equal(word & 0xf_ffffn, 50_000n);
  });

  test('no more than there is room for in the count', async () => {
    setBudget(1_000_000, HOUR_MS);
    const { granted, demotes } = await ask(2, ASKS);
    assert.deepEqual([granted, demotes], [2 * ASKS, 0]);
    assert.equal(policyNow().spent & 0xf_ffffn, BigInt(2 * ASKS));
  });

  test('without a budget any number', async () => {
    setBudget(0, 0);
    assert.deepEqual(await ask(2, ASKS), { granted: 2 * ASKS, spent: 0, demotes: 0, unknown: 0 });
    assert.deepEqual(policyNow(), { mode: mode.enforce, demotedNs: 0n, spent: 0n });
  });

  test('a window that has ended counts no more', async () => {
    setBudget(10, 1, (1n << 20n) | 10n);
    const { granted, demotes } = await ask(1, 1);
    assert.deepEqual([granted, demotes, policyNow().spent & 0xf_ffffn], [1, 0, 1n]);
  });

  test('a window that is not over does, also when another CPU is ahead', async () => {
    const aheadMs = process.hrtime.bigint() / 1_000_000n + 60_000n;
    setBudget(10, 1000, (aheadMs << 20n) | 10n);
    const { granted, demotes } = await ask(1, 1);
    assert.deepEqual([granted, demotes], [0, 1]);
  });
});

describe('a policy with a budget', () => {
  const KILLS = 3;
  const PROCESSES = 16;
  const directory = mkdtempSync(join(tmpdir(), 'budget-'));
  const secret = join(directory, 'secret');
  const budgeted = (name: string, path: string, budget: string, operator = 'Equal') =>
    policyOf(
      name,
      {
        lsmhooks: [
          {
            hook: 'file_open',
            args: [{ index: 0, type: 'file' }],
            selectors: [{ matchArgs: [{ index: 0, operator, values: [path] }], matchActions: [{ action: 'Sigkill' }] }],
          },
        ],
      },
      { 'ringfence.io/kill-budget': budget },
    );
  let fence: Fence;
  before(() => {
    writeFileSync(secret, 'secret');
    fence = new Fence();
    fence.replace(parsed(budgeted('spender', secret, `${KILLS}/h`)));
  });
  after(() => {
    fence[Symbol.dispose]();
    rmSync(directory, { recursive: true });
  });

  const status = () => {
    const { counts, demoted } = fence.sensor.counts().find(({ name }) => name === 'spender') ?? {};
    return { killed: counts?.killed, demoted };
  };

  /** Each by a process of its own, all at once. */
  async function attempts(count: number): Promise<{ readonly killed: number; readonly opened: number }> {
    const triggers = await Promise.all(Array.from({ length: count }, () => Trigger.start(attackPrograms.trigger)));
    const answers = await Promise.all(triggers.map((trigger) => trigger.call('openat', AT_FDCWD, secret, 0, 0)));
    await Promise.all(triggers.map((trigger) => trigger.stop()));
    const isKilled = (answer: Answer) => answer.kind === 'ended' && answer.signal === 'SIGKILL';
    const isOpened = (answer: Answer) => answer.kind === 'returned' && answer.error === undefined;
    return { killed: answers.filter(isKilled).length, opened: answers.filter(isOpened).length };
  }

  test('kills as many as it may, and lets the others be', async () => {
    assert.deepEqual(await attempts(PROCESSES), { killed: KILLS, opened: PROCESSES - KILLS });
    assert.deepEqual(status(), { killed: BigInt(KILLS), demoted: true });
    const told = fence.takeEvents();
    const of = (verdict: string) => told.filter((event) => event.verdict === verdict);
    assert.deepEqual([of('killed').length, of('would').length], [KILLS, PROCESSES - KILLS]);
    assert.equal(told.filter(({ demoted }) => demoted).length, 1);
    assert.ok(of('would').every((event) => event.mode === 'monitor'));
    assert.deepEqual(
      fence.sensor.takeDemoted().map(({ policy }) => policy.name),
      ['spender'],
    );
  });

  test('stays so while other policies come', async () => {
    fence.replace(parsed(budgeted('spender', secret, `${KILLS}/h`), budgeted('other', '/srv/other', '1/s')));
    assert.deepEqual(status(), { killed: BigInt(KILLS), demoted: true });
    assert.deepEqual(await attempts(1), { killed: 0, opened: 1 });
    assert.deepEqual(fence.sensor.takeDemoted(), []);
  });

  test('kills again once somebody has set its mode', async () => {
    fence.sensor.setMode({ name: 'spender', namespace: undefined }, 'enforce');
    assert.equal(status().demoted, false);
    assert.deepEqual(await attempts(KILLS + 1), { killed: KILLS, opened: 1 });
    assert.equal(status().demoted, true);
  });

  test('or has changed it', async () => {
    fence.replace(parsed(budgeted('spender', secret, `${KILLS + 1}/h`)));
    assert.deepEqual(await attempts(KILLS + 2), { killed: KILLS + 1, opened: 1 });
  });

  test('is not demoted by what comes in a later window', async () => {
    fence.replace(parsed(budgeted('spender', secret, '1/s')));
    for (let round = 0; round < 3; round += 1) {
      assert.deepEqual(await attempts(1), { killed: 1, opened: 0 });
      await delay(1_100);
    }
    assert.equal(status().demoted, false);
  });
});
