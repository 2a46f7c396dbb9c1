/** What selectors of workloads and nodes say, as a part of a sentence: whom they select. */
import type { Canary, ContainerSelector, LabelRequirement, WorkloadSelector } from '#policy';

export function explainWorkload({ host, containers }: WorkloadSelector): string {
  const parts = [
    ...(host ? ['processes of the host and containers that no pod has'] : []),
    ...(containers === undefined ? [] : [explainContainers(containers)]),
  ];
  return parts.join(', and ');
}

export function explainNodes(selector: readonly LabelRequirement[]): string {
  return `nodes whose ${requirements(selector)}`;
}

export function explainCanary({ percent, labels }: Canary): string {
  const share = percent === undefined ? [] : [`${percent} % of the nodes, by their names`];
  return [...share, ...(labels.length === 0 ? [] : [explainNodes(labels)])].join(', and of ');
}

function explainContainers({ namespace, pod, container }: ContainerSelector): string {
  const which = container.length === 0 ? 'containers' : `containers whose ${requirements(container)}`;
  if (namespace === undefined && pod === undefined) return which;
  const where = namespace === undefined ? '' : ` of the namespace ${namespace}`;
  const labels = pod === undefined || pod.length === 0 ? '' : ` whose ${requirements(pod)}`;
  return `${which} of pods${where}${labels}`;
}

function requirements(all: readonly LabelRequirement[]): string {
  return all.map(requirement).join(' and whose ');
}

function requirement({ key, operator, values }: LabelRequirement): string {
  const listed = values.map((value) => JSON.stringify(value)).join(' or ');
  switch (operator) {
    case 'In':
      return `${key} is ${listed}`;
    case 'NotIn':
      return `${key} is not ${listed}`;
    case 'Exists':
      return `${key} is there`;
    case 'DoesNotExist':
      return `${key} is not there`;
  }
}
