/** What is served: a text that every reader takes, names that say what they are, and labels within bounds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { families } from './families.ts';
import type { AgentNumbers } from './numbers.ts';
import { PendingGap } from './pending-gap.ts';
import { numbers, policy, readText } from './testing.ts';
import { metricsText } from './text.ts';

const all = families.flatMap(([, each]) => each);

async function read(more: Partial<AgentNumbers> = {}) {
  return readText(await metricsText({ ...numbers, ...more }, new PendingGap()));
}

test('names are ours, or those that every process has; counters end as counters do, and nothing is there twice', () => {
  for (const { name, type, help, labels } of all) {
    assert.match(name, /^(ringfence|process)_[a-z_]+$/);
    assert.equal(type === 'counter', name.endsWith('_total'), name);
    assert.match(help, /^\S.*\.$/, name);
    for (const label of labels) assert.match(label, /^[a-z_]+$/, name);
  }
  assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
});

const agent: readonly (readonly [sample: string, value: number])[] = [
  ['ringfence_enforcement{state="enforce"}', 1],
  ['ringfence_enforcement{state="off"}', 0],
  ['process_start_time_seconds', 1_700_000_000],
  ['process_cpu_seconds_total', 1.5],
  ['ringfence_events_total{type="exec"}', 3],
  ['ringfence_lost_events_total{stage="ring"}', 7],
  ['ringfence_lost_events_total{stage="decode"}', 0],
  ['ringfence_sink_up{sink="nats"}', 0],
  ['ringfence_sink_refused_total{sink="nats"}', 4],
  ['ringfence_sink_undelivered_total{sink="nats"}', 5],
  ['ringfence_subscribers', 2],
  ['ringfence_subscriber_lost_events_total', 6],
  ['ringfence_records_total', 9],
  ['ringfence_records_unknown_policy_total', 1],
  ['ringfence_ring_waiting_bytes{ring="verdict"}', 128],
  ['ringfence_skipped_calls_total{hook="fentry/tcp_connect"}', 12],
  ['ringfence_scratch_refused_total', 1],
  ['ringfence_paths_unstable_total', 2],
  ['ringfence_processes_late_total', 3],
  ['ringfence_processes_refused_total', 4],
];

test('of an agent without policies, containers or a cluster', async () => {
  const { samples, types } = await read();
  for (const [sample, value] of agent) assert.equal(samples.get(sample), value, sample);
  assert.deepEqual(
    [...types.keys()].filter((name) => /_(pods|containers|api_source_state)$|nri|policy_state/.test(name)),
    [],
    'what there is nothing of has no series, and no zeros either',
  );
});

const states: readonly (readonly [state: string, policy: ReturnType<typeof policy>])[] = [
  ['enforcing', policy('a')],
  ['monitoring', policy('b', { mode: 'monitor' })],
  ['demoted', policy('c', { mode: 'monitor', demoted: true })],
  ['former-version', policy('d', { refusedVersion: { revision: '2', diagnostics: [] } })],
  ['disabled', policy('e', { state: 'disabled', counts: undefined, memoryBytes: undefined })],
  ['refused', policy('f', { state: 'refused', counts: undefined, memoryBytes: undefined, namespace: 'shop' })],
];

test('each policy has one state, and each state says how many there are', async () => {
  const { samples } = await read({ policies: states.map(([, each]) => each) });
  for (const [state, { name, namespace = '' }] of states) {
    const labels = `policy_namespace="${namespace}",policy="${name}",state="${state}"`;
    assert.equal(samples.get(`ringfence_policy_state{${labels}}`), 1, labels);
    assert.equal(samples.get(`ringfence_policies{state="${state}"}`), 1, state);
  }
  assert.equal([...samples.keys()].filter((each) => each.startsWith('ringfence_policy_state{')).length, states.length);
});

test('where nothing may enforce, no policy does', async () => {
  for (const enforcement of ['monitor', 'off'] as const) {
    const { samples } = await read({ policies: [policy('a')], enforcement });
    assert.equal(samples.get('ringfence_policies{state="enforcing"}'), 0);
    assert.equal(samples.get('ringfence_policies{state="monitoring"}'), 1);
  }
});

test('what a policy did is there by verdict, and only what it did', async () => {
  const { samples } = await read({ policies: [policy('a', { stale: true })] });
  const of = 'policy_namespace="",policy="a"';
  const found = [...samples].filter(([sample]) => sample.includes(of)).map(([sample, value]) => `${sample} ${value}`);
  assert.deepEqual(found.toSorted(), [
    `ringfence_policy_events_total{${of}} 4`,
    `ringfence_policy_matches_total{${of}} 5`,
    `ringfence_policy_memory_bytes{${of}} 4096`,
    `ringfence_policy_stale{${of}} 1`,
    `ringfence_policy_state{${of},state="enforcing"} 1`,
    `ringfence_policy_verdicts_total{${of},verdict="denied"} 2`,
    `ringfence_policy_verdicts_total{${of},verdict="killed"} 1`,
  ]);
});

const containers = {
  ...{ pods: 2, containers: 3, pending: 1, cgroups: 5, refused: 0, callsPending: 7, callsUnreadable: 0, execsHeld: 1 },
  hook: { registered: 4, refused: 1 },
  nri: { connected: true, registered: 2 },
};

const cluster = {
  sources: [
    { resource: 'pods', state: 'synced', sinceMs: 0 },
    { resource: 'tracingpolicies', state: 'stale', sinceMs: 0, reason: 'it is away' },
  ],
  ...{ reports: 8, policiesRefused: 0, podsRefused: 1 },
  requests: [{ method: 'GET', count: 9, failed: 2 }],
} as const;

test('of containers and of the API server', async () => {
  const { samples } = await read({ containers, cluster });
  const expected: readonly (readonly [string, number])[] = [
    ['ringfence_containers_pending', 1],
    ['ringfence_pending_calls_total', 7],
    ['ringfence_execs_held_total', 1],
    ['ringfence_hook_requests_total{answer="refused"}', 1],
    ['ringfence_nri_connected', 1],
    ['ringfence_nri_requests_total{answer="registered"}', 2],
    ['ringfence_api_source_state{resource="pods",state="synced"}', 1],
    ['ringfence_api_source_state{resource="pods",state="stale"}', 0],
    ['ringfence_api_source_stale_seconds{resource="pods"}', 0],
    ['ringfence_api_requests_total{method="GET"}', 9],
    ['ringfence_api_requests_failed_total{method="GET"}', 2],
    ['ringfence_reports_written_total', 8],
    ['ringfence_api_objects_refused_total{resource="pods"}', 1],
  ];
  for (const [sample, value] of expected) assert.equal(samples.get(sample), value, sample);
  assert.ok((samples.get('ringfence_api_source_stale_seconds{resource="tracingpolicies"}') ?? 0) > 1e9);
});

test('the longest list of policies has so many series, whatever they are called', async () => {
  const policies = Array.from({ length: 1024 }, (_, index) =>
    policy(`p${index}`, { namespace: index % 2 === 0 ? `quote" back\\slash\nline ${index}` : undefined }),
  );
  const { samples } = await read({ policies });
  const ofPolicies = [...samples.keys()].filter((each) => each.includes('policy="'));
  assert.equal(ofPolicies.length, 1024 * 6);
});

test('labels are those that are declared, and no others', async () => {
  const policies = states.map(([, each]) => each);
  const { samples } = await read({ policies, containers, cluster });
  for (const { name, labels } of all) {
    for (const sample of samples.keys()) {
      if (!sample.startsWith(`${name}{`)) continue;
      const found = Array.from(sample.matchAll(/(?:\{|",)([a-z_]+)="/g), ([, label]) => label);
      assert.deepEqual(found.toSorted(), labels.toSorted(), sample);
    }
  }
});

test('how long containers were pending is a histogram, by whether their runtime waited', async () => {
  const gap = new PendingGap();
  gap.observe(0.003, { announced: true });
  gap.observe(3, { announced: false });
  const { samples, types } = readText(await metricsText(numbers, gap));
  const name = 'ringfence_container_pending_seconds';
  assert.equal(types.get(name), 'histogram');
  const bucket = (le: string, announced: boolean) => samples.get(`${name}_bucket{le="${le}",announced="${announced}"}`);
  assert.deepEqual([bucket('0.001', true), bucket('0.005', true), bucket('+Inf', true)], [0, 1, 1]);
  assert.deepEqual([bucket('2', false), bucket('10', false)], [0, 1]);
  assert.equal(samples.get(`${name}_sum{announced="false"}`), 3);
});
