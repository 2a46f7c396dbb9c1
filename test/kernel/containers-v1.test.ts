/** What containers.test.ts asks, where cgroups are those of version 1, with version 2 beside them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hierarchyOfNode } from '#workloads';
import { mountVersion1 } from './harness/index.ts';

mountVersion1();
test('a controller of version 1 tells containers apart', () => {
  assert.deepEqual(hierarchyOfNode(), { controller: 'memory', mount: '/sys/fs/cgroup/memory' });
});
await import('./containers.test.ts');
