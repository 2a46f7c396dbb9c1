/** What every test of a denial asserts: nothing was obtained, and the event tells the whole story. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Agent } from './agent.ts';
import { type JsonEvent, type JsonLsm, pathsOf } from './event.ts';
import { attack, type Outcome } from './intruder.ts';
import type { KnownFile, Scene } from './scene.ts';

/** The agent's clock was set once, in milliseconds, when it started. */
const CLOCK_SLACK_MS = 2;

export type Expected = {
  readonly scene: Scene;
  readonly way: string;
  readonly policy: string;
  readonly hook: string;
  /** What the policy does when it is enforced. */
  readonly action: 'kill' | 'deny';
  /** The first argument of the process, when that is not the way. */
  readonly argument?: string;
  /** As the event tells it: a path that ends in another name when the way gave the file one. */
  readonly path?: string;
  /** What a denied call returns. */
  readonly error?: string;
};

/** Not one byte; each attempt ended in the way that the policy says. */
export function checkNothingObtained(
  { report, evidence, sightings }: Outcome,
  { action, error = 'EPERM' }: Expected,
): void {
  assert.ok(report.attempts > 0, 'the intruder made an attempt');
  assert.deepEqual(
    { secrets: report.secrets, evidence: evidence.some((byte) => byte & 0x80), sightings: sightings ?? 0 },
    { secrets: 0, evidence: false, sightings: 0 },
    `a byte of the secret came through: ${JSON.stringify(report)}`,
  );
  if (action === 'kill') assert.ok(report.killed > 0, `killed: ${JSON.stringify(report)}`);
  else
    assert.deepEqual(
      report.errors,
      { [error]: report.attempts },
      'each attempt was refused with the errno of the policy',
    );
}

/** The control: with enforcement off the same attempt gets the content. Without it a denial proves nothing. */
export function checkObtained({ report, evidence }: Outcome, content: Buffer): void {
  assert.ok(report.attempts > 0, 'the intruder made an attempt');
  assert.ok(report.secrets > 0, `the control obtains the secret: ${JSON.stringify(report)}`);
  assert.equal(report.killed, 0, 'nothing is killed');
  assert.ok(evidence.length > 0 && evidence.equals(content.subarray(0, evidence.length)), 'it is the very content');
}

/** Waits for an event of each attempt and checks who, parent, arguments, file, policy, action and verdict. */
export async function checkEvents(agent: Agent, outcome: Outcome, expected: Expected, verdict: Verdict): Promise<void> {
  const wanted = await agent.eventsWhere(
    `${verdict} by ${expected.policy}: ${expected.way}`,
    (event) => isAbout(event, outcome, expected) && event.ringfence?.verdict === verdict,
    outcome.report.attempts,
  );
  for (const event of wanted) checkStory(event.process_lsm ?? {}, outcome, expected);
}

export type Verdict = 'killed' | 'denied' | 'would';

export function verdictOf(action: 'kill' | 'deny', enforced: boolean): Verdict {
  if (!enforced) return 'would';
  return action === 'kill' ? 'killed' : 'denied';
}

function isAbout(event: JsonEvent, { pid, startedMs }: Outcome, { policy, hook }: Expected): boolean {
  const lsm = event.process_lsm;
  return (
    lsm?.policy_name === policy &&
    lsm.function_name === hook &&
    lsm.parent?.pid === pid &&
    Date.parse(event.time ?? '') >= startedMs - CLOCK_SLACK_MS
  );
}

/** The supervisor forks each attempt: the process is its child, with its binary and arguments. */
function checkStory(lsm: JsonLsm, { pid }: Outcome, { scene, way, argument = way, action, path }: Expected): void {
  assert.equal(lsm.process?.binary, scene.intruder);
  assert.match(lsm.process?.arguments ?? '', new RegExp(`^${argument} .*--leak `));
  assert.equal(lsm.process?.uid, 0);
  assert.equal(lsm.parent?.pid, pid, 'the parent is the supervisor');
  assert.equal(lsm.parent?.binary, scene.intruder);
  assert.equal(lsm.action, action === 'kill' ? 'KPROBE_ACTION_SIGKILL' : 'KPROBE_ACTION_OVERRIDE');
  if (path !== undefined) assert.deepEqual(pathsOf(lsm), [path]);
}

/** Whoever is not concerned is left alone: any process with the file beside it, the allowed program with the secret. */
export async function checkOthersUntouched(
  scene: Scene,
  allowed: { readonly secret: KnownFile } | undefined,
): Promise<void> {
  assert.deepEqual(readFileSync(scene.neighbour.path), scene.neighbour.content);
  const { report } = await attack(scene, { way: 'openat', path: scene.neighbour.path });
  assert.deepEqual({ obtained: report.obtained, errors: report.errors }, { obtained: 1, errors: {} });
  if (allowed === undefined) return;
  const read = await attack(scene, { way: 'openat', path: allowed.secret.path, program: scene.reader });
  assert.equal(read.report.secrets, 1, 'the allowed program reads the secret');
  assert.deepEqual(read.evidence, allowed.secret.content);
}
