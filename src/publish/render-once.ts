/** One rendering for all publishers: the fan-out gives an event to each of them before it goes on to the next. */
import type { Event } from '#events';

/** Remembers the last event only. */
export function renderOnce(render: (event: Event) => string): (event: Event) => string {
  let last: { readonly event: Event; readonly text: string } | undefined;
  return (event) => {
    if (last?.event !== event) last = { event, text: render(event) };
    return last.text;
  };
}
