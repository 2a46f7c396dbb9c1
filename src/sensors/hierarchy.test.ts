/** Which hierarchy counts, by what /proc/self/cgroup says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Hierarchy, hierarchyIn } from './hierarchy.ts';

const table: readonly (readonly [name: string, lines: readonly string[], hierarchy: Hierarchy])[] = [
  ['unified', ['0::/user.slice'], 'unified'],
  ['legacy', ['12:pids:/a', '3:cpu,cpuacct:/a', '2:memory:/a', '1:name=systemd:/a'], 'memory'],
  ['hybrid', ['5:devices:/a', '3:pids:/a', '1:name=systemd:/a', '0::/a'], 'pids'],
  ['only systemd has one of its own', ['1:name=systemd:/a', '0::/a'], 'unified'],
  ['a controller of another name', ['4:cpuset:/memory', '0::/a'], 'unified'],
  ['two controllers in one', ['4:cpuacct,cpu:/', '0::/'], 'cpu'],
];

for (const [name, lines, hierarchy] of table) {
  test(`hierarchy: ${name}`, () => assert.equal(hierarchyIn(`${lines.join('\n')}\n`), hierarchy));
}
