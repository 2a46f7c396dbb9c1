import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import type { CgroupEntry } from './table.ts';
import { Workloads } from './workloads.ts';

const ID = '0123456789abcdef'.repeat(4);
const UID = '12345678-9abc-4def-8123-456789abcdef';
const POD = `/kubepods/burstable/pod${UID}`;

const root = mkdtempSync(join(tmpdir(), 'ringfence-workloads-'));
after(() => rmSync(root, { recursive: true }));

test('containers that are there at the start are named by the configuration that their runtime keeps', () => {
  const mount = join(root, 'sys/fs/cgroup');
  mkdirSync(`${mount}${POD}/${ID}`, { recursive: true });
  const config = join(root, `run/containerd/io.containerd.runtime.v2.task/k8s.io/${ID}/config.json`);
  mkdirSync(dirname(config), { recursive: true });
  const annotations = {
    'io.kubernetes.cri.container-type': 'container',
    'io.kubernetes.cri.sandbox-uid': UID,
    'io.kubernetes.cri.sandbox-namespace': 'shop',
    'io.kubernetes.cri.container-name': 'app',
    'io.kubernetes.cri.image-name': 'nginx:1',
  };
  writeFileSync(config, JSON.stringify({ annotations }));

  const entries = new Map<bigint, CgroupEntry>([[1n, { kind: 'host' }]]);
  const table = {
    cgroupIds: [1n],
    set: (cgroupId: bigint, entry: CgroupEntry) => entries.set(cgroupId, entry).size > 0,
    delete: (cgroupId: bigint) => void entries.delete(cgroupId),
  };
  const hierarchy = { controller: undefined, mount };
  const paths = new Map([[77n, `${POD}/${ID}/made/by/it`]]);
  const asked: bigint[] = [];
  const pathOf = (id: bigint) => {
    asked.push(id);
    return paths.get(id);
  };
  using workloads = new Workloads({ table, hierarchy, podsFrom: 'kubernetes', nodeRoot: root, pathOf });
  const cgroupId = statSync(`${mount}${POD}/${ID}`, { bigint: true }).ino;
  assert.equal(entries.get(cgroupId)?.kind, 'pending', 'the pod has labels, which only Kubernetes tells');
  assert.equal(entries.has(1n), false, 'what an earlier agent left and is not there has gone');
  const workload = { kind: 'Deployment', name: 'web' };
  const labels = { app: 'web' };
  const pod = { uid: UID, namespace: 'shop', name: 'web-1', labels, annotations: {}, workload };
  workloads.podChanged({ ...pod, hostNetwork: false, containers: [] });
  const subject = { namespace: 'shop', podLabels: labels, containerName: 'app', imageRepo: 'nginx' };
  assert.deepEqual(entries.get(cgroupId), { kind: 'container', subject });
  assert.equal(workloads.find(cgroupId)?.container.name, 'app');
  assert.equal(workloads.counts.tree.cgroups, 4);
  for (const _ of [1, 2]) {
    assert.equal(workloads.find(77n)?.container.name, 'app', 'what a container makes is its own');
    assert.equal(workloads.find(78n), undefined);
  }
  assert.deepEqual(asked, [77n, 78n], 'and looked up once');

  rmSync(`${mount}${POD}/${ID}`, { recursive: true });
  workloads.tick(0);
  assert.equal(entries.has(cgroupId), false);
  assert.equal(workloads.find(cgroupId)?.pod?.name, 'web-1');
});
