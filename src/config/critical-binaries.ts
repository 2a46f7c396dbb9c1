/**
 * Programs that a node can not do without, as they are installed by default; see docs/decisions/0020. They are paths
 * that only root can put something at, with links resolved; one that ends in `*` stands for all that begin so.
 */
export const criticalBinaries: readonly string[] = [
  // the kubelet, and distributions that have it inside
  ...at(['/usr/bin', '/usr/local/bin', '/opt/bin', '/home/kubernetes/bin'], ['kubelet']),
  ...at(['/usr/local/bin'], ['k3s', 'k0s']),
  '/var/lib/rancher/k3s/data/*',
  '/var/lib/rancher/rke2/data/*',
  '/var/lib/k0s/bin/*',
  // container runtimes, what they leave with each container, and what makes containers
  ...at(['/usr/bin', '/usr/local/bin'], ['containerd', 'containerd-shim*', 'crio', 'dockerd', 'docker-proxy']),
  ...at(['/usr/bin', '/usr/local/bin'], ['cri-dockerd', 'podman', 'conmon', 'conmonrs', 'crun']),
  ...at(['/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin'], ['runc']),
  '/usr/libexec/crio/*',
  '/usr/libexec/podman/*',
  // network plugins, which the runtime starts, and agents of theirs that run on the host
  '/opt/cni/bin/*',
  '/usr/lib/cni/*',
  '/usr/libexec/cni/*',
  ...at(['/usr/bin', '/usr/local/bin', '/opt/bin'], ['flanneld', 'cilium-agent', 'calico-node']),
  // process 1 can not be killed anyway; these are what it is made of
  '/usr/lib/systemd/systemd*',
  '/lib/systemd/systemd*',
];

function at(directories: readonly string[], names: readonly string[]): readonly string[] {
  return directories.flatMap((directory) => names.map((name) => `${directory}/${name}`));
}
