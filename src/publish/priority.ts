/** Which events keep their place when there is not room for all: verdicts, and what tells of tampering and of losses. */
import { type Event, isPolicyEvent } from '#events';

export function isVerdict(event: Event): boolean {
  if (isPolicyEvent(event)) return event.verdict !== 'match';
  return event.kind === 'held' || event.kind === 'loss' || event.kind === 'tamper' || event.kind === 'demotion';
}
