/** Each file meets each kernel, those about preemption each model, the longest first, and the first two guests are of different kernels. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOf, planJobs } from './kernel-tests.ts';

test('the plan covers every combination that a file is about', () => {
  const files = ['containers-v1', 'exec', 'nats', 'race', 'swap', 'takeover'].map(
    (name) => `test/kernel/${name}.test.ts`,
  );
  const jobs = planJobs(files, ['6.1', '6.12']);
  assert.deepEqual(
    jobs.map((job) => `${job.file} ${placeOf(job)}`),
    [
      'test/kernel/takeover.test.ts kernel 6.1',
      'test/kernel/takeover.test.ts kernel 6.12',
      'test/kernel/swap.test.ts kernel 6.1',
      'test/kernel/swap.test.ts kernel 6.12, preempt=full',
      'test/kernel/race.test.ts kernel 6.1',
      'test/kernel/race.test.ts kernel 6.12',
      'test/kernel/race.test.ts kernel 6.1, preempt=full',
      'test/kernel/race.test.ts kernel 6.12, preempt=full',
      'test/kernel/containers-v1.test.ts kernel 6.1',
      'test/kernel/exec.test.ts kernel 6.1',
      'test/kernel/exec.test.ts kernel 6.12',
      'test/kernel/nats.test.ts kernel 6.12',
    ],
  );
});
