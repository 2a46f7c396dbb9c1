/** What the runtime says of a container, in the annotations of its OCI configuration, before Kubernetes tells. */
import type { Labels } from '#process';

export type ContainerClaim = {
  readonly id: string;
  /** Undefined where no pod has it. */
  readonly pod: { readonly uid: string; readonly namespace: string; readonly name: string } | undefined;
  /** Where the runtime tells them, those of the moment; undefined: only Kubernetes knows. */
  readonly podLabels?: Labels | undefined;
  /** In its pod; empty for the one that holds the pod together, and where no pod has it. */
  readonly name: string;
  readonly image: { readonly id: string; readonly name: string };
  readonly sandbox: boolean;
};

/** Keys by what they tell; the first that is there counts. */
type Keys = Readonly<Record<'type' | 'uid' | 'namespace' | 'pod' | 'name' | 'imageName', string>> & {
  readonly imageId: string | undefined;
};

/** A family is used where it names type, pod and namespace: a pod's own annotations cannot mix with another's. */
const FAMILIES: readonly Keys[] = [
  {
    type: 'io.kubernetes.cri.container-type',
    uid: 'io.kubernetes.cri.sandbox-uid',
    namespace: 'io.kubernetes.cri.sandbox-namespace',
    pod: 'io.kubernetes.cri.sandbox-name',
    name: 'io.kubernetes.cri.container-name',
    imageName: 'io.kubernetes.cri.image-name',
    imageId: undefined,
  },
  {
    type: 'io.kubernetes.cri-o.ContainerType',
    uid: 'io.kubernetes.pod.uid',
    namespace: 'io.kubernetes.pod.namespace',
    pod: 'io.kubernetes.pod.name',
    name: 'io.kubernetes.container.name',
    imageName: 'io.kubernetes.cri-o.ImageName',
    imageId: 'io.kubernetes.cri-o.ImageRef',
  },
];

/** Annotations are whatever the configuration has; what is no text is not there. */
export function claimOf(id: string, annotations: unknown): ContainerClaim {
  const given = textsOf(annotations);
  for (const keys of FAMILIES) {
    const [type, uid, namespace] = [given(keys.type), given(keys.uid), given(keys.namespace)];
    if (type === undefined || uid === undefined || namespace === undefined) continue;
    const sandbox = type === 'sandbox';
    const imageId = keys.imageId === undefined ? undefined : given(keys.imageId);
    return {
      id,
      pod: { uid, namespace, name: given(keys.pod) ?? '' },
      name: sandbox ? '' : (given(keys.name) ?? ''),
      image: { id: imageId ?? '', name: given(keys.imageName) ?? '' },
      sandbox,
    };
  }
  return { id, pod: undefined, name: '', image: { id: '', name: '' }, sandbox: false };
}

function textsOf(annotations: unknown): (key: string) => string | undefined {
  const given = typeof annotations === 'object' && annotations !== null ? annotations : {};
  return (key) => {
    const value: unknown = Object.hasOwn(given, key) ? Reflect.get(given, key) : undefined;
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
}

/** `registry:5000/team/app:1.2@sha256:…` is of `registry:5000/team/app`. */
export function repositoryOf(image: string): string {
  const [named = ''] = image.split('@');
  const colon = named.lastIndexOf(':');
  return colon > named.lastIndexOf('/') ? named.slice(0, colon) : named;
}
