import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { claimInBundle } from './bundle-files.ts';

const root = mkdtempSync(join(tmpdir(), 'ringfence-bundles-'));
after(() => rmSync(root, { recursive: true }));

const annotations = {
  'io.kubernetes.cri.container-type': 'container',
  'io.kubernetes.cri.sandbox-uid': 'uid',
  'io.kubernetes.cri.sandbox-namespace': 'shop',
  'io.kubernetes.cri.container-name': 'app',
};

function configOf(id: string, runtime: 'containerd' | 'cri-o' = 'containerd'): string {
  const path =
    runtime === 'containerd'
      ? `run/containerd/io.containerd.runtime.v2.task/k8s.io/${id}/config.json`
      : `var/lib/containers/storage/overlay-containers/${id}/userdata/config.json`;
  mkdirSync(dirname(join(root, path)), { recursive: true });
  return join(root, path);
}

test('the configuration of a container says what it is, wherever its runtime keeps it', () => {
  for (const runtime of ['containerd', 'cri-o'] as const) {
    writeFileSync(configOf(runtime, runtime), JSON.stringify({ ociVersion: '1.0.2', annotations }));
    assert.equal(claimInBundle(runtime, root)?.name, 'app');
    assert.equal(claimInBundle(runtime, root)?.pod?.namespace, 'shop');
  }
});

test('links on the way are those of the node: none leads out of its root', () => {
  const outside = mkdtempSync(join(tmpdir(), 'ringfence-outside-'));
  const node = mkdtempSync(join(tmpdir(), 'ringfence-node-'));
  const bundle = 'io.containerd.runtime.v2.task/k8s.io/linked';
  const text = (name: string) =>
    JSON.stringify({ annotations: { ...annotations, 'io.kubernetes.cri.container-name': name } });
  try {
    for (const [top, name] of [
      [outside, 'of-another-root'],
      [join(node, outside), 'of-the-node'],
    ] as const) {
      mkdirSync(join(top, bundle), { recursive: true });
      writeFileSync(join(top, bundle, 'config.json'), text(name));
    }
    mkdirSync(join(node, 'run'));
    symlinkSync(outside, join(node, 'run/containerd'));
    assert.equal(claimInBundle('linked', node)?.name, 'of-the-node');
    rmSync(join(node, outside), { recursive: true });
    assert.equal(claimInBundle('linked', node), undefined);
  } finally {
    for (const each of [outside, node]) rmSync(each, { recursive: true });
  }
});

const unusable: Readonly<Record<string, (path: string) => void>> = {
  nothing: () => undefined,
  'no JSON': (path) => writeFileSync(path, '{ "annotations": '),
  'no object': (path) => writeFileSync(path, 'null'),
  'no annotations': (path) => writeFileSync(path, '{}'),
  'a link': (path) => symlinkSync('/etc/passwd', path),
  'a directory': (path) => mkdirSync(path),
  'more than is read': (path) => {
    writeFileSync(path, JSON.stringify({ annotations }));
    truncateSync(path, 5 * 1024 * 1024);
  },
};

for (const [name, make] of Object.entries(unusable)) {
  test(`a configuration that is ${name} says nothing`, () => {
    const id = name.replaceAll(' ', '-');
    make(configOf(id));
    assert.equal(claimInBundle(id, root), undefined);
  });
}
