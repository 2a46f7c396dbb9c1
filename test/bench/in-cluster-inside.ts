/** In the guest: the agent with a cluster, from its start until it has been there for a minute. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import koffi from 'koffi';
import { ControlClient } from '#control';
import { assert } from '#std';
import { Cluster, launchAgent, metricsFlags, policyText, repository, scrape, until } from '../kernel/harness/index.ts';
import { type Cell, table } from './table.ts';

const PROGRAM = join(repository, 'dist/lib/ringfence/ringfence.js');
const AFTER_MS = 60_000;
const PODS = 30;
const POLICIES = 5;
const MIB = 1024 * 1024;

const clockGettime = koffi.load('libc.so.6').func('int clock_gettime(int clock, _Out_ int64_t *time)');

delete process.env.NODE_OPTIONS; // it makes the Node of a guest start sources
const cluster = await Cluster.open();
assert(cluster !== undefined, 'there is a cluster');
const { admin } = cluster;
await admin.create('/api/v1/nodes', { metadata: { name: cluster.nodeName } });
await admin.create('/api/v1/namespaces', { metadata: { name: 'shop' } });
for (let pod = 0; pod < PODS; pod += 1) {
  await cluster.createPod({ namespace: 'shop', name: `web-${pod}`, labels: { app: 'web', number: String(pod) } });
}
for (let policy = 0; policy < POLICIES; policy += 1) await cluster.apply(policyAbout(policy));

const rows: Cell[][] = [];
for (const [name, flags] of [
  ['alone', []],
  ['with a cluster', cluster.agentFlags],
  ['with a cluster, and metrics', [...cluster.agentFlags, ...metricsFlags]],
] as const) {
  rows.push([name, ...(await measure(flags))]);
}
cluster.close();
const heads = [
  'the agent',
  'M instructions to ready',
  '… to all heard',
  '… a minute later',
  'RSS, MiB',
  'highest, MiB',
];
console.log(table(heads, rows));

async function measure(flags: readonly string[]): Promise<readonly number[]> {
  const directory = mkdtempSync(join(tmpdir(), 'in-cluster-'));
  const place = { pins: '', run: join(directory, 'run'), state: join(directory, 'state') };
  const agent = launchAgent({ policies: flags.length === 0 ? texts() : [], place, args: flags, program: PROGRAM });
  await agent.ready();
  const pid = agent.pid ?? 0;
  const ready = cost(pid);
  const client = new ControlClient({ path: join(place.run, 'control.sock'), silentMsMax: 600_000 });
  await until('it has heard all', async () => {
    const { agent: said, policies } = await client.status();
    const sources = said.cluster?.sources ?? [];
    return policies.length === POLICIES && sources.every(({ state }) => state === 'synced');
  });
  const heard = cost(pid);
  await sleep(AFTER_MS);
  if (flags.includes('--metrics-server')) await scrape();
  const later = cost(pid);
  const memory = readFileSync(`/proc/${pid}/status`, 'latin1');
  const of = (field: string) => (Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(memory)?.[1]) * 1024) / MIB;
  const found = [ready / 1e6, heard / 1e6, later / 1e6, of('VmRSS'), of('VmHWM')];
  await agent.stop();
  rmSync(directory, { recursive: true });
  return found;
}

/** Of all its threads, with what the kernel did for them: the clock of the process, see clock_getcpuclockid(3). */
function cost(pid: number): number {
  const time = new BigInt64Array(2);
  assert(clockGettime((~pid << 3) | 2, time) === 0, `the process ${pid} runs`);
  return Number((time[0] ?? 0n) * 1_000_000_000n + (time[1] ?? 0n));
}

function policyAbout(index: number) {
  const metadata: { readonly name: string; readonly namespace?: string } = { name: `secret-${index}` };
  const matchArgs = [{ index: 0, operator: 'Equal', values: [`/srv/secret-${index}`] }];
  const selectors = [{ matchArgs, matchActions: [{ action: 'Sigkill' }] }];
  return {
    apiVersion: 'cilium.io/v1alpha1',
    kind: 'TracingPolicy',
    metadata,
    spec: {
      podSelector: { matchLabels: { app: 'web' } },
      lsmhooks: [{ hook: 'file_open', args: [{ index: 0, type: 'file' }], selectors }],
    },
  };
}

/** As many, from files. */
function texts(): readonly string[] {
  return Array.from({ length: POLICIES }, (_, index) =>
    policyText({
      name: `secret-${index}`,
      hooks: ['file_open'],
      rules: [{ paths: [`/srv/secret-${index}`], action: { override: 1 } }],
    }),
  );
}
