/** Metrics of what the agent hears of its node: containers, and the API server of the cluster. None where there are none. */
import type { ClusterStatus, ContainersStatus } from '#control';
import { byKey, type Family, oneOf, plain, type Sample } from './family.ts';

const SOURCE_STATES = ['waiting', 'synced', 'stale', 'absent'];

const containers = (
  declared: Omit<Family, 'read'> & { readonly of: (status: ContainersStatus) => readonly Sample[] },
): Family => {
  const { of, ...family } = declared;
  return { ...family, read: ({ containers: status }) => (status === undefined ? [] : of(status)) };
};

const cluster = (
  declared: Omit<Family, 'read'> & { readonly of: (status: ClusterStatus) => readonly Sample[] },
): Family => {
  const { of, ...family } = declared;
  return { ...family, read: ({ cluster: status }) => (status === undefined ? [] : of(status)) };
};

export const nodeFamilies: readonly Family[] = [
  containers({
    name: 'ringfence_pods',
    type: 'gauge',
    help: 'Pods of the node that are known.',
    labels: [],
    of: ({ pods }) => plain(pods),
  }),
  containers({
    name: 'ringfence_containers',
    type: 'gauge',
    help: 'Containers that are known, by whoever told of them.',
    labels: [],
    of: (status) => plain(status.containers),
  }),
  containers({
    name: 'ringfence_containers_pending',
    type: 'gauge',
    help: 'Of these: in pods, and not known well enough for policies to select them.',
    labels: [],
    of: ({ pending }) => plain(pending),
  }),
  containers({
    name: 'ringfence_cgroups',
    type: 'gauge',
    help: 'Cgroups that the kernel has been told of.',
    labels: [],
    of: ({ cgroups }) => plain(cgroups),
  }),
  containers({
    name: 'ringfence_workloads_refused_total',
    type: 'counter',
    help: 'Pods, containers and cgroups that were more than there may be.',
    labels: [],
    of: ({ refused }) => plain(refused),
  }),
  containers({
    name: 'ringfence_pending_calls_total',
    type: 'counter',
    help: 'Calls from containers that were not known yet, which policies that select workloads could not be asked about. Since the base sensor was loaded, as the next two.',
    labels: [],
    of: ({ callsPending }) => plain(callsPending),
  }),
  containers({
    name: 'ringfence_unreadable_workload_calls_total',
    type: 'counter',
    help: 'Calls whose cgroup could not be read.',
    labels: [],
    of: ({ callsUnreadable }) => plain(callsUnreadable),
  }),
  containers({
    name: 'ringfence_execs_held_total',
    type: 'counter',
    help: 'Programs that were not executed, as their container was not known and its namespace fails closed.',
    labels: [],
    of: ({ execsHeld }) => plain(execsHeld),
  }),
  containers({
    name: 'ringfence_hook_requests_total',
    type: 'counter',
    help: 'Containers that the OCI hook of their runtime announced, by the answer.',
    labels: ['answer'],
    of: ({ hook }) => byKey('answer', hook),
  }),
  containers({
    name: 'ringfence_nri_connected',
    type: 'gauge',
    help: '1 while the container runtime is connected by NRI; without a series where NRI is not asked for.',
    labels: [],
    of: ({ nri }) => (nri === undefined ? [] : plain(nri.connected === true ? 1 : 0)),
  }),
  containers({
    name: 'ringfence_nri_requests_total',
    type: 'counter',
    help: 'Containers that were announced by NRI, by the answer; and connections.',
    labels: ['answer'],
    of: ({ nri = {} }) =>
      Object.entries(nri).flatMap(([answer, value]) =>
        typeof value === 'number' ? [{ labels: { answer }, value }] : [],
      ),
  }),
  cluster({
    name: 'ringfence_api_source_state',
    type: 'gauge',
    help: 'How well each kind of object is heard from the API server: 1 for the state that holds. absent: its definition is not installed.',
    labels: ['resource', 'state'],
    of: ({ sources }) => sources.flatMap(({ resource, state }) => oneOf(SOURCE_STATES, state, { resource })),
  }),
  cluster({
    name: 'ringfence_api_source_stale_seconds',
    type: 'gauge',
    help: 'How long the API server has not been heard, where it should be; 0 while it is.',
    labels: ['resource'],
    of: ({ sources }) =>
      sources.map(({ resource, state, sinceMs }) => ({
        labels: { resource },
        value: state === 'stale' || state === 'waiting' ? Math.max(0, Date.now() - sinceMs) / 1000 : 0,
      })),
  }),
  cluster({
    name: 'ringfence_api_requests_total',
    type: 'counter',
    help: 'Requests to the API server. A watch is a GET, and each that begins anew one more; PATCH writes the report of the node.',
    labels: ['method'],
    of: ({ requests }) => requests.map(({ method, count }) => ({ labels: { method }, value: count })),
  }),
  cluster({
    name: 'ringfence_api_requests_failed_total',
    type: 'counter',
    help: 'Of these: without an answer, or refused.',
    labels: ['method'],
    of: ({ requests }) => requests.map(({ method, failed }) => ({ labels: { method }, value: failed })),
  }),
  cluster({
    name: 'ringfence_reports_written_total',
    type: 'counter',
    help: 'Reports of this node that the API server has taken.',
    labels: [],
    of: ({ reports }) => plain(reports),
  }),
  cluster({
    name: 'ringfence_api_objects_refused_total',
    type: 'counter',
    help: 'Policies and pods of the API server that were more than there may be.',
    labels: ['resource'],
    of: ({ policiesRefused, podsRefused }) => byKey('resource', { policies: policiesRefused, pods: podsRefused }),
  }),
];
