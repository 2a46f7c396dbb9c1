/** The cluster that tests run against: the one that KUBECONFIG names, or an API server of the test's own. */
import { ApiServer, type ApiServerOptions } from './api-server.ts';

export type Cluster = {
  readonly kubeconfig: string;
  /** Where it is the test's own: what one does not do to somebody else's cluster. */
  readonly server: ApiServer | undefined;
  stop(): Promise<void>;
};

export async function startCluster(options?: ApiServerOptions): Promise<Cluster> {
  const { KUBECONFIG } = process.env;
  if (KUBECONFIG) return { kubeconfig: KUBECONFIG, server: undefined, stop: () => Promise.resolve() };
  const server = await ApiServer.start(options);
  return { kubeconfig: await server.kubeconfig(), server, stop: () => server.stop() };
}
