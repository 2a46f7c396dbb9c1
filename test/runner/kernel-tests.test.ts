/** Which file meets which kernel, in which model of preemption; what is left out; the longest first. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KernelJob, placeOf, planJobs } from './kernel-tests.ts';

const files = ['containers-v1', 'exec', 'nats', 'pins', 'race', 'swap', 'takeover'].map(
  (name) => `test/kernel/${name}.test.ts`,
);
const told = (job: KernelJob) => `${job.file} ${placeOf(job)}`;

const usual = [
  'test/kernel/takeover.test.ts kernel 6.12',
  'test/kernel/swap.test.ts kernel 6.1',
  'test/kernel/swap.test.ts kernel 6.12, preempt=full',
  'test/kernel/pins.test.ts kernel 6.12',
  'test/kernel/race.test.ts kernel 6.1',
  'test/kernel/race.test.ts kernel 6.12, preempt=full',
  'test/kernel/containers-v1.test.ts kernel 6.1',
  'test/kernel/exec.test.ts kernel 6.1',
  'test/kernel/exec.test.ts kernel 6.12',
  'test/kernel/nats.test.ts kernel 6.12',
];

test('each file that is about kernels meets both, each model of preemption is on one', () => {
  assert.deepEqual(planJobs(files, ['6.1', '6.12'], { all: false }).jobs.map(told), usual);
});

test('what is left to --all is told, and both together are every combination that a file is about', () => {
  const { jobs, left } = planJobs(files, ['6.1', '6.12'], { all: false });
  assert.deepEqual(left.map(told), [
    'test/kernel/takeover.test.ts kernel 6.1',
    'test/kernel/swap.test.ts kernel 6.12',
    'test/kernel/swap.test.ts kernel 6.1, preempt=full',
    'test/kernel/pins.test.ts kernel 6.1',
    'test/kernel/race.test.ts kernel 6.12',
    'test/kernel/race.test.ts kernel 6.1, preempt=full',
  ]);
  const all = planJobs(files, ['6.1', '6.12'], { all: true });
  assert.deepEqual(all.left, []);
  assert.deepEqual(all.jobs.map(told).toSorted(), [...jobs, ...left].map(told).toSorted());
});

test('on a single kernel every file runs', () => {
  const { jobs } = planJobs(files, ['6.1'], { all: false });
  assert.deepEqual(
    jobs.map(({ file }) => file),
    ['takeover', 'swap', 'pins', 'race', 'containers-v1', 'exec', 'nats'].map((name) => `test/kernel/${name}.test.ts`),
  );
});
