/** Values of the chart as the agent reads them, and where its events go. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadSettings } from '#config';
import { parsePolicies } from '#policy';
import { AGENT, agentOf, findHelm, NAMESPACE, render, type Values, type Workload } from './render.ts';

const { program, skip } = await findHelm();

/** Options as the agent reads them from the mounted files. */
async function settingsOf(values: Values) {
  const { data } = (await render(program, values)).one<{ readonly data: Readonly<Record<string, string>> }>(
    'ConfigMap',
    `${AGENT}-config`,
  );
  const environment = Object.fromEntries(
    Object.entries(data).map(([name, value]) => [`RINGFENCE_${name.toUpperCase().replaceAll('-', '_')}`, value]),
  );
  return loadSettings({ flags: { config: '', configDir: '' }, environment });
}

test('every value that is an option is one that the agent takes', { skip }, async () => {
  const { settings, diagnostics } = await settingsOf({
    'ringfence.clusterName': 'test',
    'ringfence.logLevel': 'debug',
    'ringfence.detect': true,
    'ringfence.strict': true,
    'ringfence.selfProtection': 'agent',
    'ringfence.startGuard': '0s',
    'ringfence.enableK8sAPI': false,
    'ringfence.enablePodAnnotations': true,
    'ringfence.failClosedNamespaces': ['shop', 'bank'],
    'ringfence.holdUnknownPods': true,
    'rthooks.enabled': true,
    'rthooks.interface': 'nri-hook',
    'ringfence.exportFilename': 'events.json',
    'ringfence.exportFileMaxSizeMB': 20,
    'ringfence.exportFileMaxBackups': 3,
    'ringfence.exportFileRotationInterval': '24h',
    'ringfence.exportFileCompress': true,
    'ringfence.exportFilePerm': '640',
    'ringfence.prometheus.address': '::1',
    'ringfence.prometheus.port': 9100,
    'ringfence.options': { 'verdict-ring-size': 4_194_304, event: ['exec', 'lsm'] },
    'nats.urls': ['nats://a:4222', 'tls://b:4222'],
    'nats.credentialsSecret.name': 'login',
    'export.stdout.enabled': true,
  });
  assert.deepEqual(diagnostics, []);
  assert.partialDeepStrictEqual(settings, {
    clusterName: 'test',
    logLevel: 'debug',
    detect: true,
    strict: true,
    selfProtection: 'agent',
    startGuard: 0,
    enableK8sApi: false,
    enablePodAnnotations: true,
    failClosedNamespaces: ['shop', 'bank'],
    holdUnknownPods: true,
    nriSocket: '/var/run/nri/nri.sock',
    output: 'json',
    event: ['exec', 'lsm'],
    exportFilename: '/var/log/ringfence/events.json',
    exportFileMaxSizeMb: 20,
    exportFileMaxBackups: 3,
    exportFileRotationInterval: 86_400_000,
    exportFileCompress: true,
    exportFilePerm: 0o640,
    nats: ['nats://a:4222', 'tls://b:4222'],
    natsCredentials: '/etc/ringfence-nats/nats.creds',
    verdictRingSize: 4_194_304,
    metricsServer: { host: '::1', port: 9100 },
  });
});

test('without values the agent runs as it would without the chart, but that it is in a cluster', { skip }, async () => {
  const { settings, diagnostics } = await settingsOf({});
  const { settings: defaults } = await loadSettings({ flags: { config: '', configDir: '' }, environment: {} });
  assert.deepEqual(diagnostics, []);
  const metricsServer = { host: undefined, port: 2112 };
  const ofChart = { output: 'none', enableK8sApi: true, nodeRoot: '/proc/1/root', metricsServer };
  assert.deepEqual(settings, { ...defaults, ...ofChart });
});

test('policies of the values are files that the agent reads', { skip }, async () => {
  const text = readFileSync(join(import.meta.dirname, '../../policies/examples/quickstart.yaml'), 'utf8');
  const manifests = await render(program, { 'ringfence.policies': { 'quickstart.yaml': text } });
  const { data } = manifests.one<{ readonly data: Readonly<Record<string, string>> }>('ConfigMap', `${AGENT}-policies`);
  assert.deepEqual(Object.keys(data), ['quickstart.yaml']);
  assert.deepEqual(
    parsePolicies(data['quickstart.yaml'] ?? '', 'a').policies.length,
    parsePolicies(text, 'a').policies.length,
  );
  const { agent } = agentOf(manifests);
  const path = agent.args?.find((arg) => arg.startsWith('--tracing-policy='))?.split('=')[1];
  assert.ok(agent.volumeMounts.some(({ name, mountPath }) => name === 'policies' && mountPath === path));
});

test('addresses of NATS come from a secret where one is named', { skip }, async () => {
  const { agent } = agentOf(
    await render(program, { 'nats.existingSecret.name': 'nats', 'nats.tls.caConfigMap.name': 'authority' }),
  );
  assert.partialDeepStrictEqual(
    agent.env?.find(({ name }) => name === 'RINGFENCE_NATS'),
    { valueFrom: { secretKeyRef: { name: 'nats', key: 'url' } } },
  );
  const authority = agent.env?.find(({ name }) => name === 'NODE_EXTRA_CA_CERTS')?.value ?? '';
  assert.ok(agent.volumeMounts.some(({ mountPath }) => authority === `${mountPath}/ca.crt`));
});

for (const [method, scheme, kinds] of [
  ['generated', 'tls', []],
  ['certManager', 'tls', ['Certificate', 'Certificate', 'Issuer', 'Issuer']],
  ['none', 'nats', []],
] as const) {
  test(`the embedded NATS server, certificates: ${method}`, { skip }, async () => {
    const manifests = await render(program, { 'nats.embedded.enabled': true, 'nats.embedded.tls.method': method });
    const { stringData } = manifests.one<{ readonly stringData: Readonly<Record<string, string>> }>(
      'Secret',
      `${AGENT}-nats`,
    );
    assert.match(
      stringData.url ?? '',
      new RegExp(`^${scheme}://ringfence:\\w{32}@${AGENT}-nats\\.${NAMESPACE}\\.svc:`),
    );
    const others = manifests.all.filter(({ apiVersion }) => apiVersion.startsWith('cert-manager'));
    assert.deepEqual(others.map(({ kind }) => kind).toSorted(), kinds);
    const { agent } = agentOf(manifests);
    assert.equal(
      agent.env?.some(({ name }) => name === 'NODE_EXTRA_CA_CERTS'),
      method !== 'none',
    );
    assert.equal(manifests.of('Secret').length, method === 'generated' ? 2 : 1);
    const server = manifests.one<Workload>('StatefulSet').spec.template.spec.containers[0];
    assert.partialDeepStrictEqual(server?.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });
}
