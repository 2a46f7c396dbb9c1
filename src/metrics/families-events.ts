/** Metrics of events on their way from the kernel to whoever takes them, and of what was lost on it. */
import { byKey, type Family, plain, type Sample } from './family.ts';
import type { AgentNumbers, SinkNumbers } from './numbers.ts';

/** Where the agent itself loses events; each is there from the start, so that the first loss shows as one. */
const STAGES = ['ring', 'decode', 'scratch', 'skipped', 'tamper', 'upgrade'] as const;

export const eventFamilies: readonly Family[] = [
  {
    name: 'ringfence_events_total',
    type: 'counter',
    help: 'Events by type, as they go to all sinks. A demotion is a policy that spent its kill budget, a loss tells of others, tampering is an attempt on what is ours.',
    labels: ['type'],
    read: ({ events }) => byKey('type', events),
  },
  {
    name: 'ringfence_lost_events_total',
    type: 'counter',
    help: 'Events that were lost before they came to a sink: with a full ring; unreadable; without scratch memory; calls that the kernel kept from programs (skipped); attempts that were too many to tell of (tamper); of an agent of another version (upgrade).',
    labels: ['stage'],
    read: ({ losses }) => {
      const counts = new Map(losses.map(({ stage, count }) => [stage, count]));
      return STAGES.map((stage) => ({ labels: { stage }, value: counts.get(stage) ?? 0 }));
    },
  },
  {
    name: 'ringfence_sink_up',
    type: 'gauge',
    help: '1 when the sink takes events, as far as was seen last.',
    labels: ['sink'],
    read: (numbers) => ofSinks(numbers, ({ up }) => (up ? 1 : 0)),
  },
  {
    name: 'ringfence_sink_refused_total',
    type: 'counter',
    help: 'Events that found the queue of a sink full.',
    labels: ['sink'],
    read: (numbers) => ofSinks(numbers, ({ refused }) => refused),
  },
  {
    name: 'ringfence_sink_undelivered_total',
    type: 'counter',
    help: 'Events that a sink did not take: too large, or not permitted.',
    labels: ['sink'],
    read: (numbers) => ofSinks(numbers, ({ undelivered }) => undelivered),
  },
  {
    name: 'ringfence_subscribers',
    type: 'gauge',
    help: 'Commands that follow the events of the agent now.',
    labels: [],
    read: ({ control }) => plain(control.subscribers),
  },
  {
    name: 'ringfence_subscriber_lost_events_total',
    type: 'counter',
    help: 'Events that such commands were too slow for.',
    labels: [],
    read: ({ control }) => plain(control.eventsLost),
  },
  {
    name: 'ringfence_records_total',
    type: 'counter',
    help: 'Records that were read from the rings of the kernel.',
    labels: [],
    read: ({ records }) => plain(records.read),
  },
  {
    name: 'ringfence_records_unknown_policy_total',
    type: 'counter',
    help: 'Of these: of a policy that the agent does not know any more.',
    labels: [],
    read: ({ records }) => plain(records.unknownPolicy),
  },
  {
    name: 'ringfence_ring_bytes',
    type: 'gauge',
    help: 'Size of each ring.',
    labels: ['ring'],
    read: ({ rings }) => rings.map(({ name, bytes }) => ({ labels: { ring: name }, value: bytes })),
  },
  {
    name: 'ringfence_ring_waiting_bytes',
    type: 'gauge',
    help: 'What of it is written, and not read yet.',
    labels: ['ring'],
    read: ({ rings }) => rings.map(({ name, waitingBytes }) => ({ labels: { ring: name }, value: waitingBytes })),
  },
  {
    name: 'ringfence_skipped_calls_total',
    type: 'counter',
    help: 'Calls that the kernel kept from the programs that are attached now, as they ran on that CPU already, by hook.',
    labels: ['hook'],
    read: ({ skippedCalls }) =>
      Array.from(skippedCalls, ([hook, count]) => ({ labels: { hook }, value: Number(count) })),
  },
  {
    name: 'ringfence_scratch_refused_total',
    type: 'counter',
    help: 'Calls that found no scratch memory: their policies failed as they are told to. This and what follows is since the base sensor was loaded.',
    labels: [],
    read: ({ kernel }) => plain(kernel.scratchRefused),
  },
  {
    name: 'ringfence_paths_unstable_total',
    type: 'counter',
    help: 'Paths that changed each time that they were read.',
    labels: [],
    read: ({ kernel }) => plain(kernel.pathUnstable),
  },
  {
    name: 'ringfence_processes_late_total',
    type: 'counter',
    help: 'Processes whose state was made at their first call, not when they began.',
    labels: [],
    read: ({ kernel }) => plain(kernel.processLate),
  },
  {
    name: 'ringfence_processes_refused_total',
    type: 'counter',
    help: 'Processes that the kernel had no memory to keep the state of.',
    labels: [],
    read: ({ kernel }) => plain(kernel.processRefused),
  },
];

function ofSinks({ sinks }: AgentNumbers, value: (sink: SinkNumbers) => number): readonly Sample[] {
  return sinks.map((sink) => ({ labels: { sink: sink.name }, value: value(sink) }));
}
