/** Random workload selectors, and workloads of which they select some. */
import type { Observation } from '#policy';
import type { Random } from './random.ts';

const namespaces = ['shop', 'bank'] as const;
const keys = ['app', 'tier', 'k8s:io.kubernetes.pod.namespace'] as const;
const values = ['web', 'shop', 'bank', ''] as const;
const containers = ['web', 'proxy'] as const;

/** Under spec, or an item of matchWorkloads; `namespaced`: there is no host in a namespace. */
export function workloadSelectors(namespaced: boolean, random: Random): object {
  return {
    ...(random.chance(60) ? { podSelector: labelSelector(keys, values, random) } : {}),
    ...(random.chance(30) ? { containerSelector: labelSelector(['name', 'repo'], containers, random) } : {}),
    ...(random.chance(30) && !namespaced ? { hostSelector: {} } : {}),
  };
}

function labelSelector(of: readonly string[], listed: readonly string[], random: Random): object {
  const some = () => random.shuffled(listed).slice(0, random.between(1, 2));
  const expression = () => {
    const operator = random.pick(['In', 'NotIn', 'Exists', 'DoesNotExist']);
    return { key: random.pick(of), operator, ...(operator.endsWith('In') ? { values: some() } : {}) };
  };
  return {
    ...(random.chance(50) ? { matchLabels: { [random.pick(of)]: random.pick(listed) } } : {}),
    ...(random.chance(40) ? { matchExpressions: [expression()] } : {}),
  };
}

export function makeWorkload(random: Random): Observation['workload'] {
  if (random.chance(8)) return 'unreadable';
  if (random.chance(20)) return { kind: 'host' };
  if (random.chance(8)) return { kind: 'pending' };
  const labels = keys.slice(0, 2).filter(() => random.chance(70));
  return {
    kind: 'container',
    namespace: random.chance(85) ? random.pick(namespaces) : undefined,
    podLabels: Object.fromEntries(labels.map((key) => [key, random.pick(values)])),
    containerName: random.pick(containers),
    imageRepo: random.pick(containers),
  };
}
