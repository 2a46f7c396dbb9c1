/** What a runtime was told of a container that nobody announced: its OCI configuration, where runtimes leave it. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { placeBelow } from '#files';
import { type ContainerClaim, claimOf } from './claim.ts';

/** `{id}` stands for the container. */
const CONTAINERD = 'io.containerd.runtime.v2.task/k8s.io/{id}/config.json';
const CRI_O = 'containers/storage/overlay-containers/{id}/userdata/config.json';
const PLACES = [
  `/run/containerd/${CONTAINERD}`,
  `/run/${CRI_O}`,
  `/var/lib/${CRI_O}`,
  `/run/k3s/containerd/${CONTAINERD}`,
  `/var/snap/microk8s/common/run/containerd/${CONTAINERD}`,
] as const;

/** One of a container with many mounts has a few hundred KiB. */
const BYTES_MAX = 4 * 1024 * 1024;
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** Undefined when it is nowhere, or cannot be used. `root` is where the node's file system is to be found. */
export function claimInBundle(id: string, root = '/'): ContainerClaim | undefined {
  for (const place of PLACES) {
    const path = place.replace('{id}', id);
    const directory = placeBelow(root, dirname(path)); // /var/run is a link on most nodes, and may be an absolute one
    const text = directory === undefined ? undefined : textOf(join(directory, basename(path)));
    if (text !== undefined) return claimIn(id, text);
  }
  return undefined;
}

function textOf(path: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const found = fstatSync(fd);
    return found.isFile() && found.size <= BYTES_MAX ? readFileSync(fd, 'utf8') : undefined;
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}

function claimIn(id: string, text: string): ContainerClaim | undefined {
  try {
    const config: unknown = JSON.parse(text);
    if (typeof config !== 'object' || config === null || !('annotations' in config)) return undefined;
    return claimOf(id, config.annotations);
  } catch {
    return undefined;
  }
}
