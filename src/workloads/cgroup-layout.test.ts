import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOf } from './cgroup-layout.ts';

const ID = '0123456789abcdef'.repeat(4);
const OTHER = 'fedcba9876543210'.repeat(4);
const UID = '12345678-9abc-4def-8123-456789abcdef';
const UNDERSCORED = UID.replaceAll('-', '_');
const STATIC = '0f1e2d3c4b5a69788796a5b4c3d2e1f0';

const container = (path: string, runtime: string | undefined, podUid: string | undefined = UID, id = ID) => ({
  ...{ kind: 'container', id, podUid, runtime, path },
});
const slice = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UNDERSCORED}.slice`;
const directory = `/kubepods/besteffort/pod${UID}`;
const kind = `/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${UNDERSCORED}.slice`;

/** path, what it is. */
const table: readonly (readonly [string, object])[] = [
  ['/', { kind: 'host' }],
  ['', { kind: 'host' }],
  ['/system.slice/kubelet.service', { kind: 'host' }],
  ['/system.slice/containerd.service', { kind: 'host' }],
  ['/user.slice/user-0.slice/session-1.scope', { kind: 'host' }],
  ['/kubepods', { kind: 'pods', path: '/kubepods' }],
  ['/kubepods.slice', { kind: 'pods', path: '/kubepods.slice' }],
  ['/kubepods.slice/kubepods-besteffort.slice', { kind: 'pods', path: '/kubepods.slice/kubepods-besteffort.slice' }],
  ['/kubepods/burstable', { kind: 'pods', path: '/kubepods/burstable' }],
  ['/kubepods/other', { kind: 'host' }],
  ['/kubepods.slice-not', { kind: 'host' }],
  [slice, { kind: 'pod', podUid: UID, path: slice }],
  [directory, { kind: 'pod', podUid: UID, path: directory }],
  [`/kubepods/pod${STATIC}`, { kind: 'pod', podUid: STATIC, path: `/kubepods/pod${STATIC}` }],
  [`/kubepods/pod${UID.slice(1)}`, { kind: 'host' }],
  // containerd
  [`${slice}/cri-containerd-${ID}.scope`, container(`${slice}/cri-containerd-${ID}.scope`, 'containerd')],
  [`${directory}/${ID}`, container(`${directory}/${ID}`, undefined)],
  [`/kubepods/pod${STATIC}/${ID}`, container(`/kubepods/pod${STATIC}/${ID}`, undefined, STATIC)],
  [
    `/kubepods-burstable-pod${UNDERSCORED}.slice:cri-containerd:${ID}`,
    container(`/kubepods-burstable-pod${UNDERSCORED}.slice:cri-containerd:${ID}`, 'containerd'),
  ],
  [
    `/system.slice/containerd.service/kubepods-pod${UNDERSCORED}.slice:cri-containerd:${ID}`,
    container(`/system.slice/containerd.service/kubepods-pod${UNDERSCORED}.slice:cri-containerd:${ID}`, 'containerd'),
  ],
  // CRI-O; what watches over a container is not in it
  [`${slice}/crio-${ID}.scope`, container(`${slice}/crio-${ID}.scope`, 'cri-o')],
  [`${slice}/crio-${ID}.scope/container`, container(`${slice}/crio-${ID}.scope`, 'cri-o')],
  [`${directory}/crio-${ID}`, container(`${directory}/crio-${ID}`, 'cri-o')],
  [`${slice}/crio-conmon-${ID}.scope`, { kind: 'monitor', path: `${slice}/crio-conmon-${ID}.scope` }],
  // Docker, with and without pods
  [`${slice}/docker-${ID}.scope`, container(`${slice}/docker-${ID}.scope`, 'docker')],
  [`/docker/${ID}`, { ...container(`/docker/${ID}`, 'docker'), podUid: undefined }],
  [
    `/system.slice/docker-${ID}.scope`,
    { ...container(`/system.slice/docker-${ID}.scope`, 'docker'), podUid: undefined },
  ],
  // Podman
  [
    `/machine.slice/libpod-${ID}.scope/container`,
    { ...container(`/machine.slice/libpod-${ID}.scope`, 'podman'), podUid: undefined },
  ],
  [`/machine.slice/libpod-conmon-${ID}.scope`, { kind: 'host' }],
  // kind: the pods of a node that is a container, seen by the node
  [kind, { kind: 'pod', podUid: UID, path: kind }],
  [`${kind}/cri-containerd-${ID}.scope`, container(`${kind}/cri-containerd-${ID}.scope`, 'containerd')],
  [`/kubelet/kubepods/pod${UID}/${ID}`, container(`/kubelet/kubepods/pod${UID}/${ID}`, undefined)],
  // and seen by the machine that the node runs on: its pods are what a container of this machine made
  [
    `/docker/${OTHER}/kubelet/kubepods/pod${UID}/${ID}`,
    { ...container(`/docker/${OTHER}`, 'docker', UID, OTHER), podUid: undefined },
  ],
  // what a container makes itself stays in it
  [
    `${slice}/cri-containerd-${ID}.scope/docker/${OTHER}`,
    container(`${slice}/cri-containerd-${ID}.scope`, 'containerd'),
  ],
  [`${directory}/${ID}/kubepods/pod${STATIC}/${OTHER}`, container(`${directory}/${ID}`, undefined)],
  // an id alone is no container
  [`/system.slice/${ID}`, { kind: 'host' }],
  [`/${ID}`, { kind: 'host' }],
  [`${directory}/${ID.slice(1)}`, { kind: 'pod', podUid: UID, path: directory }],
  [`${directory}/${ID.toUpperCase()}`, { kind: 'pod', podUid: UID, path: directory }],
];

for (const [path, expected] of table) {
  test(`cgroup ${path.replace(ID, 'ID').replace(OTHER, 'OTHER')}`, () => assert.deepEqual(placeOf(path), expected));
}
