/** What events say of pods and containers: looked up by the cgroup of the record, and told as it is known by then. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootClock, type ContainerFacts, type PodFacts, ProcessTable, type Workload } from '#process';
import { compactRenderer } from './compact.ts';
import { type Event, workloadOf } from './event.ts';
import { type JsonOptions, JsonRenderer } from './json.ts';
import { EventPipeline } from './pipeline.ts';
import { SequenceTracker } from './sequence.ts';
import { execRecord, exitRecord, forkRecord, hookDescription, policyRecord, tamperRecord } from './testing.ts';

const STARTED_NS = BigInt(Date.UTC(2026, 0, 2, 3, 4, 5)) * 1_000_000n;
const shell = { pid: 100, startNs: 1_000n };
const child = { pid: 200, startNs: 2_000n };
const ID = 'f'.repeat(64);

const pod: PodFacts = {
  ...{ uid: 'u-1', namespace: 'shop', name: 'web-0', annotations: { note: 'a' } },
  labels: { tier: 'front', app: 'web' },
  workload: { kind: 'Deployment', name: 'web' },
};
const container: ContainerFacts = {
  ...{ id: ID, name: 'nginx', image: { id: 'sha256:ab', name: 'nginx:1.29' } },
  ...{ startedNs: STARTED_NS, privileged: true },
};
const web: Workload = { pod, container };

function harness(options: JsonOptions = {}) {
  const clock = bootClock(STARTED_NS);
  const workloads = new Map<bigint, Workload>();
  const asked: bigint[] = [];
  const events: Event[] = [];
  const pipeline = new EventPipeline({
    nodeName: 'node',
    source: { bootId: 'b', ringIncarnations: ['a', 'b'], takenOverNs: 0n },
    clock,
    processes: new ProcessTable({ nodeName: 'node', clock }),
    policies: () => hookDescription({ policyName: 'p', declared: { kind: 'lsm', functionName: 'file_open' } }),
    sequences: new SequenceTracker({ begin: 'first' }),
    workloads: (cgroupId) => {
      asked.push(cgroupId);
      return workloads.get(cgroupId);
    },
    sink: (event) => events.push(event),
  });
  const renderer = new JsonRenderer(options);
  /** The event of a record, as text. */
  const tell = (record: Uint8Array): string => {
    const before = events.length;
    pipeline.accept(record, 0, record.length);
    const event = events.at(-1);
    return event === undefined || events.length === before ? '' : renderer.render(event);
  };
  return { tell, workloads, asked, last: () => events.at(-1) as Event };
}

const exec = (cgroupId: bigint, more: object = {}) =>
  execRecord({ process: shell, cgroupId, namespacePid: 7, ...more });
const lsm = (cgroupId: bigint) => policyRecord({ process: shell, cgroupId });

test('the pod and the container, in the order of the field numbers', () => {
  const { tell, workloads } = harness();
  workloads.set(9n, web);
  const text = tell(exec(9n));
  assert.deepEqual(JSON.parse(text).process_exec.process.pod, {
    namespace: 'shop',
    name: 'web-0',
    uid: 'u-1',
    container: {
      id: ID,
      name: 'nginx',
      image: { id: 'sha256:ab', name: 'nginx:1.29' },
      start_time: '2026-01-02T03:04:05Z',
      pid: 7,
      security_context: { privileged: true },
    },
    pod_labels: { app: 'web', tier: 'front' },
    workload: 'web',
    workload_kind: 'Deployment',
  });
  const order = ['auid', 'pod', 'docker', 'parent_exec_id', 'tid'];
  const keys = Object.keys(JSON.parse(text).process_exec.process);
  assert.deepEqual(
    keys.filter((key) => order.includes(key)),
    order,
  );
  assert.match(
    text,
    /"container":\{"id":"f+","name":.*"start_time":.*"pid":7,"security_context".*"pod_labels":\{"app"/,
  );
  assert.match(text, /"docker":"f{31}",/);
});

test('annotations only when they are asked for', () => {
  const { tell, workloads } = harness({ podAnnotations: true });
  workloads.set(9n, web);
  assert.match(tell(exec(9n)), /"workload_kind":"Deployment","pod_annotations":\{"note":"a"\}\},"docker"/);
});

test('what nobody told is left out', () => {
  const { tell, workloads } = harness();
  workloads.set(9n, {
    pod: { ...pod, labels: {} },
    container: { ...container, name: '', image: { id: '', name: '' }, startedNs: undefined, privileged: false },
  });
  const { pod: told } = JSON.parse(tell(exec(9n))).process_exec.process;
  assert.deepEqual(told.container, { id: ID, pid: 7 });
  assert.ok(!('pod_labels' in told));
});

test('a container that no pod has is known by its id', () => {
  const { tell, workloads, last } = harness();
  workloads.set(9n, { pod: undefined, container });
  const { process } = JSON.parse(tell(exec(9n))).process_exec;
  assert.equal(process.docker, 'f'.repeat(31));
  assert.ok(!('pod' in process));
  assert.match(compactRenderer()(last()), /^🚀 process node /);
});

test('a container that is registered late shows in later events of the same process', () => {
  const { tell, workloads } = harness();
  const before = JSON.parse(tell(exec(9n))).process_exec.process;
  assert.ok(!('pod' in before) && !('docker' in before));
  workloads.set(9n, web);
  assert.equal(JSON.parse(tell(lsm(9n))).process_lsm.process.pod.name, 'web-0');
  workloads.set(9n, { pod: { ...pod, labels: { app: 'changed' } }, container });
  assert.deepEqual(JSON.parse(tell(lsm(9n))).process_lsm.process.pod.pod_labels, { app: 'changed' });
  assert.equal(JSON.parse(tell(exitRecord({ process: shell }))).process_exit.process.pod.name, 'web-0');
});

test('a process that was moved is told where it was just then', () => {
  const { tell, workloads } = harness();
  workloads.set(9n, web);
  assert.ok(!('pod' in JSON.parse(tell(exec(5n))).process_exec.process));
  assert.equal(JSON.parse(tell(lsm(9n))).process_lsm.process.pod.name, 'web-0');
  assert.ok(!('pod' in JSON.parse(tell(lsm(5n))).process_lsm.process));
});

test('a child, and its parent: each by where it is', () => {
  const { tell, workloads } = harness();
  workloads.set(9n, web);
  tell(exec(5n));
  tell(forkRecord({ process: child, parent: shell, cgroupId: 9n }));
  const { process, parent } = JSON.parse(tell(exitRecord({ process: child }))).process_exit;
  assert.equal(process.pod.name, 'web-0');
  assert.ok(!('pod' in parent));
  assert.equal(process.binary, parent.binary);
});

test('the parent has its pod too', () => {
  const { tell, workloads } = harness();
  workloads.set(9n, web);
  tell(exec(9n));
  const text = tell(execRecord({ process: child, parent: shell, cgroupId: 9n, namespacePid: 8 }));
  const { process, parent } = JSON.parse(text).process_exec;
  assert.deepEqual([process.pod.container.pid, parent.pod.container.pid], [8, 7]);
  assert.equal(parent.pod.workload, 'web');
});

test('who tampers is told with its pod', () => {
  const { tell, workloads, last } = harness();
  workloads.set(9n, web);
  const text = tell(tamperRecord({ process: shell, what: 1, cgroupId: 9n }));
  assert.equal(JSON.parse(text).ringfence.tamper.process.pod.namespace, 'shop');
  assert.equal(workloadOf(last()), web);
});

test('names with odd characters stay names', () => {
  const { tell, workloads, last } = harness();
  const odd = 'a"\\\u001b[2J\u202e';
  workloads.set(9n, { pod: { ...pod, name: odd, labels: { [odd]: odd } }, container });
  const text = tell(exec(9n));
  assert.doesNotMatch(text, /[\p{Cc}\p{Cf}]/u);
  const { pod: told } = JSON.parse(text).process_exec.process;
  assert.equal(told.name, odd);
  assert.equal(told.pod_labels[odd], odd);
  assert.doesNotMatch(compactRenderer()(last()), /[\p{Cc}\p{Cf}]/u);
});

test('lines for people have the pod instead of the node', () => {
  const { tell, workloads, last } = harness();
  workloads.set(9n, web);
  tell(exec(9n));
  assert.equal(compactRenderer()(last()), '🚀 process shop/web-0 /usr/bin/cat');
  tell(lsm(9n));
  assert.match(compactRenderer()(last()), /^🔒 LSM {5}shop\/web-0 \/usr\/bin\/cat file_open/);
});

test('a record of no cgroup is not looked up', () => {
  const { tell, asked } = harness();
  tell(exec(0n));
  assert.deepEqual(asked, []);
});
