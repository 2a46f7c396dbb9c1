/** What a cgroup is, by its path: a container, a pod, the place of all pods, or something of the host. */

export type CgroupPlace =
  | {
      readonly kind: 'container';
      readonly id: string;
      /** Undefined where no pod has it: `docker run`. */
      readonly podUid: string | undefined;
      readonly runtime: Runtime | undefined;
      /** Of the container's own cgroup, which the path may lie below. */
      readonly path: string;
    }
  | { readonly kind: 'pod'; readonly podUid: string; readonly path: string }
  /** The root of all pods, and what groups them by quality of service. */
  | { readonly kind: 'pods'; readonly path: string }
  /** What watches over a container from the pod's cgroup: a program of the host. */
  | { readonly kind: 'monitor'; readonly path: string }
  | { readonly kind: 'host' };

export type Runtime = 'containerd' | 'cri-o' | 'docker' | 'podman';

const RUNTIMES: Readonly<Record<string, Runtime>> = {
  'cri-containerd': 'containerd',
  crio: 'cri-o',
  docker: 'docker',
  libpod: 'podman',
};

const HOST: CgroupPlace = { kind: 'host' };

/** A name below it has to be a pod or a class of pods; `kubelet-` comes from `--cgroup-root=/kubelet`, as kind has it. */
const PODS_ROOT = /^(?:[\w-]+-)?kubepods(?:\.slice)?$/;
const CLASS = /^(?:(?:[\w-]+-)?kubepods-)?(?:burstable|besteffort)(?:\.slice)?$/;
/** systemd allows no `-` within a level; the uid of a static pod is a digest without any. */
const POD =
  /^(?:(?:[\w-]+-)?kubepods(?:-burstable|-besteffort)?-)?pod([0-9a-f]{8}(?:[-_]?[0-9a-f]{4}){3}[-_]?[0-9a-f]{12})(?:\.slice)?$/;
const CONTAINER = /^(?:(cri-containerd|crio|docker|libpod)-)?([0-9a-f]{64})(?:\.scope)?$/;
const MONITOR = /^crio-conmon-[0-9a-f]{64}(?:\.scope)?$/;
/** containerd with a path for systemd and a runtime that makes directories: both are in one name. */
const COLONS = /^([^:]+):(cri-containerd|crio|docker|libpod):([0-9a-f]{64})$/;
/** Where engines without Kubernetes put containers, by the name of the directory above the id. */
const ENGINES: Readonly<Record<string, Runtime>> = { docker: 'docker', libpod_parent: 'podman' };

/**
 * `path` begins at the root of the hierarchy as the node sees it. The first container on the way down counts: what is
 * below it was made by it, whatever it is called.
 */
export function placeOf(path: string): CgroupPlace {
  let at = '';
  let above = '';
  let found: CgroupPlace = HOST;
  for (const name of path.split('/')) {
    if (name === '') continue;
    at = `${at}/${name}`;
    const next = step(found, { name, above, path: at });
    if (next.kind === 'container' || next.kind === 'monitor') return next;
    found = next;
    above = name;
  }
  return found;
}

type Level = { readonly name: string; readonly above: string; readonly path: string };

function step(found: CgroupPlace, { name, above, path }: Level): CgroupPlace {
  const colons = COLONS.exec(name);
  if (colons !== null) {
    const [, parent = '', prefix = '', id = ''] = colons;
    return { kind: 'container', id, podUid: podUidOf(parent), runtime: RUNTIMES[prefix], path };
  }
  switch (found.kind) {
    case 'pod':
      if (MONITOR.test(name)) return { kind: 'monitor', path };
      return containerAt({ name, above, path }, found.podUid) ?? found;
    case 'pods': {
      const podUid = podUidOf(name);
      if (podUid !== undefined) return { kind: 'pod', podUid, path };
      return CLASS.test(name) ? { kind: 'pods', path } : HOST;
    }
    default:
      if (PODS_ROOT.test(name)) return { kind: 'pods', path };
      return containerAt({ name, above, path }, undefined) ?? HOST;
  }
}

/** Without a pod, the name alone has to say that it is a container, or the directory that it is in. */
function containerAt({ name, above, path }: Level, podUid: string | undefined): CgroupPlace | undefined {
  const match = CONTAINER.exec(name);
  if (match === null) return undefined;
  const [, prefix, id = ''] = match;
  const runtime = prefix === undefined ? ENGINES[above] : RUNTIMES[prefix];
  if (runtime === undefined && podUid === undefined) return undefined;
  return { kind: 'container', id, podUid, runtime, path };
}

/** As Kubernetes writes it: with `-`, but for the digests of static pods. */
function podUidOf(name: string): string | undefined {
  return POD.exec(name)?.[1]?.replaceAll('_', '-');
}
