import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimOf, repositoryOf } from './claim.ts';

const containerd = {
  'io.kubernetes.cri.container-type': 'container',
  'io.kubernetes.cri.sandbox-id': 's',
  'io.kubernetes.cri.sandbox-uid': 'uid',
  'io.kubernetes.cri.sandbox-namespace': 'shop',
  'io.kubernetes.cri.sandbox-name': 'web-1',
  'io.kubernetes.cri.container-name': 'app',
  'io.kubernetes.cri.image-name': 'docker.io/library/nginx:1.27',
};
const crio = {
  'io.kubernetes.cri-o.ContainerType': 'container',
  'io.kubernetes.pod.uid': 'uid',
  'io.kubernetes.pod.namespace': 'shop',
  'io.kubernetes.pod.name': 'web-1',
  'io.kubernetes.container.name': 'app',
  'io.kubernetes.cri-o.ImageName': 'docker.io/library/nginx:1.27',
  'io.kubernetes.cri-o.ImageRef': 'sha256:1',
};
const pod = { uid: 'uid', namespace: 'shop', name: 'web-1' };
const nginx = { id: '', name: 'docker.io/library/nginx:1.27' };
const nobody = { id: 'id', pod: undefined, name: '', image: { id: '', name: '' }, sandbox: false };

const table: readonly (readonly [string, unknown, object])[] = [
  ['containerd', containerd, { id: 'id', pod, name: 'app', image: nginx, sandbox: false }],
  ['CRI-O', crio, { id: 'id', pod, name: 'app', image: { ...nginx, id: 'sha256:1' }, sandbox: false }],
  [
    'sandbox of containerd',
    { ...containerd, 'io.kubernetes.cri.container-type': 'sandbox', 'io.kubernetes.cri.container-name': 'x' },
    { id: 'id', pod, name: '', image: nginx, sandbox: true },
  ],
  [
    'an annotation of the other family changes nothing',
    { ...crio, 'io.kubernetes.cri.container-name': 'x' },
    { id: 'id', pod, name: 'app', image: { ...nginx, id: 'sha256:1' }, sandbox: false },
  ],
  ['of no pod', {}, nobody],
  ['no object', 'text', nobody],
  ['null', null, nobody],
  ['values that are no texts', { ...containerd, 'io.kubernetes.cri.sandbox-uid': 7 }, nobody],
];

for (const [name, annotations, expected] of table) {
  test(`annotations: ${name}`, () => assert.deepEqual(claimOf('id', annotations), expected));
}

const images = [
  ['nginx', 'nginx'],
  ['docker.io/library/nginx:1.27', 'docker.io/library/nginx'],
  ['registry:5000/team/app', 'registry:5000/team/app'],
  ['registry:5000/team/app:1@sha256:00', 'registry:5000/team/app'],
  ['app@sha256:00', 'app'],
  ['', ''],
] as const;

for (const [image, repository] of images) {
  test(`repository of "${image}"`, () => assert.equal(repositoryOf(image), repository));
}
