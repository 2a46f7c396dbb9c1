/** Values that are none are refused by helm, with their place; and the README has every value. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CHART } from './helm.ts';
import { findHelm, refusal } from './render.ts';
import { readRows, withTable } from './values-table.ts';

const { program, skip } = await findHelm();

for (const [path, value] of [
  ['unknown', true],
  ['crds.install', 'always'],
  ['crds.installMethod', 'helm'],
  ['ringfence.image.digest', 'sha256:1234'],
  ['ringfence.clusterName', 'a b'],
  ['ringfence.logLevel', 'loud'],
  ['ringfence.detect', 'yes'],
  ['ringfence.selfProtection', 'strict'],
  ['ringfence.startGuard', 'soon'],
  ['ringfence.exportFilename', '../../etc/passwd'],
  ['ringfence.exportFileMaxBackups', 0],
  ['ringfence.exportFilePerm', '888'],
  ['ringfence.enableK8sAPI', 'maybe'],
  ['ringfence.failClosedNamespaces', ['Shop']],
  ['ringfence.options', { 'no-such-option': 1 }],
  ['ringfence.options', { 'run-dir': '/tmp' }],
  ['ringfence.options', { 'node-root': '/' }],
  ['ringfence.policies', { 'no-suffix': 'kind: TracingPolicy' }],
  ['ringfence.policies', { '..data.yaml': 1 }],
  ['ringfence.resources', { limits: { memory: 'much' } }],
  ['ringfence.seccompProfile', { type: 'None' }],
  ['ringfence.prometheus.port', 0],
  ['ringfence.prometheus.address', 'a b'],
  ['ringfence.prometheus.serviceMonitor.scrapeInterval', 'often'],
  ['ringfence.prometheus.dashboard.labels', { grafana_dashboard: 1 }],
  ['ringfence.prometheus.podMonitor', { enabled: true }],
  ['export.directory', 'relative'],
  ['nats.urls', ['http://nats:4222']],
  ['nats.urls', ['nats://user:password@nats:4222']],
  ['nats.embedded.tls.method', 'sometimes'],
  ['nats.embedded.storage.size', 'big'],
  ['rthooks.interface', 'both'],
  ['rthooks.installDir', '/'],
  ['rthooks.installDir', '/opt/../etc'],
  ['rthooks.ociHooks.hooksPath', 'hooks.d'],
  ['nodeRestriction.enabled', 'maybe'],
  ['priorityClass.value', 2_000_001_000],
  ['dnsPolicy', 'None'],
  ['updateStrategy', { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } }],
  ['updateStrategy', { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 'all' } }],
  ['uninstall.timeoutSeconds', 1],
] as const) {
  test(`refused: ${path} ${JSON.stringify(value)}`, { skip }, async () => {
    const place = path === 'unknown' ? "'unknown'" : path.split('.')[0];
    assert.match(await refusal(program, { [path]: value }), new RegExp(`values don't meet.*[\\s\\S]*${place}`));
  });
}

test('the README has the table of values as they are', () => {
  const readme = readFileSync(join(CHART, 'README.md'), 'utf8');
  assert.equal(readme, withTable(readme), 'node test/chart/values-table.ts writes it');
  assert.ok(readRows().length > 60);
});
