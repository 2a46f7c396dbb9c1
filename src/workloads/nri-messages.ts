/** The messages of NRI (nri.pkg.api.v1alpha1), by their field numbers: pods and containers as a runtime tells of them. */
import type { Labels } from '#process';
import type { ContainerClaim } from './claim.ts';
import type { Message } from './protobuf.ts';

/** Bits of the events that a plugin asks for: 1 << (event - 1). */
export const EVENT = { runPodSandbox: 1, startContainer: 6 } as const;
export const EVENTS_WANTED = (1 << (EVENT.runPodSandbox - 1)) | (1 << (EVENT.startContainer - 1));

export const CONFIGURE = { requestTimeoutMs: 5, events: 2 } as const;
export const REGISTER = { name: 1, index: 2 } as const;
export const SYNCHRONIZE = { pods: 1, containers: 2, more: 3, answerMore: 2 } as const;
export const STATE_CHANGE = { event: 1, pod: 2, container: 3 } as const;
/** Of RunPodSandbox and StartContainer, where they are calls of their own. */
export const CALL = { pod: 1, container: 2 } as const;

const POD = { id: 1, name: 2, uid: 3, namespace: 4, labels: 5, linux: 8, cgroupsPath: 4 } as const;
const CONTAINER = { id: 1, podId: 2, name: 3, annotations: 6, linux: 11, cgroupsPath: 5 } as const;
const ADDED = /^io\.cri-containerd\.|^io\.kubernetes\.(?:pod\.(?:name|namespace|uid)|container\.name)$/;
const IMAGE = 'io.kubernetes.cri.image-name';
const IMAGE_OF_CRI_O = 'io.kubernetes.cri-o.ImageName';

export type Announced = {
  readonly claim: ContainerClaim;
  /** Where its cgroup may be, the likelier first. */
  readonly paths: readonly string[];
};

export const podIdOf = (pod: Message): string => pod.text(POD.id);
export const podIdOfContainer = (container: Message): string => container.text(CONTAINER.podId);

/** The container that holds the pod together. `fresh`: its labels are those of this moment. */
export function announcedSandbox(pod: Message, { fresh }: { readonly fresh: boolean }): Announced {
  const image = { id: '', name: '' };
  const claim = { id: pod.text(POD.id), ...podClaim(pod, fresh), name: '', image, sandbox: true };
  return { claim, paths: pathsOf(pod.message(POD.linux).text(POD.cgroupsPath)) };
}

export function announcedContainer(
  pod: Message,
  container: Message,
  { fresh }: { readonly fresh: boolean },
): Announced {
  const annotations = container.map(CONTAINER.annotations);
  const image = { id: '', name: annotations[IMAGE] ?? annotations[IMAGE_OF_CRI_O] ?? '' };
  const [id, name] = [container.text(CONTAINER.id), container.text(CONTAINER.name)];
  const claim = { id, ...podClaim(pod, fresh), name, image, sandbox: false };
  return { claim, paths: pathsOf(container.message(CONTAINER.linux).text(CONTAINER.cgroupsPath)) };
}

function podClaim(pod: Message, fresh: boolean): Pick<ContainerClaim, 'pod' | 'podLabels'> {
  const [uid, namespace, name] = [pod.text(POD.uid), pod.text(POD.namespace), pod.text(POD.name)];
  return { pod: { uid, namespace, name }, podLabels: fresh ? labelsOf(pod) : undefined };
}

/** What the pod has, without what the kubelet and the runtime add for themselves. */
function labelsOf(pod: Message): Labels {
  return Object.fromEntries(Object.entries(pod.map(POD.labels)).filter(([key]) => !ADDED.test(key)));
}

/** As the OCI configuration has it: a path, or for systemd `SLICE:PREFIX:NAME`, where each `-` of a slice is a level. */
export function pathsOf(cgroupsPath: string): readonly string[] {
  const [slice = '', prefix, name] = cgroupsPath.split(':');
  if (prefix === undefined || name === undefined) return cgroupsPath.startsWith('/') ? [cgroupsPath] : [];
  const scope = `${prefix === '' ? '' : `${prefix}-`}${name}.scope`;
  return [`${pathOfSlice(slice)}/${scope}`, `/${cgroupsPath}`, `/system.slice/containerd.service/${cgroupsPath}`];
}

/** `a-b-c.slice` is in `a-b.slice`, which is in `a.slice`. */
function pathOfSlice(slice: string): string {
  const parts = slice.replace(/\.slice$/, '').split('-');
  return parts.map((_, at) => `/${parts.slice(0, at + 1).join('-')}.slice`).join('');
}
