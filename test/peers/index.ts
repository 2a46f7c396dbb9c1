/** peers: programs of others that Ringfence works with, the real ones, for tests. */
export { ApiClient, type ApiResponse } from './api-client.ts';
export { ApiServer, type ApiServerOptions } from './api-server.ts';
export { type AuditEntry, countRequests } from './audit-log.ts';
export type { Identity } from './certificates.ts';
export { installDefinitions, rulesOfChart } from './chart.ts';
export { type Cluster, startCluster } from './cluster.ts';
export { Controllers } from './controllers.ts';
export { CLUSTER_VARIABLE, type ClusterOfGuest, openToGuest } from './guest-cluster.ts';
export { provideApiServer, provideNodePrograms } from './programs.ts';
