/**
 * How much agents ask of an API server: simulated nodes, each with all that an agent has to say to it, against a real
 * one on this machine. `node test/kubernetes/load.ts [nodes] [policies]`; docs/kubernetes.md has what came out.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PolicyStatusReport } from '#crd';
import { NodeLink, type ObservedPolicy, type PolicyBatch } from '#kubernetes';
import { ApiServer, countRequests, installDefinitions } from '../peers/index.ts';
import { until } from './harness.ts';

const NODES = Number(process.argv[2] ?? 200);
const POLICIES = Number(process.argv[3] ?? 200);
const STEADY_MS = 20_000;
const PATIENCE_MS = 600_000;
const WRITES = 1_000;
const AT_ONCE = 16;
const CHANGES = 5;
const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
const PATH = '/apis/cilium.io/v1alpha1/tracingpolicies';
const nobody = { changed: () => undefined, gone: () => undefined };

class SimulatedNode {
  readonly name: string;
  readonly policies = new Map<string, ObservedPolicy>();
  readonly link: NodeLink;
  synced = false;
  #matches = 0;

  constructor(kubeconfig: string, name: string) {
    this.name = name;
    this.link = new NodeLink({
      place: { kind: 'kubeconfig', path: kubeconfig },
      ...{ nodeName: name, version: '0.1.0', kernel: '6.12.0-cloud-amd64' },
      policies: {
        apply: async (batch) => this.#apply(batch),
        synced: async () => {
          this.synced = true;
        },
        lost: async () => undefined,
      },
      pods: { podChanged: () => undefined, podGone: () => undefined },
      ...{ namespaces: nobody, node: nobody, held: () => undefined, onState: () => undefined },
      observed: () => [...this.policies.values()],
      onError: ({ code, message }) => console.error(name, code, message),
    });
  }

  #apply({ put, remove }: PolicyBatch): void {
    for (const { name, namespace, revision } of put) this.policies.set(name, this.#observed(name, namespace, revision));
    for (const { name } of remove) this.policies.delete(name);
    this.link.changed();
  }

  #observed(name: string, namespace: string | undefined, revision: string): ObservedPolicy {
    const matches = this.#matches++;
    const hook = {
      attached: ['lsm/file_open'],
      effect: 'blocks',
      racy: false,
      mayBeSkipped: false,
      cost: 'low',
    } as const;
    return {
      ...{ name, namespace, revision, origin: 'kubernetes', state: 'loaded', mode: 'enforce', hooks: [hook] },
      counts: { matches, denied: 0, killed: 0, unreadable: 0 },
      ...{ memoryBytes: 40_960, diagnostics: [] },
    };
  }
}

function policy(name: string, value = '/etc/shadow'): object {
  const selectors = [{ matchArgs: [{ index: 0, operator: 'Equal', values: [value] }] }];
  const lsmhooks = [{ hook: 'file_open', args: [{ index: 0, type: 'file' }], selectors }];
  return { apiVersion: 'cilium.io/v1alpha1', kind: 'TracingPolicy', metadata: { name }, spec: { lsmhooks } };
}

await using server = await ApiServer.start();
await installDefinitions(server);
for (let index = 0; index < POLICIES; index++) await server.admin.create(PATH, policy(`policy-${index}`));
const kubeconfig = await server.kubeconfig({ name: 'load', groups: ['system:masters'] });
console.log(`${NODES} nodes, ${POLICIES} policies`);
show('before', 0);

const nodes = Array.from({ length: NODES }, (_, index) => new SimulatedNode(kubeconfig, `node-${index}`));
const stop = new AbortController();
let start = performance.now();
const runs = nodes.map((node) => node.link.run(stop.signal));
await until('all nodes have all policies', allHaveAll, PATIENCE_MS);
show('all have all policies', start);
await until('all have reported', () => nodes.every((node) => node.link.counts.reports > 0), PATIENCE_MS);
show('all have reported', start);
console.log(countRequests(server.audit().filter(({ user }) => user === 'load')));

start = performance.now();
await sleep(STEADY_MS);
show('nothing happens', start);

const collector = spawn(process.execPath, [MAIN, 'collect', '--kubeconfig', kubeconfig], { stdio: 'ignore' });
start = performance.now();
await until(
  'the collector has added up',
  async () => (await reportOf(`policy-${POLICIES - 1}`))?.enforcing === NODES,
  PATIENCE_MS,
);
show('the collector has added up', start);

const times: number[] = [];
for (let change = 0; change < CHANGES; change++) {
  const before = nodes.map(({ policies }) => policies.get('policy-0')?.revision);
  const begin = performance.now();
  await server.admin.replace(`${PATH}/policy-0`, {
    ...policy('policy-0', `/etc/change-${change}`),
    metadata: { name: 'policy-0', resourceVersion: await versionOf('policy-0') },
  });
  await until('all have heard', () =>
    nodes.every((node, at) => node.policies.get('policy-0')?.revision !== before[at]),
  );
  times.push(performance.now() - begin);
}
console.log(`a change is at all nodes after ${times.map((ms) => ms.toFixed(0)).join(', ')} ms`);

stop.abort();
await Promise.all(runs);
const body = (await server.admin.get('/apis/ringfence.io/v1alpha1/nodepolicystatuses/node-0')).body;
const { metadata: _, ...report } = body as { readonly metadata: object };
console.log(`a report has ${(JSON.stringify(report).length / 1024).toFixed(1)} kB`);
start = performance.now();
let written = 0;
await Promise.all(Array.from({ length: AT_ONCE }, writer));
show(`${WRITES} reports, ${AT_ONCE} at once`, start);
console.log(`${((WRITES / (performance.now() - start)) * 1000).toFixed(0)} reports a second`);
collector.kill('SIGTERM');

function allHaveAll(): boolean {
  return nodes.every((node) => node.synced && node.policies.size === POLICIES);
}

async function writer(): Promise<void> {
  for (let index = written++; index < WRITES; index = written++) {
    const name = `node-${index % NODES}`;
    const { status } = report as { readonly status?: object };
    const changed = {
      ...report,
      metadata: { name },
      status: { ...status, reported: new Date().toISOString(), reason: `r${index}` },
    };
    const path = `/apis/ringfence.io/v1alpha1/nodepolicystatuses/${name}?fieldManager=ringfence-agent&force=true`;
    const answer = await server.admin.send('PATCH', path, changed, 'application/apply-patch+yaml');
    if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
  }
}

async function reportOf(name: string): Promise<PolicyStatusReport | undefined> {
  const answer = await server.admin.get(`/apis/ringfence.io/v1alpha1/policystatuses/${name}`);
  return (answer.body as { readonly status?: PolicyStatusReport }).status;
}

async function versionOf(name: string): Promise<string> {
  const answer = await server.admin.get(`${PATH}/${name}`);
  return (answer.body as { readonly metadata: { readonly resourceVersion: string } }).metadata.resourceVersion;
}

function show(what: string, since: number): void {
  const { api, etcd } = server.usage();
  const seconds = since === 0 ? 0 : (performance.now() - since) / 1000;
  const cpu = (name: string, { cpuSeconds, rssMiB }: typeof api) =>
    `${name} ${cpuSeconds.toFixed(1)} s CPU, ${rssMiB.toFixed(0)} MiB`;
  const own = process.memoryUsage().rss / 1024 / 1024;
  console.log(`${what}: ${seconds.toFixed(1)} s; ${cpu('api', api)}; ${cpu('etcd', etcd)}; this ${own.toFixed(0)} MiB`);
}
