/** Which events a subscriber asks for. */
import type { Event, Workload } from '#events';
import { LISTS, type ListName } from './events-query.ts';
import { labelSelector } from './label-selector.ts';
import type { EventForm, EventPort } from './ports.ts';
import { RequestRefused } from './request-refused.ts';

/** Kinds that can be asked for; what is not among them, as a loss, is told to everybody. */
export const filteredKinds: readonly string[] = ['exec', 'exit', 'lsm', 'kprobe', 'tracepoint'];

const VALUES_MAX = 64;
const VALUE_LENGTH_MAX = 253; // of a name in Kubernetes
const SELECTOR_LENGTH_MAX = 4096;

const PARAMETERS: readonly string[] = ['format', 'colour', 'timestamps', ...Object.keys(LISTS)];

/**
 * Regular expressions of names that take no time to speak of: letters, digits, `-`, `.`, `|`, `^`, `$` and a few `.*`.
 */
const NAME_PATTERN = /^[a-z0-9.|^$-]*(?:\.\*[a-z0-9.|^$-]*){0,4}$/;

export function formOf(query: URLSearchParams): EventForm {
  const unknown = [...query.keys()].find((name) => !PARAMETERS.includes(name));
  if (unknown !== undefined) throw new RequestRefused(400, `events are not filtered by ${JSON.stringify(unknown)}`);
  const format = query.get('format') ?? 'json';
  if (format === 'json') return { format };
  if (format !== 'compact') throw new RequestRefused(400, 'the format of events is json or compact');
  return { format, colour: query.get('colour') === 'true', timestamps: query.get('timestamps') === 'true' };
}

/** One who asks for the events of a pod is told where they have none. */
export function filterOf(query: URLSearchParams, { workloadOf }: Pick<EventPort, 'workloadOf'>): Test {
  if (workloadOf === undefined && asksForPods(query)) {
    throw new RequestRefused(400, 'this agent does not know the pods of its node');
  }
  const byWorkload = workloadTests(query, workloadOf ?? (() => undefined));
  const tests = [kindTest(query), policyTest(query), ...byWorkload].filter((test) => test !== undefined);
  return (event) => !filteredKinds.includes(event.kind) || tests.every((test) => test(event));
}

type Test = (event: Event) => boolean;
type WorkloadOf = (event: Event) => Workload | undefined;

/** Undefined: not asked for. */
function valuesOf(query: URLSearchParams, name: ListName): readonly string[] | undefined {
  const values = query.getAll(name);
  const lengthMax = name === 'labels' ? SELECTOR_LENGTH_MAX : VALUE_LENGTH_MAX;
  if (values.length > VALUES_MAX) throw new RequestRefused(400, `more than ${VALUES_MAX} values for ${name}`);
  if (values.some(({ length }) => length > lengthMax)) {
    throw new RequestRefused(400, `a value for ${name} is longer than ${lengthMax}`);
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

/** An event of no pod has the namespace ""; it has no name, and no labels. */
function workloadTests(query: URLSearchParams, workloadOf: WorkloadOf): readonly (Test | undefined)[] {
  const namespaces = valuesOf(query, 'namespace');
  const selectors = valuesOf(query, 'labels')?.map(labelSelector);
  return [
    namespaces && ((event) => namespaces.includes(workloadOf(event)?.pod?.namespace ?? '')),
    patternTest(query, 'namespace-regex', (event) => workloadOf(event)?.pod?.namespace),
    patternTest(query, 'pod', (event) => workloadOf(event)?.pod?.name),
    patternTest(query, 'container', (event) => workloadOf(event)?.container.name),
    selectors &&
      ((event) => {
        const labels = workloadOf(event)?.pod?.labels;
        return labels !== undefined && selectors.some((selects) => selects(labels));
      }),
  ];
}

function patternTest(
  query: URLSearchParams,
  parameter: ListName,
  nameOf: (event: Event) => string | undefined,
): Test | undefined {
  const patterns = valuesOf(query, parameter)?.map(patternOf);
  if (patterns === undefined) return undefined;
  return (event) => {
    const name = nameOf(event);
    return name !== undefined && patterns.some((pattern) => pattern.test(name));
  };
}

function asksForPods(query: URLSearchParams): boolean {
  const byPod: readonly ListName[] = ['namespace-regex', 'pod', 'container', 'labels'];
  return byPod.some((name) => query.has(name)) || query.getAll('namespace').some((each) => each !== '');
}

function patternOf(text: string): RegExp {
  if (NAME_PATTERN.test(text)) return new RegExp(text);
  throw new RequestRefused(400, `${JSON.stringify(text)} is no pattern of names: letters, digits, - . .* | ^ $`);
}
