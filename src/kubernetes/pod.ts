/** A pod as its API server has it, and what of it matters here. */
import type { ContainerFacts, Labels, Pod } from '#process';
import { type JsonObject, listOf, metadataOf, objectOf, textOf, textsOf } from './json.ts';

const TEMPLATE_HASH = 'pod-template-hash';
/** A CronJob calls a Job by its own name and the minute of its schedule, counted since 1970. */
const CRON_JOB = /^(.+)-\d{8,10}$/;
/** Kinds in the order in which a pod has them. */
const CONTAINERS = [
  ['containers', 'containerStatuses'],
  ['initContainers', 'initContainerStatuses'],
  ['ephemeralContainers', 'ephemeralContainerStatuses'],
] as const;

/** Undefined for what has neither name nor uid. */
export function podOf(object: unknown): Pod | undefined {
  const { metadata, spec } = objectOf(object);
  const { name, namespace, uid } = metadataOf(object);
  if (name === '' || namespace === undefined || uid === '') return undefined;
  const labels = textsOf(objectOf(metadata).labels);
  const annotations = textsOf(objectOf(metadata).annotations);
  return {
    ...{ uid, namespace, name, labels, annotations },
    workload: workloadOf(objectOf(metadata), { name, labels }),
    hostNetwork: objectOf(spec).hostNetwork === true,
    containers: containersOf(objectOf(object)),
  };
}

/**
 * By names, which Deployments and CronJobs make by a fixed rule: nobody is asked who owns the owner. One who names a
 * ReplicaSet by hand does not have the label; a Job of such a name is rare, and is then called a CronJob.
 */
function workloadOf(metadata: JsonObject, pod: { readonly name: string; readonly labels: Labels }): Pod['workload'] {
  const owners = listOf(metadata.ownerReferences).map(objectOf);
  const owner = owners.find(({ controller }) => controller === true) ?? owners[0];
  const kind = textOf(owner?.kind);
  const name = textOf(owner?.name);
  if (name === '' || kind === 'Node') return { kind: 'Pod', name: pod.name };
  const hash = pod.labels[TEMPLATE_HASH];
  if (kind === 'ReplicaSet' && hash !== undefined && name.endsWith(`-${hash}`)) {
    return { kind: 'Deployment', name: name.slice(0, -hash.length - 1) };
  }
  const schedule = CRON_JOB.exec(name)?.[1];
  if (kind === 'Job' && schedule !== undefined) return { kind: 'CronJob', name: schedule };
  return { kind, name };
}

function containersOf({ spec, status }: JsonObject): readonly ContainerFacts[] {
  return CONTAINERS.flatMap(([declared, observed]) => {
    const specs = listOf(objectOf(spec)[declared]).map(objectOf);
    return listOf(objectOf(status)[observed])
      .map(objectOf)
      .flatMap((each) => {
        const id = textOf(each.containerID).replace(/^[a-z0-9+.-]+:\/\//, '');
        if (id === '') return []; // not made yet
        const name = textOf(each.name);
        const { securityContext, image } = specs.find((one) => one.name === name) ?? {};
        return [
          {
            ...{ id, name },
            image: { id: textOf(each.imageID), name: textOf(each.image) || textOf(image) },
            startedNs: startOf(objectOf(each.state)),
            privileged: objectOf(securityContext).privileged === true,
          },
        ];
      });
  });
}

function startOf({ running, terminated }: JsonObject): bigint | undefined {
  const text = textOf(objectOf(running).startedAt) || textOf(objectOf(terminated).startedAt);
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1_000_000n;
}
