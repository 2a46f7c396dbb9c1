import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hierarchyIn } from './hierarchy.ts';

const unified = '30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate';
const nested = '31 30 0:27 / /sys/fs/cgroup/unified rw shared:10 - cgroup2 cgroup2 rw';
const systemd = '32 30 0:28 / /sys/fs/cgroup/systemd rw shared:11 - cgroup cgroup rw,xattr,name=systemd';
const memory = '33 30 0:29 / /sys/fs/cgroup/memory rw shared:12 - cgroup cgroup rw,memory';
const pids = '34 30 0:30 / /sys/fs/cgroup/pids\\040and\\040more rw - cgroup cgroup rw,pids';
const other = '35 30 0:31 / /proc rw - proc proc rw';

const table: readonly (readonly [string, readonly string[], object | undefined])[] = [
  ['version 2', [other, unified], { controller: undefined, mount: '/sys/fs/cgroup' }],
  ['version 1', [systemd, pids, memory], { controller: 'memory', mount: '/sys/fs/cgroup/memory' }],
  ['hybrid', [nested, systemd, memory, pids], { controller: 'memory', mount: '/sys/fs/cgroup/memory' }],
  ['without the memory controller', [systemd, pids], { controller: 'pids', mount: '/sys/fs/cgroup/pids and more' }],
  ['version 2 at another place', [nested, systemd], { controller: undefined, mount: '/sys/fs/cgroup/unified' }],
  ['nothing that tells', [other, systemd], undefined],
  ['nothing', [], undefined],
];

for (const [name, lines, expected] of table) {
  test(`cgroup hierarchy: ${name}`, () => assert.deepEqual(hierarchyIn(lines.join('\n')), expected));
}
