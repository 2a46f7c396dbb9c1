/**
 * A guest as a real node: containerd and a kubelet of it, the image as `npm run build:image` makes it, the chart as helm
 * installs it, and a policy that is applied and kills in the pod that it names. With RINGFENCE_NODE=1 only: to build the
 * kubelet takes ten minutes of a processor.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CHART, helmOutput, provideHelm } from '../chart/helm.ts';
import { AGENT, NAMESPACE, RELEASE } from '../chart/render.ts';
import {
  CONTAINERD_AT,
  GUEST_ADDRESS,
  type Guest,
  provideContainerdDisk,
  provideTools,
  SERVER,
  startGuest,
} from '../lab/index.ts';
import { ApiServer, Controllers } from '../peers/index.ts';
import { provideNodeDisk } from './disk.ts';
import { BUSYBOX_IMAGE, JOB, NODE_AT, NODE_VARIABLE, type NodeOfGuest } from './place.ts';

const NODE_NAME = 'node-of-guest';
const MEMORY_MIB = 4096;
/** Of the whole: the emulator takes twenty times as long as the machine. */
const GUEST_SECONDS_MAX = 1500;
const PATIENCE_MS = 600_000;
const POLL_MS = 100;
const PODS = '/api/v1/namespaces/default/pods';
const REPORT = `/apis/ringfence.io/v1alpha1/nodepolicystatuses/${NODE_NAME}`;
const KILLED = 128 + 9;
/** A probe is a process of its own, which takes seconds to start here. */
const PROBE = { periodSeconds: 20, timeoutSeconds: 120, failureThreshold: 20 };

const skip = process.env.RINGFENCE_NODE === '1' ? false : 'takes long: a kubelet is built; RINGFENCE_NODE=1 runs it';

describe('a node of its own', { skip }, () => {
  const open = new AsyncDisposableStack();
  let server: ApiServer;
  let guest: Guest;
  /** What the kubelet and containerd said. */
  let said = '';
  let ended: string | undefined;

  before(async () => {
    await provideTools('lab', console.log);
    const helm = await provideHelm();
    server = open.use(await ApiServer.start({ serviceAccounts: true }));
    open.use(await Controllers.start(server));
    guest = open.use(await startGuest({ kernel: '6.12', memoryMiB: MEMORY_MIB }));
    await guest.mount('rf-containerd', await provideContainerdDisk(), CONTAINERD_AT);
    await guest.mount('rf-node', await provideNodeDisk('6.12'), NODE_AT);
    await guest.reach(Number(new URL(server.url).port));
    const url = `https://${SERVER.address}:${SERVER.port}`;
    const kubeconfig = readFileSync(await server.kubeconfig(), 'utf8').replace(server.url, url);
    const told: NodeOfGuest = { name: NODE_NAME, address: GUEST_ADDRESS, kubeconfig };
    void guest
      .run(['node', 'test/node/inside.ts'], {
        env: { [NODE_VARIABLE]: JSON.stringify(told) },
        timeoutSeconds: GUEST_SECONDS_MAX,
        onOutput: (chunk) => {
          said += chunk.toString();
        },
      })
      .then(
        ({ status }) => `it ended with ${status}`,
        (error: Error) => error.message,
      )
      .then((how) => {
        ended = how;
      });
    await install(helm, server);
  });

  after(() => open.disposeAsync());

  async function until<Found>(what: string, find: () => Promise<Found | undefined>): Promise<Found> {
    for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await sleep(POLL_MS)) {
      const found = await find();
      if (found !== undefined) return found;
      if (ended !== undefined) break;
    }
    const pods = (await server.admin.get('/api/v1/pods')).body as { readonly items: readonly Pod[] };
    const states = pods.items.map(({ metadata, status }) => `${metadata.name}: ${JSON.stringify(status)}`);
    return assert.fail(`waited in vain: ${what}; ${ended}\n${states.join('\n')}\n${said.slice(-6000)}`);
  }

  const podsOf = async (namespace: string) =>
    ((await server.admin.get(`/api/v1/namespaces/${namespace}/pods`)).body as { readonly items: readonly Pod[] }).items;

  /** In the network of the node, as there is no other. */
  async function createPod(name: string, app: string, script: string): Promise<void> {
    const container = {
      ...{ name: 'app', image: BUSYBOX_IMAGE, imagePullPolicy: 'Never' },
      ...{ command: [JOB, 'sh', '-c', script], volumeMounts: [{ name: 'data', mountPath: '/data' }] },
    };
    await server.admin.create(PODS, {
      metadata: { name, labels: { app } },
      spec: {
        ...{ hostNetwork: true, restartPolicy: 'Never', tolerations: [{ operator: 'Exists' }] },
        ...{ containers: [container], volumes: [{ name: 'data', emptyDir: {} }] },
      },
    });
  }

  const stateOf = async (name: string) => {
    const pod = (await podsOf('default')).find(({ metadata }) => metadata.name === name);
    return pod?.status.containerStatuses?.[0]?.state;
  };

  test('the DaemonSet of the chart runs there, and the agent in it is ready', async () => {
    const agent = await until('the agent is ready', async () =>
      (await podsOf(NAMESPACE)).find(({ status }) => status.containerStatuses?.[0]?.ready === true),
    );
    assert.equal(agent.spec.nodeName, NODE_NAME);
    assert.equal(agent.status.containerStatuses?.[0]?.restartCount, 0);
  });

  test('a policy that is applied kills in the pod that it names, and nowhere else', async (context) => {
    const reading = 'echo secret > /data/secret; while read text < /data/secret; do sleep 0.1; done';
    await createPod('guarded', 'guarded', reading);
    await createPod('free', 'free', reading);
    for (const name of ['guarded', 'free']) {
      await until(`${name} runs`, async () => ((await stateOf(name))?.running === undefined ? undefined : true));
    }
    const appliedMs = Date.now();
    await applyPolicy('reads', { hook: 'file_open', type: 'file', value: '/data/secret' });
    const state = await until('its container is dead', async () => (await stateOf('guarded'))?.terminated);
    const [endedMs, heardMs] = [Date.parse(state.finishedAt), Date.now()].map((atMs) => atMs - appliedMs);
    // the guest has a clock of its own, and what containerd says is in whole seconds
    context.diagnostic(`after the request the container ended at ${endedMs} ms, the API server heard at ${heardMs} ms`);
    assert.equal(state.exitCode, KILLED);
    assert.notEqual((await stateOf('free'))?.running, undefined);
  });

  test('the agent says so, with the account that its pod has', async () => {
    const told = await until('it enforces', async () => {
      const { status, body } = await server.admin.get(REPORT);
      const report = status === 200 ? (body as { readonly status?: Report }).status : undefined;
      return report?.enforcing === 1 ? report : undefined;
    });
    assert.match((told.asWanted ?? []).join('\n'), /^reads [0-9a-f]{8}\.1 Enforcing/);
  });

  test('the first process of a pod that starts later is killed as it is executed', async () => {
    await applyPolicy('runs', { hook: 'bprm_check_security', type: 'linux_binprm', value: JOB });
    await until('it enforces', async () => {
      const { body } = await server.admin.get(REPORT);
      return (body as { readonly status: Report }).status.enforcing === 2 ? true : undefined;
    });
    await createPod('late', 'guarded', 'exit 0');
    await createPod('other', 'free', 'exit 0');
    const end = (name: string) => until(`${name} has ended`, async () => (await stateOf(name))?.terminated);
    assert.deepEqual([(await end('late')).exitCode, (await end('other')).exitCode], [KILLED, 0]);
  });

  /** What `kubectl apply` of something new comes to. */
  async function applyPolicy(name: string, { hook, type, value }: Readonly<Record<'hook' | 'type' | 'value', string>>) {
    const selectors = [
      { matchArgs: [{ index: 0, operator: 'Equal', values: [value] }], matchActions: [{ action: 'Sigkill' }] },
    ];
    const podSelector = { matchLabels: { app: 'guarded' } };
    await server.admin.create('/apis/cilium.io/v1alpha1/tracingpolicies', {
      ...{ apiVersion: 'cilium.io/v1alpha1', kind: 'TracingPolicy', metadata: { name } },
      spec: { podSelector, lsmhooks: [{ hook, args: [{ index: 0, type }], selectors }] },
    });
  }
});

type Pod = {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly containerStatuses?: readonly {
      readonly ready: boolean;
      readonly restartCount: number;
      readonly state: {
        readonly running?: object;
        readonly terminated?: { readonly exitCode: number; readonly finishedAt: string };
      };
    }[];
  };
};

type Report = { readonly enforcing?: number; readonly asWanted?: readonly string[] };

/** Services have no addresses in this cluster, so that the agent is told where the API server is. */
async function install(helm: string, server: ApiServer): Promise<void> {
  const values = {
    'ringfence.image.pullPolicy': 'Never',
    'ringfence.startGuard': '0s',
    'ringfence.startupProbe': PROBE,
    'ringfence.readinessProbe': PROBE,
    'ringfence.livenessProbe': PROBE,
    'ringfence.extraEnv': [
      { name: 'KUBERNETES_SERVICE_HOST', value: SERVER.address },
      { name: 'KUBERNETES_SERVICE_PORT', value: String(SERVER.port) },
    ],
    rthooks: { enabled: true, interface: 'nri-hook' },
    // a Deployment, whose controller is not here
    'collector.enabled': false,
  };
  const given = Object.entries(values).flatMap(([key, value]) => ['--set-json', `${key}=${JSON.stringify(value)}`]);
  const place = ['--namespace', NAMESPACE, '--create-namespace', '--kubeconfig', await server.kubeconfig()];
  await helmOutput(helm, ['install', RELEASE, CHART, ...place, ...given]);
  const { status } = await server.admin.get(`/apis/apps/v1/namespaces/${NAMESPACE}/daemonsets/${AGENT}`);
  assert.equal(status, 200);
}
