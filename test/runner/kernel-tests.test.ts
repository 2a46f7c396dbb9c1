/** Each file meets each kernel and model once, and the first two guests are of different kernels. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOf, planJobs } from './kernel-tests.ts';

test('the plan covers every combination', () => {
  const jobs = planJobs(['a', 'b'], ['6.1', '6.12'], [undefined, 'full']);
  assert.deepEqual(
    jobs.map((job) => `${job.file} ${placeOf(job)}`),
    [
      'a kernel 6.1',
      'a kernel 6.12',
      'a kernel 6.1, preempt=full',
      'a kernel 6.12, preempt=full',
      'b kernel 6.1',
      'b kernel 6.12',
      'b kernel 6.1, preempt=full',
      'b kernel 6.12, preempt=full',
    ],
  );
});
