/** The objects that say what became of a policy, and where they are: its report, its status, and events on it. */
import { type PolicyStatusReport, statusApiVersion, type TracingPolicyStatus } from '#crd';
import type { FleetPolicy } from './fleet.ts';
import type { Verdict } from './verdict.ts';

/** As the manager of fields, and as the source of events. */
export const COLLECTOR = 'ringfence-collector';

const POLICIES = 'cilium.io/v1alpha1';
/** Events on what is in no namespace are in this one. */
const EVENTS_NAMESPACE = 'default';
const EVENT_CHARACTERS_MAX = 1_000;

export function reportPathOf({ name, namespace }: FleetPolicy): string {
  return namespace === undefined
    ? `/apis/${statusApiVersion}/policystatuses/${name}`
    : `/apis/${statusApiVersion}/namespaces/${namespace}/policystatusesnamespaced/${name}`;
}

export function policyPathOf({ name, namespace }: FleetPolicy): string {
  return namespace === undefined
    ? `/apis/${POLICIES}/tracingpolicies/${name}`
    : `/apis/${POLICIES}/namespaces/${namespace}/tracingpoliciesnamespaced/${name}`;
}

export function eventPathOf({ namespace = EVENTS_NAMESPACE }: FleetPolicy): string {
  return `/api/v1/namespaces/${namespace}/events`;
}

export function reportResourceOf({ namespace }: FleetPolicy): string {
  return namespace === undefined ? 'policystatuses.ringfence.io' : 'policystatusesnamespaced.ringfence.io';
}

export function reportObject(policy: FleetPolicy, status: PolicyStatusReport): object {
  const { name, namespace, uid } = policy;
  const owner = { apiVersion: POLICIES, kind: kindOf(policy), name, uid };
  return {
    apiVersion: statusApiVersion,
    kind: namespace === undefined ? 'PolicyStatus' : 'PolicyStatusNamespaced',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ownerReferences: [owner] },
    status,
  };
}

export function policyObject(policy: FleetPolicy, tally: PolicyStatusReport): object {
  const { name, namespace } = policy;
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
  return { apiVersion: POLICIES, kind: kindOf(policy), metadata, status: inPolicyOf(tally) };
}

export function eventObject(policy: FleetPolicy, { reason, type, message }: Verdict, now: Date): object {
  const { name, namespace, uid } = policy;
  const time = now.toISOString();
  return {
    metadata: { generateName: `${name.slice(0, 200)}.`, namespace: namespace ?? EVENTS_NAMESPACE },
    involvedObject: {
      ...{ apiVersion: POLICIES, kind: kindOf(policy), name, uid },
      ...(namespace === undefined ? {} : { namespace }),
    },
    ...{ reason, type, message: message.slice(0, EVENT_CHARACTERS_MAX) },
    ...{ firstTimestamp: time, lastTimestamp: time, count: 1 },
    ...{ source: { component: COLLECTOR }, reportingComponent: COLLECTOR },
  };
}

/** Of a report, what the policy itself says. */
export function inPolicyOf(tally: PolicyStatusReport): TracingPolicyStatus {
  const { revision, nodes, enforced, enforcing, monitoring, degraded, refused, pending } = tally;
  const { outsideCanary, skipped, reason, message } = tally;
  return {
    ...{ revision, nodes, enforced, enforcing, monitoring, degraded, refused, pending },
    ...(outsideCanary === undefined ? {} : { outsideCanary }),
    ...(skipped === undefined ? {} : { skipped }),
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  };
}

function kindOf({ namespace }: FleetPolicy): string {
  return namespace === undefined ? 'TracingPolicy' : 'TracingPolicyNamespaced';
}
