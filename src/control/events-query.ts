/** How a client says which events it wants: the parameters of a request. */
import type { EventsQuery } from './protocol.ts';

/** What is asked for by the name of the parameter, and by that of the field in a query. */
export const LISTS = {
  kind: 'kinds',
  policy: 'policies',
  namespace: 'namespaces',
  'namespace-regex': 'namespacePatterns',
  pod: 'pods',
  container: 'containers',
  labels: 'labels',
} as const satisfies Readonly<Record<string, keyof EventsQuery>>;

export type ListName = keyof typeof LISTS;

export function eventsPath(asked: EventsQuery): string {
  const query = new URLSearchParams({ format: asked.format });
  if (asked.colour === true) query.set('colour', 'true');
  if (asked.timestamps === true) query.set('timestamps', 'true');
  for (const [name, field] of Object.entries(LISTS)) {
    for (const value of asked[field] ?? []) query.append(name, value);
  }
  return `events?${query}`;
}
