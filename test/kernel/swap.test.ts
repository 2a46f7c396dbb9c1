/**
 * Policies are replaced while threads attack without a pause: at no moment is nothing enforced, and each call is told
 * of once. RINGFENCE_SWAP_LONG=1: several times as many.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import type { PolicyEvent } from '#events';
import type { Policy } from '#policy';
import { known } from '#std';
import { Fence, type HookSpec, parsed, policyOf, policyText, Scene, Siege, type SiegeCounts } from './harness/index.ts';

const long = process.env.RINGFENCE_SWAP_LONG === '1';
const REPLACEMENTS = long ? 50 : 10;
/** With a gap, until an attack gets through. */
const BROKEN_REPLACEMENTS_MAX = 50;
const ATTEMPTS = 100_000;
/** The runner's word, for which guests are made so. */
const preemptsFully = process.env.RINGFENCE_PREEMPT === 'full';
/** More than there are CPUs. */
const THREADS = 6;
const PROCESSES = 2;

const scene = new Scene('tmpfs');
const denied = scene.secret;
const killed = scene.addSecret();
const program = scene.copyProgram('siege', join(scene.scratch, 'caller'));
after(() => scene.remove());

function guarding(name: string, path: string, action: 'Sigkill' | { readonly override: number }): string {
  return policyText({ name, hooks: ['file_open'], rules: [{ paths: [path], action }] });
}

const own = parsed(guarding('denied', denied.path, { override: 1 }), guarding('killed', killed.path, 'Sigkill'));
const [first = [], second = []] = ['first', 'second'].map((name) =>
  parsed(guarding(name, join(scene.directory, name), { override: 1 })),
);

/** The same again, others before and behind it, others gone. */
const sets: readonly (readonly Policy[])[] = [own, own, [...first, ...own], [...second, ...own, ...first], own];

describe('an attack that does not stop', () => {
  let fence: Fence;
  let opening: Siege;
  let killing: Siege;
  before(async () => {
    fence = new Fence();
    fence.replace(own);
    opening = await Siege.start({ way: 'open', threads: THREADS, path: denied.path });
    killing = await Siege.start({ way: 'kill', threads: PROCESSES, path: killed.path });
  });
  after(async () => {
    await opening[Symbol.asyncDispose]();
    await killing[Symbol.asyncDispose]();
    fence[Symbol.dispose]();
  });

  test(`${REPLACEMENTS} replacements: nothing is opened, and each process is killed`, async (t) => {
    const inside = attemptsInside(t, fence, opening);
    for (let done = 0; done < REPLACEMENTS || opening.counts.attempts < ATTEMPTS; done += 1) {
      const set = known(sets[done % sets.length], 'set of policies');
      if (done < REPLACEMENTS) inside.during(() => fence.replace(set));
      else await opening.goOn(ATTEMPTS / 100);
    }
    t.diagnostic(
      `${opening.counts.attempts} attempts, of these ${inside.replacing} while policies were replaced, ${inside.swapping} while programs of two sets were attached; ${killing.counts.attempts} processes`,
    );
    assert.ok(inside.swapping > 0 && inside.replacing > inside.swapping, 'the attack went on meanwhile');
    assert.ok(killing.counts.attempts > REPLACEMENTS);
    for (const { counts } of [opening, killing]) {
      const { successes, survivors, unexpected } = counts;
      assert.deepEqual({ successes, survivors, unexpected }, { successes: 0, survivors: 0, unexpected: 0 });
    }
  });

  test('the control: replaced by nothing first, both attacks succeed', async () => {
    for (let done = 0; done < BROKEN_REPLACEMENTS_MAX && !bothSucceeded(); done += 1) {
      fence.replace([]);
      fence.replace(own);
    }
    assert.ok(bothSucceeded(), JSON.stringify([opening.counts, killing.counts]));
  });

  const bothSucceeded = () => opening.counts.successes > 0 && killing.counts.successes > 0;
});

/** Counts attempts that ended while policies were replaced, and from the first new program to the last old one. */
function attemptsInside(t: TestContext, fence: Fence, siege: Siege) {
  const inside = { replacing: 0, swapping: 0, during };
  let swapBegan = 0;
  const begin = fence.base.beginSwap.bind(fence.base);
  t.mock.method(fence.base, 'beginSwap', (epoch: number) => {
    swapBegan = siege.counts.attempts;
    begin(epoch);
  });
  function during(replace: () => void): void {
    const before = siege.counts.attempts;
    replace();
    const { attempts } = siege.counts;
    inside.replacing += attempts - before;
    inside.swapping += attempts - swapBegan;
  }
  return inside;
}

const FAR = 0x5_0000_0000; // test/attacks/siege.c
const NOWHERE = '/nowhere/';
const RANGE = 1_000_000;
const PAUSE_MICROSECONDS = 50_000;
const CALLERS = 3;
const LATER_CALLS = 300;

type Kind = {
  readonly list: 'lsmhooks' | 'kprobes' | 'tracepoints';
  readonly hook: HookSpec;
  readonly selector?: object;
  /** What the number of a call is, by the number that is told. */
  readonly number?: (told: number) => number;
  /** Which calls get there; all, unless said. */
  readonly concerns?: (number: number) => boolean;
};

const isOdd = (number: number) => number % 2 === 1;
const far = { index: 1, operator: 'GT', values: [`${FAR}`] };
const how = { index: 1, type: 'int' };
const fromFar = (told: number) => told - FAR;

const kinds: Readonly<Record<string, Kind>> = {
  'lsm-deny': {
    ...{ list: 'lsmhooks', hook: { hook: 'socket_shutdown', args: [how] }, concerns: isOdd },
    selector: {
      matchArgs: [{ index: 1, operator: 'Mask', values: ['1'] }],
      matchActions: [{ action: 'Override', argError: -1 }],
    },
  },
  'lsm-post': { list: 'lsmhooks', hook: { hook: 'socket_shutdown', args: [how] } },
  // behind the LSM hook, which lets even numbers through
  function: {
    ...{ list: 'kprobes', hook: { call: 'inet_shutdown', syscall: false, args: [how] } },
    concerns: (number) => !isOdd(number),
  },
  syscall: { list: 'kprobes', hook: { call: 'sys_shutdown', args: [how] } },
  tracepoint: {
    list: 'tracepoints',
    hook: { subsystem: 'syscalls', event: 'sys_enter_shutdown', args: [{ index: 6, type: 'uint64' }] },
  },
  'raw-tracepoint': {
    ...{ list: 'tracepoints', selector: { matchArgs: [far] }, number: fromFar },
    hook: { subsystem: 'raw_syscalls', event: 'sys_exit', raw: true, args: [{ index: 1, type: 'int64' }] },
  },
  // told when it returns, of what is still there then
  return: {
    ...{ list: 'kprobes', selector: { matchArgs: [far] }, number: fromFar },
    hook: {
      ...{ call: 'sys_lseek', return: true, returnArg: { index: 0, type: 'int64' } },
      args: [{ index: 1, type: 'int64' }],
    },
  },
  // read at the entry, and kept until it returns
  'kept-return': {
    ...{ list: 'kprobes', selector: { matchArgs: [{ index: 1, operator: 'Prefix', values: [NOWHERE] }] } },
    hook: {
      ...{ call: 'sys_openat', return: true, returnArg: { index: 0, type: 'int' } },
      args: [{ index: 1, type: 'string' }],
    },
  },
};

const watching = parsed(
  ...Object.entries(kinds).map(([name, { list, hook, selector = {} }]) =>
    policyOf(name, {
      [list]: [{ ...hook, selectors: [{ matchBinaries: [{ operator: 'In', values: [program] }], ...selector }] }],
    }),
  ),
);

/** How often each number was told of, by policy; of `return`, which of them without their return. */
class Told {
  readonly times: ReadonlyMap<string, Map<number, number>> = new Map(
    Object.keys(kinds).map((name) => [name, new Map()]),
  );
  readonly halves: number[] = [];
  total = 0;

  add({ hook: { policyName }, arguments: [argument], returnLost }: PolicyEvent): void {
    const { number = (told: number) => told } = known(kinds[policyName], policyName);
    const one = number(numberIn(argument));
    const times = known(this.times.get(policyName), policyName);
    times.set(one, (times.get(one) ?? 0) + 1);
    if (returnLost) this.halves.push(one);
    this.total += 1;
  }

  /** Of calls that were made: those not told of, and those told of more than once. */
  misfits(name: string, made: readonly SiegeCounts[]) {
    const { concerns = () => true } = known(kinds[name], name);
    const times = known(this.times.get(name), name);
    const numbers = made.flatMap(({ attempts }, thread) =>
      Array.from({ length: attempts }, (_, index) => RANGE * (thread + 1) + index).filter(concerns),
    );
    return {
      lost: numbers.filter((each) => !times.has(each)),
      doubled: [...times].filter(([, count]) => count > 1).map(([each]) => each),
    };
  }
}

/** Each of as many programs as there are kinds. */
const REPLACEMENTS_OF_ALL = long ? 50 : 5;

function numberIn(argument: PolicyEvent['arguments'][number] | undefined): number {
  if (argument !== undefined && 'value' in argument) return Number(argument.value);
  assert.ok(argument?.kind === 'string_arg');
  return Number(argument.text.text.slice(NOWHERE.length));
}

/** While one of their calls is preempted within the program, the kernel skips that for whoever else runs on the CPU. */
const skippable = ['function', 'syscall', 'return', 'kept-return'];
/** A mark counts for a millisecond there: a call that is preempted for longer between two programs is told of twice. */
const byMarkOfTime = ['tracepoint', 'raw-tracepoint'];

describe('what is told', () => {
  test(`${REPLACEMENTS_OF_ALL} replacements: of each call once`, async (t) => {
    using fence = new Fence();
    fence.replace(watching);
    const told = new Told();
    const collect = () => {
      for (const event of fence.takeEvents()) told.add(event);
    };
    const options = { way: 'calls', path: denied.path, first: RANGE, pauseMicroseconds: PAUSE_MICROSECONDS } as const;
    await using calling = await Siege.start({ ...options, program, threads: CALLERS });
    for (let done = 0; done < REPLACEMENTS_OF_ALL; done += 1) {
      fence.replace(watching);
      // every other time the next one comes before this one is settled
      if (done % 2 === 0) fence.sensor.settle(performance.now());
      collect();
    }
    fence.sensor.settle(Number.POSITIVE_INFINITY);
    const before = calling.byThread.map(({ attempts }) => attempts);
    await calling.goOn(LATER_CALLS);
    const made = await calling.stop();
    collect();
    fence.checkNothingLost();
    assert.equal(calling.counts.unexpected, 0, 'calls end as the policies say');
    const later = told.halves.filter((number) => number % RANGE > (before[Math.floor(number / RANGE) - 1] ?? 0));
    t.diagnostic(
      `${calling.counts.attempts} numbers, ${told.total} events; ${told.halves.length} without their return, of these ${later.length} after the last replacement; ${fence.sensor.skipped()} calls skipped`,
    );
    const misfits = Object.keys(kinds).map((name) => ({ name, ...told.misfits(name, made) }));
    for (const { name, lost, doubled } of misfits) {
      if (lost.length + doubled.length > 0) t.diagnostic(`${name}: ${lost.length} lost, ${doubled.length} doubled`);
    }
    if (preemptsFully) {
      const untold = misfits.reduce((sum, { lost }) => sum + lost.length, later.length);
      assert.ok(untold <= fence.sensor.skipped(), `${untold} calls were not told of, and fewer were skipped`);
    } else {
      assert.deepEqual(later, [], 'the return of each call is told of, once the last replacement is over');
    }
    const excused = (name: string, names: readonly string[]) => preemptsFully && names.includes(name);
    for (const { name, lost, doubled } of misfits) {
      if (!excused(name, skippable)) assert.deepEqual(lost, [], `${name}: not told of`);
      if (!excused(name, byMarkOfTime)) assert.deepEqual(doubled, [], `${name}: told of more than once`);
    }
  });
});
