/** The pod and the container of a process, as the events API has them: fields in the order of their numbers. */
import type { ContainerFacts, Labels, Workload } from '#process';
import { quote } from './escape.ts';
import { rfc3339 } from './timestamp.ts';

/** What the events API keeps of the id of a container, under the name that it had when there was only Docker. */
const DOCKER_CHARACTERS = 31;

/** Around the pid of the process within its container. */
type PodText = { readonly head: string; readonly tail: string };

/**
 * Texts of workloads, each made once. They are kept for as long as the workload: of one that changes, its labels for
 * instance, there is another object then, and so another text.
 */
export class PodTexts {
  readonly #annotations: boolean;
  readonly #texts = new WeakMap<Workload, PodText>();

  constructor({ annotations }: { readonly annotations: boolean }) {
    this.#annotations = annotations;
  }

  /** Members of a process, each after its comma. */
  of(workload: Workload, namespacePid: number): string {
    let text = this.#texts.get(workload);
    if (text === undefined) {
      text = podText(workload, this.#annotations);
      this.#texts.set(workload, text);
    }
    return workload.pod === undefined || namespacePid === 0
      ? `${text.head}${text.tail}`
      : `${text.head},"pid":${namespacePid}${text.tail}`;
  }
}

function podText({ pod, container }: Workload, withAnnotations: boolean): PodText {
  const docker = container.id === '' ? '' : `,"docker":${quote(container.id.slice(0, DOCKER_CHARACTERS))}`;
  if (pod === undefined) return { head: '', tail: docker };
  const { namespace, name, uid, labels, annotations, workload } = pod;
  const names = `"namespace":${quote(namespace)},"name":${quote(name)}${textJson('uid', uid)}`;
  const { head, tail } = containerText(container);
  const rest = [
    labelsJson('pod_labels', labels),
    textJson('workload', workload.name),
    textJson('workload_kind', workload.kind),
    withAnnotations ? labelsJson('pod_annotations', annotations) : '',
  ];
  return { head: `,"pod":{${names},"container":{${head}`, tail: `${tail}}${rest.join('')}}${docker}` };
}

/** The id is always there: a member that the others can follow with a comma. */
function containerText({ id, name, image, startedNs, privileged }: ContainerFacts): PodText {
  const imageMembers = `${textJson('id', image.id)}${textJson('name', image.name)}`.slice(1);
  const imageJson = imageMembers === '' ? '' : `,"image":{${imageMembers}}`;
  const started = startedNs === undefined ? '' : `,"start_time":"${rfc3339(startedNs)}"`;
  return {
    head: `"id":${quote(id)}${textJson('name', name)}${imageJson}${started}`,
    tail: privileged ? ',"security_context":{"privileged":true}' : '',
  };
}

function textJson(name: string, text: string): string {
  return text === '' ? '' : `,"${name}":${quote(text)}`;
}

/** By name, as protobuf's JSON has maps. */
function labelsJson(name: string, labels: Labels): string {
  const members = Object.entries(labels)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]) => `${quote(key)}:${quote(value)}`);
  return members.length === 0 ? '' : `,"${name}":{${members.join(',')}}`;
}
