/**
 * Random policies on real hooks, and real calls of them: what the kernel does, and what is told, must be what the
 * plain meaning of the policies says of what an observer of its own saw. RINGFENCE_SEED repeats a run,
 * RINGFENCE_POLICIES and RINGFENCE_CALLS make it longer.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hasErrors, renderDiagnostic } from '#diagnostics';
import type { PolicyEvent } from '#events';
import type { Answer } from '../differential/caller.ts';
import { type Call, makeCalls, makeWho } from '../differential/calls.ts';
import { realHooks } from '../differential/hooks.ts';
import { Judge, type Outcome } from '../differential/judge.ts';
import { PolicySource, type RandomPolicy } from '../differential/policies.ts';
import { poolsFor } from '../differential/pools.ts';
import { CallScene } from '../differential/scene.ts';
import { type Plan, type Played, Stage } from '../differential/stage.ts';
import { Random } from '../property/random.ts';
import { seed, setting } from '../property/setting.ts';

const policyCount = setting('RINGFENCE_POLICIES', 200);
const callCount = setting('RINGFENCE_CALLS', 50);

/** Of policies that enforce fewer are loaded at once: what one denies, the hooks behind it do not see. */
const batchSizes = { monitor: 50, enforce: 20 } as const;
type Mode = keyof typeof batchSizes;
type Batch = { readonly mode: Mode; readonly size: number };

/** Batches of both modes in turn, until each has had half of the policies. */
function batches(): readonly Batch[] {
  const left = { monitor: Math.ceil(policyCount / 2), enforce: Math.floor(policyCount / 2) };
  const made: Batch[] = [];
  for (const mode of ['monitor', 'enforce'] as const) {
    for (let rest = left[mode]; rest > 0; rest -= batchSizes[mode]) {
      made.push({ mode, size: Math.min(rest, batchSizes[mode]) });
    }
  }
  return made;
}

describe('policies on real hooks', () => {
  test(`mean what they say: RINGFENCE_SEED=${seed}`, async (context) => {
    const random = new Random(seed);
    const scene = new CallScene();
    const stage = await Stage.open(scene);
    const seen = { evaluations: 0, matched: 0, told: 0, denied: 0, killed: 0, signalled: 0, observed: 0 };
    const hooks = new Set<string>();
    const differences: string[] = [];
    try {
      const judge = new Judge(stage);
      const source = new PolicySource(poolsFor(stage, scene, callCount), random);
      const runs: (Batch & { plan: Plan; control: readonly Answer[] })[] = [];
      for (const batch of batches()) {
        const plan = planCalls(scene, random);
        runs.push({ ...batch, plan, control: await stage.control(plan) });
      }
      for (const { mode, size, plan, control } of runs) {
        const policies = Array.from({ length: size }, () => source.next(mode));
        const { diagnostics } = stage.install(policies);
        assert.ok(
          !hasErrors(diagnostics),
          diagnostics
            .filter((each) => hasErrors([each]))
            .map(renderDiagnostic)
            .join('\n'),
        );
        for (const [index, played] of (await stage.play(plan)).entries()) {
          const outcome = judge.judge(policies, played.who, played.sightings);
          const difference = compare(played, control[index], outcome);
          if (difference !== undefined) differences.push(`${difference}\n${textsOf(difference, policies)}`);
          seen.evaluations += size;
          seen.observed += played.sightings.length;
          seen.matched += outcome.matched.length;
          for (const name of outcome.matched) hooks.add(name);
          seen.told += played.events.length;
          seen.denied += outcome.error === undefined ? 0 : 1;
          seen.killed += played.answer.endedBy === 0 ? 0 : 1;
          seen.signalled += played.answer.signals === '0' ? 0 : 1;
        }
      }
    } finally {
      await stage.close();
      scene.remove();
    }
    const silent = realHooks.map(({ name }) => name).filter((name) => !hooks.has(name));
    context.diagnostic(`${JSON.stringify(seen)}, no match on: ${silent.join(', ') || 'none'}`);
    assert.equal(differences.length, 0, `RINGFENCE_SEED=${seed}\n${differences.slice(0, 3).join('\n')}`);
    assert.ok(seen.matched > seen.evaluations / 100 && seen.told > 0 && seen.denied > 0 && seen.killed > 0);
  });
});

function planCalls(scene: CallScene, random: Random): Plan {
  const deck = makeCalls(scene);
  const calls: readonly Call[] = Array.from({ length: Math.ceil(callCount / deck.length) }, () =>
    random.shuffled(deck),
  ).flat();
  return calls.slice(0, callCount).map((call, index) => ({ call, who: makeWho(call, index, scene, random) }));
}

/** What was seen from outside, against what was to be. `control`: the same call with no policy. */
function compare(
  { call, who, answer, events, sightings }: Played,
  control: Answer | undefined,
  wanted: Outcome,
): string | undefined {
  const result = wanted.killed ? undefined : (wanted.error ?? control?.result);
  const expected = {
    returned: !wanted.killed,
    result,
    endedBy: wanted.killed ? 9 : 0,
    signals: wanted.killed ? 0n : wanted.signals,
    told: wanted.told,
  };
  const actual = {
    returned: answer.returned,
    result: answer.returned ? answer.result : undefined,
    endedBy: answer.endedBy,
    signals: wanted.killed ? 0n : BigInt(answer.signals),
    told: events.map(lineOf).sort(),
  };
  try {
    assert.deepEqual(actual, expected);
    return undefined;
  } catch (error) {
    const place = `${call.name} by ${who.line.split(';')[0]}`;
    const saw = sightings.map((each) => JSON.stringify(each, shown)).join('\n');
    return `${place}\n${error instanceof Error ? error.message : error}\nseen:\n${saw}`;
  }
}

function lineOf(event: PolicyEvent): string {
  const { hook, selector, verdict, errno, unreadable } = event;
  return `${hook.policyName} selector ${selector} ${verdict} errno ${errno}${unreadable ? ' undecided' : ''}`;
}

/** The policies that a difference names. */
function textsOf(difference: string, policies: readonly RandomPolicy[]): string {
  const names = new Set(difference.match(/random-\d+/g));
  return policies.flatMap(({ policy, text }) => (names.has(policy.name) ? [text] : [])).join('\n');
}

function shown(_: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value;
}
