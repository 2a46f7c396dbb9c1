/**
 * Whether policies enforce from the start: decided from what the last start left, and from what the operator asks for.
 *
 * The guard is against a policy that makes a machine unusable each time it boots. After a boot policies only watch for
 * a while: time to log in. Then they enforce; a boot that dies before they have done so for as long again is taken to
 * have died of them, and the next one only watches, until a human says otherwise. An agent that is started again within
 * one boot gets no new time to watch: who could end it again and again would hold the fence open.
 */
import { assertNever } from '#std';

/** How far a boot came. `watching` and `enforcing` begin at the noted time, on the clock that starts with the boot. */
export type Phase = 'watching' | 'enforcing' | 'survived';

export type Journal = {
  readonly bootId: string;
  readonly phase: Phase;
  readonly sinceMs: number;
  /** The agent was stopped in good order: what came later is not of its making. */
  readonly stopped: boolean;
  /** Policies only watch until a human clears it: this boot died. */
  readonly heldFor: string | undefined;
};

/** What was found of it. */
export type FoundJournal =
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'found'; readonly journal: Journal };

export type BreakGlass = { readonly kind: 'argument' } | { readonly kind: 'file'; readonly path: string };

export type Situation = {
  readonly breakGlass: BreakGlass | undefined;
  readonly journal: FoundJournal;
  readonly bootId: string;
  /** Since the boot. */
  readonly nowMs: number;
  /** 0: the guard is switched off. */
  readonly guardMs: number;
};

export type Decision = {
  /**
   * `off`: nothing is attached. `held`: policies only watch until a human clears it. `monitor-until`: they only watch
   * up to a time.
   */
  readonly enforcement: 'off' | 'held' | 'monitor-until' | 'enforce';
  /** For `monitor-until`: on the clock that starts with the boot. */
  readonly untilMs: number | undefined;
  /** A sentence without its end. */
  readonly reason: string;
};

/** A machine that has been up for so long is not booting: somebody starts the agent. */
export const BOOTING_MS = 10 * 60_000;

export function decide(situation: Situation): Decision {
  const { breakGlass, journal, guardMs } = situation;
  if (breakGlass !== undefined) return { enforcement: 'off', untilMs: undefined, reason: breakGlassReason(breakGlass) };
  if (guardMs === 0) return enforce('the start guard is switched off');
  switch (journal.kind) {
    case 'none':
      return afterGoodBoot(situation, 'this is the first start');
    case 'unreadable':
      return watch(situation.nowMs, guardMs, 'what the last start left can not be read');
    case 'found':
      return byJournal(journal.journal, situation);
    default:
      return assertNever(journal);
  }
}

function breakGlassReason(breakGlass: BreakGlass): string {
  return breakGlass.kind === 'argument'
    ? 'the kernel argument ringfence=off'
    : `the break-glass file ${breakGlass.path}`;
}

function byJournal(journal: Journal, situation: Situation): Decision {
  const { bootId, guardMs } = situation;
  if (journal.heldFor !== undefined) return held(journal.heldFor);
  if (journal.bootId !== bootId) {
    if (journal.phase !== 'survived' && !journal.stopped) return held(journal.bootId);
    return afterGoodBoot(situation, 'the machine has booted');
  }
  if (journal.phase !== 'watching') return enforce('policies enforced in this boot before');
  const untilMs = journal.sinceMs + guardMs;
  if (situation.nowMs >= untilMs) return enforce('the time to watch after the boot is over');
  return { enforcement: 'monitor-until', untilMs, reason: 'the machine has booted' };
}

function held(bootId: string): Decision {
  const reason = `boot ${bootId} died soon after policies were attached`;
  return { enforcement: 'held', untilMs: undefined, reason };
}

function afterGoodBoot({ nowMs, guardMs }: Situation, reason: string): Decision {
  if (nowMs >= BOOTING_MS) return enforce('the machine has been up for long');
  return watch(nowMs, guardMs, reason);
}

function watch(nowMs: number, guardMs: number, reason: string): Decision {
  return { enforcement: 'monitor-until', untilMs: nowMs + guardMs, reason };
}

export function enforce(reason: string): Decision {
  return { enforcement: 'enforce', untilMs: undefined, reason };
}

/** What is to be noted before anything is attached, so that the next boot knows how this one ended. */
export function journalOf(decision: Decision, { journal, bootId, nowMs }: Situation): Journal {
  const earlier = journal.kind === 'found' ? journal.journal : undefined;
  const same = earlier?.bootId === bootId ? earlier : undefined;
  const heldFor = decision.enforcement === 'held' ? (earlier?.heldFor ?? earlier?.bootId) : undefined;
  const begins: Phase = decision.enforcement === 'enforce' ? 'enforcing' : 'watching';
  const goesOn = same !== undefined && !(begins === 'enforcing' && same.phase === 'watching');
  const { phase, sinceMs } = goesOn ? same : { phase: begins, sinceMs: nowMs };
  return { bootId, phase, sinceMs, stopped: false, heldFor };
}

/** What time brings: the end of watching, and later the end of doubt. Undefined when it is not yet there. */
export function advance(
  decision: Decision,
  journal: Journal,
  { nowMs, guardMs }: Pick<Situation, 'nowMs' | 'guardMs'>,
): { readonly decision: Decision; readonly journal: Journal } | undefined {
  if (decision.enforcement === 'monitor-until' && nowMs >= (decision.untilMs ?? 0)) {
    const over = enforce('the time to watch is over');
    return { decision: over, journal: { ...journal, phase: 'enforcing', sinceMs: nowMs } };
  }
  const certain = decision.enforcement === 'enforce' && journal.phase === 'enforcing';
  if (!certain || nowMs - journal.sinceMs < guardMs) return undefined;
  return { decision, journal: { ...journal, phase: 'survived' } };
}
