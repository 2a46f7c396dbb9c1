/**
 * What a policy means, slow and plain: the compiler's programs are held to this, one observation at a time.
 *
 * Filters have three answers. What cannot be read is neither a match nor none: a selector that enforces then denies
 * (it does not kill: nothing says that this process is the one), a selector that observes is passed over and counted.
 */
import { known } from '#std';
import { type Action, type Hook, isEnforcing, type Policy, type Selector } from './model.ts';
import { type Answer, all, answer } from './semantics-answer.ts';
import { argumentAnswer, type Case, type Machine } from './semantics-argument.ts';
import type { Observation } from './semantics-observation.ts';
import { processAnswer } from './semantics-process.ts';
import { selectsWorkload, type WorkloadSelector } from './workload-selector.ts';

/** What the hook does to the call, and what is told of it. In monitor mode it is told and not done. */
export type Verdict =
  | { readonly kind: 'no-match'; readonly skipped: number }
  | {
      readonly kind: 'match';
      /** Position in the selectors of the hook. */
      readonly selector: number;
      readonly actions: readonly Action[];
      /** What the hook returns; undefined lets the call go on. */
      readonly error: number | undefined;
      readonly kill: boolean;
      /** Another signal than SIGKILL. */
      readonly signal: number | undefined;
      /** Whether it is told: where the call has returned, by what that half says too. */
      readonly post: boolean;
      /** Undefined where the observation has no result. */
      readonly returned: ReturnVerdict | undefined;
      readonly skipped: number;
    }
  | {
      readonly kind: 'unreadable-denied';
      readonly selector: number;
      readonly error: number;
      readonly post: boolean;
      readonly skipped: number;
    };

/** What is done when the call returns; nothing unless the filters on the result hold. */
export type ReturnVerdict = { readonly holds: boolean; readonly kill: boolean; readonly signal: number | undefined };

/** `skipped` above counts the observing selectors that were passed over because something could not be read. */
export type HookVerdict = { readonly hook: Hook; readonly enforced: boolean; readonly verdict: Verdict };

const eperm = -1;
const nowhere: Machine = { identityOf: () => undefined, numberOf: () => undefined };

/** The verdict of the observed hook of the policy. */
export function matches(policy: Policy, observation: Observation, machine: Machine = nowhere): HookVerdict {
  const hook = known(policy.hooks[observation.entry], `hook ${observation.entry}`);
  return { hook, enforced: policy.mode === 'enforce', verdict: judge({ policy, hook, observation, machine }) };
}

/** The first selector that matches wins. */
function judge(at: Case): Verdict {
  let skipped = 0;
  for (const [position, selector] of at.hook.selectors.entries()) {
    const answer = selectorAnswer(selector, at);
    if (answer === 'yes') return matchVerdict(selector, { position, skipped }, at);
    if (answer === 'no') continue;
    if (isEnforcing(selector)) {
      const error = overrideError(selector.actions) ?? eperm;
      return { kind: 'unreadable-denied', selector: position, error, post: posts(selector.actions), skipped };
    }
    skipped += 1;
  }
  return { kind: 'no-match', skipped };
}

function matchVerdict(selector: Selector, place: { position: number; skipped: number }, at: Case): Verdict {
  const { actions } = selector;
  const kill = kills(actions);
  const returned = returnVerdict(selector, at);
  return {
    kind: 'match',
    selector: place.position,
    actions,
    // Killed means denied: the signal alone would let this very call finish. Another signal denies nothing.
    error: overrideError(actions) ?? (kill ? eperm : undefined),
    kill,
    signal: signalOf(actions),
    // What was done at entry stays done, told of or not.
    post: posts(actions) && (returned === undefined || (returned.holds && posts(selector.returnActions))),
    returned,
    skipped: place.skipped,
  };
}

/** The selector was chosen at entry: its filters on the result choose no other one. */
function returnVerdict({ returnArguments, returnActions }: Selector, at: Case): ReturnVerdict | undefined {
  if (at.observation.result === undefined) return undefined;
  const holds = all(returnArguments.map((match) => argumentAnswer(match, at))) === 'yes';
  return { holds, kill: holds && kills(returnActions), signal: holds ? signalOf(returnActions) : undefined };
}

function kills(actions: readonly Action[]): boolean {
  return actions.some(({ kind }) => kind === 'sigkill');
}

function posts(actions: readonly Action[]): boolean {
  return actions.every(({ kind }) => kind !== 'nopost');
}

function signalOf(actions: readonly Action[]): number | undefined {
  return actions.find((action) => action.kind === 'signal')?.signal;
}

function overrideError(actions: readonly Action[]): number | undefined {
  return actions.find((action) => action.kind === 'override')?.error;
}

/** Filters are ANDed. */
function selectorAnswer(selector: Selector, at: Case): Answer {
  const { process, hostNamespaces, workload } = at.observation;
  return all([
    workloadAnswer(at.policy.scope, workload),
    workloadAnswer(selector.workloads, workload),
    processAnswer(selector, process, hostNamespaces),
    ...selector.arguments.map((match) => argumentAnswer(match, at)),
  ]);
}

export function workloadAnswer(selector: WorkloadSelector | undefined, subject: Observation['workload']): Answer {
  if (selector === undefined) return 'yes';
  return subject === 'unreadable' ? 'unknown' : answer(selectsWorkload(selector, subject));
}
