/** Which events a subscriber asks for. */
import type { Event } from '#events';
import type { EventForm, EventPort, Pod } from './ports.ts';
import type { EventsQuery } from './protocol.ts';
import { RequestRefused } from './request-refused.ts';

/** Kinds that can be asked for; what is not among them, as a loss, is told to everybody. */
export const filteredKinds: readonly string[] = ['exec', 'exit', 'lsm', 'kprobe', 'tracepoint'];

const VALUES_MAX = 64;
const VALUE_LENGTH_MAX = 253; // of a name in Kubernetes

const PARAMETERS = ['format', 'colour', 'timestamps', 'kind', 'policy', 'namespace', 'pod'];

/**
 * Regular expressions of names that take no time to speak of: letters, digits, `-`, `.`, `|`, `^`, `$` and a few `.*`.
 */
const POD_PATTERN = /^[a-z0-9.|^$-]*(?:\.\*[a-z0-9.|^$-]*){0,4}$/;

export function eventsPath({ format, colour, timestamps, kinds, policies, namespaces, pods }: EventsQuery): string {
  const query = new URLSearchParams({ format });
  if (colour === true) query.set('colour', 'true');
  if (timestamps === true) query.set('timestamps', 'true');
  for (const kind of kinds ?? []) query.append('kind', kind);
  for (const policy of policies ?? []) query.append('policy', policy);
  for (const namespace of namespaces ?? []) query.append('namespace', namespace);
  for (const pod of pods ?? []) query.append('pod', pod);
  return `events?${query}`;
}

export function formOf(query: URLSearchParams): EventForm {
  const unknown = [...query.keys()].find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) throw new RequestRefused(400, `events are not filtered by ${JSON.stringify(unknown)}`);
  const format = query.get('format') ?? 'json';
  if (format === 'json') return { format };
  if (format !== 'compact') throw new RequestRefused(400, 'the format of events is json or compact');
  return { format, colour: query.get('colour') === 'true', timestamps: query.get('timestamps') === 'true' };
}

export function filterOf(query: URLSearchParams, podOf: EventPort['podOf']): (event: Event) => boolean {
  const tests = [kindTest(query), policyTest(query), ...podTests(query, podOf)].filter((test) => test !== undefined);
  return (event) => !filteredKinds.includes(event.kind) || tests.every((test) => test(event));
}

type Test = (event: Event) => boolean;

/** Undefined: not asked for. */
function valuesOf(query: URLSearchParams, name: string): readonly string[] | undefined {
  const values = query.getAll(name);
  if (values.length > VALUES_MAX) throw new RequestRefused(400, `more than ${VALUES_MAX} values for ${name}`);
  if (values.some(({ length }) => length > VALUE_LENGTH_MAX)) {
    throw new RequestRefused(400, `a value for ${name} is longer than ${VALUE_LENGTH_MAX}`);
  }
  return values.length === 0 ? undefined : values;
}

function kindTest(query: URLSearchParams): Test | undefined {
  const kinds = valuesOf(query, 'kind');
  const unknown = kinds?.find((kind) => !filteredKinds.includes(kind));
  if (unknown !== undefined) throw new RequestRefused(400, `there is no kind of event ${JSON.stringify(unknown)}`);
  return kinds && ((event) => kinds.includes(event.kind));
}

function policyTest(query: URLSearchParams): Test | undefined {
  const policies = valuesOf(query, 'policy');
  return policies && ((event) => 'hook' in event && policies.includes(event.hook.policyName));
}

/** An event of no pod has the namespace "" and no name. */
function podTests(query: URLSearchParams, podOf: EventPort['podOf']): readonly (Test | undefined)[] {
  const namespaces = valuesOf(query, 'namespace');
  const pods = valuesOf(query, 'pod')?.map(patternOf);
  if (podOf === undefined && (pods !== undefined || namespaces?.some((each) => each !== '') === true)) {
    throw new RequestRefused(400, 'this agent does not know the pods of its node');
  }
  const pod = (event: Event): Pod | undefined => podOf?.(event);
  return [
    namespaces && ((event) => namespaces.includes(pod(event)?.namespace ?? '')),
    pods &&
      ((event) => {
        const name = pod(event)?.name;
        return name !== undefined && pods.some((pattern) => pattern.test(name));
      }),
  ];
}

function patternOf(text: string): RegExp {
  if (POD_PATTERN.test(text)) return new RegExp(text);
  throw new RequestRefused(400, `${JSON.stringify(text)} is no pattern of pod names: letters, digits, - . .* | ^ $`);
}
