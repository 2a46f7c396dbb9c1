/** A cluster for a test in a guest: a real API server on this machine, with what the chart brings, and ways to get in. */
import { readFileSync } from 'node:fs';
import { ApiServer } from './api-server.ts';
import { installDefinitions, rulesOfChart } from './chart.ts';

/** In the environment of the test: `ClusterOfGuest` as JSON. */
export const CLUSTER_VARIABLE = 'RINGFENCE_CLUSTER';

/** `url` is the server's as the guest sees it. */
export type ClusterOfGuest = {
  readonly url: string;
  /** A kubeconfig, of one who may do everything. */
  readonly admin: string;
  /** Of a service account that may do what the chart lets the agent do, and nothing else. */
  readonly agentToken: string;
};

const RBAC = 'rbac.authorization.k8s.io';
const NAMESPACE = 'ringfence';
const ACCOUNT = 'ringfence-agent';
const TOKEN_SECONDS = 7200;

/** Returns the server, and what to tell the guest of it. */
export async function openToGuest(url: string): Promise<{ server: ApiServer; told: ClusterOfGuest }> {
  const server = await ApiServer.start();
  try {
    await installDefinitions(server);
    const agentToken = await tokenOfAgent(server);
    const admin = readFileSync(await server.kubeconfig(), 'utf8').replace(server.url, url);
    return { server, told: { url, admin, agentToken } };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function tokenOfAgent({ admin }: ApiServer): Promise<string> {
  const account = { kind: 'ServiceAccount', name: ACCOUNT, namespace: NAMESPACE };
  const accounts = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`;
  const metadata = { name: ACCOUNT };
  await admin.create('/api/v1/namespaces', { metadata: { name: NAMESPACE } });
  await admin.create(accounts, { metadata });
  await admin.create(`/apis/${RBAC}/v1/clusterroles`, { metadata, rules: rulesOfChart() });
  await admin.create(`/apis/${RBAC}/v1/clusterrolebindings`, {
    metadata,
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: ACCOUNT },
    subjects: [account],
  });
  const { status } = (await admin.create(`${accounts}/${ACCOUNT}/token`, {
    spec: { expirationSeconds: TOKEN_SECONDS },
  })) as { readonly status: { readonly token: string } };
  return status.token;
}
