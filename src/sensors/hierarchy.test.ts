/** Which hierarchy counts, by what is mounted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Hierarchy, hierarchyIn } from './hierarchy.ts';

const top = '24 1 0:22 / /sys rw,nosuid - sysfs sysfs rw';
const v1 = (controllers: string, at = controllers) =>
  `31 26 0:28 / /sys/fs/cgroup/${at} rw,nosuid shared:9 - cgroup cgroup rw,${controllers}`;
const tmpfs = '26 24 0:23 / /sys/fs/cgroup ro,nosuid shared:4 - tmpfs tmpfs ro,size=4096k';
const unified = (at: string) => `27 24 0:24 / ${at} rw,nosuid shared:5 - cgroup2 cgroup2 rw,nsdelegate`;

const table: readonly (readonly [name: string, lines: readonly string[], hierarchy: Hierarchy])[] = [
  ['unified', [top, unified('/sys/fs/cgroup')], 'unified'],
  ['legacy', [tmpfs, v1('pids'), v1('cpu,cpuacct'), v1('memory'), v1('xattr,name=systemd', 'systemd')], 'memory'],
  ['hybrid', [tmpfs, unified('/sys/fs/cgroup/unified'), v1('devices'), v1('pids')], 'pids'],
  ['only systemd has one of its own', [tmpfs, unified('/sys/fs/cgroup/unified'), v1('name=systemd')], 'unified'],
  ['a controller that counts for nothing', [tmpfs, v1('cpuset', 'memory'), unified('/mnt')], 'unified'],
  ['two controllers in one', [tmpfs, v1('cpuacct,cpu')], 'cpu'],
  ['one that somebody mounted beside the unified one', [unified('/sys/fs/cgroup'), v1('freezer')], 'unified'],
  ['mounted over', [unified('/sys/fs/cgroup'), tmpfs, v1('memory')], 'memory'],
  ['nothing', [top], 'unified'],
];

for (const [name, lines, hierarchy] of table) {
  test(`hierarchy: ${name}`, () => assert.equal(hierarchyIn(`${lines.join('\n')}\n`), hierarchy));
}
