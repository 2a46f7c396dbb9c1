/** What the chart brings for whoever watches a fleet: it asks for metrics that there are, of agents that it finds. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { families } from '../../src/metrics/families.ts';
import { gap } from '../../src/metrics/pending-gap.ts';
import { CHART } from './helm.ts';
import { AGENT, agentOf, findHelm, type Manifest, NAMESPACE, render } from './render.ts';

const { program, skip } = await findHelm();

const EVERYTHING = {
  'ringfence.prometheus.serviceMonitor.enabled': true,
  'ringfence.prometheus.serviceMonitor.extraLabels': { release: 'stack' },
  'ringfence.prometheus.rules.enabled': true,
  'ringfence.prometheus.dashboard.enabled': true,
};
const OPERATOR = 'monitoring.coreos.com/v1';

type Service = {
  readonly spec: {
    readonly clusterIP: string;
    readonly selector: Readonly<Record<string, string>>;
    readonly ports: readonly { readonly name: string; readonly port: number; readonly targetPort: number }[];
  };
};
type Monitor = {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly endpoints: readonly { readonly port: string; readonly path: string; readonly interval: string }[];
  };
};
type Rule = {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
};
type Rules = { readonly spec: { readonly groups: readonly { readonly rules: readonly Rule[] }[] } };

const isSelected = (by: Readonly<Record<string, string>>, labels: Manifest['metadata']['labels'] = {}) =>
  Object.entries(by).every(([key, value]) => labels[key] === value);

test('without more there is the port and a way to find it, and nothing that a cluster may not know', {
  skip,
}, async () => {
  const manifests = await render(program);
  const { spec } = manifests.one<Service>('Service', `${AGENT}-metrics`);
  assert.equal(spec.clusterIP, 'None');
  const { pod, agent } = agentOf(manifests);
  assert.ok(isSelected(spec.selector, pod.metadata.labels));
  assert.equal('ports' in agent, false, 'the scheduler does not keep the peer away from the node');
  assert.deepEqual(
    manifests.all.filter(({ apiVersion }) => apiVersion === OPERATOR),
    [],
  );
});

test('without metrics there is nothing of it', { skip }, async () => {
  const manifests = await render(program, { ...EVERYTHING, 'ringfence.prometheus.enabled': false });
  assert.deepEqual(manifests.of('Service'), []);
  assert.deepEqual(
    manifests.all.filter(({ apiVersion, metadata }) => apiVersion === OPERATOR || /dashboard/.test(metadata.name)),
    [],
  );
});

test('the operator finds the service, and asks its port', { skip }, async () => {
  const manifests = await render(program, { ...EVERYTHING, 'ringfence.prometheus.port': 9100 });
  const service = manifests.one<Service>('Service', `${AGENT}-metrics`);
  const monitor = manifests.one<Monitor>('ServiceMonitor');
  assert.ok(isSelected(monitor.spec.selector.matchLabels, service.metadata.labels));
  assert.equal(monitor.metadata.labels?.release, 'stack');
  const [endpoint] = monitor.spec.endpoints;
  assert.partialDeepStrictEqual(endpoint, { port: 'metrics', path: '/metrics', interval: '30s' });
  assert.deepEqual(service.spec.ports, [{ name: 'metrics', port: 9100, targetPort: 9100, protocol: 'TCP' }]);
});

/** With what a scrape adds: labels of the target, and buckets. */
const declared = new Map<string, readonly string[]>([
  ['up', ['job', 'namespace']],
  [`${gap.name}_bucket`, [...gap.labels, 'le']],
  ...families.flatMap(([, each]) => each.map(({ name, labels }) => [name, labels] as const)),
]);

const METRIC = /\b(up|(?:ringfence|process)_[a-z0-9_]+)\b(?:\{([^}]*)\})?/g;

/** Everything that an expression asks for is declared, with the labels that it asks by. */
function checkExpression(expression: string): void {
  const found = [...expression.matchAll(METRIC)];
  assert.ok(found.length > 0, expression);
  for (const [, name = '', matchers = ''] of found) {
    const labels = declared.get(name) ?? assert.fail(`${name} is not served: ${expression}`);
    for (const [, label = ''] of matchers.matchAll(/([a-z_]+)(?:=~|!~|!=|=)"/g)) {
      assert.ok(['node', ...labels].includes(label), `${name} has no ${label}: ${expression}`);
    }
  }
}

test('alerts ask for what there is, of this release, and say what to do', { skip }, async () => {
  const { spec } = (await render(program, EVERYTHING)).one<Rules>('PrometheusRule');
  const rules = spec.groups.flatMap((group) => group.rules);
  assert.ok(rules.length >= 5);
  for (const { alert, expr, labels, annotations } of rules) {
    checkExpression(expr);
    assert.match(alert, /^Ringfence[A-Z]/);
    assert.match(labels.severity, /^(warning|critical)$/);
    assert.match(annotations.summary ?? '', /\{\{ \$labels\.node \}\}/, 'helm leaves to Prometheus what is its own');
    assert.match(annotations.description ?? '', /\.$/);
  }
  assert.ok(rules.some(({ expr }) => expr.includes(`job="${AGENT}-metrics", namespace="${NAMESPACE}"`)));
  assert.doesNotMatch(JSON.stringify(rules), /_OF_RELEASE/);
});

type Dashboard = {
  readonly panels: readonly {
    readonly id: number;
    readonly type: string;
    readonly targets?: readonly { readonly expr: string; readonly refId: string }[];
  }[];
};

test('so does the dashboard, which Grafana finds by its label', { skip }, async () => {
  const manifests = await render(program, { ...EVERYTHING, 'ringfence.prometheus.dashboard.namespace': 'grafana' });
  const map = manifests.one<{ readonly data: Readonly<Record<string, string>> }>('ConfigMap', `${AGENT}-dashboard`);
  assert.equal(map.metadata.labels?.grafana_dashboard, '1');
  assert.equal(map.metadata.namespace, 'grafana');
  const text = map.data['ringfence.json'] ?? '';
  assert.equal(text, readFileSync(join(CHART, 'files/dashboard.json'), 'utf8').trim());
  const { panels } = JSON.parse(text) as Dashboard;
  const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  assert.ok(expressions.length > 10);
  for (const expression of expressions) checkExpression(expression);
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
  for (const { type, targets = [] } of panels) assert.equal(type === 'row', targets.length === 0);
});

test('what nobody serves is noticed', () => {
  for (const wrong of ['rate(ringfence_evnts_total[5m])', 'ringfence_enforcement{stat="off"}', 'vector(1)']) {
    assert.throws(() => checkExpression(wrong), { name: 'AssertionError' });
  }
});
