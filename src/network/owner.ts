/** Whose a program is: a guess, by where it is pinned, else by what it is called. */

/** What is found in paths of pins, before what is found in names. */
const byPin: readonly (readonly [RegExp, string])[] = [
  [/\/(cilium|cil_)/, 'Cilium'],
  [/\/(calico|cali)/i, 'Calico'],
  [/\/tetragon/, 'Tetragon'],
  [/\/falco/, 'Falco'],
  [/\/kubearmor/i, 'KubeArmor'],
  [/\/(aws|.*aws-network-policy)/, 'AWS VPC CNI'],
  [/\/antrea/, 'Antrea'],
  [/\/(netd|gke)/, 'GKE'],
  [/\/ringfence/, 'Ringfence'],
];

const byName: readonly (readonly [RegExp, string])[] = [
  [/^rf_/, 'Ringfence'],
  [/^(cil_|cilium|tail_handle_|tail_nodeport_|tail_ipv[46]_|sock[46]_)/, 'Cilium'],
  [/^(cali_|calico|ctlb_|conntrack_clean)/, 'Calico'],
  [/^sd_/, 'systemd'],
  [/^(generic_(kprobe|tracepoint|lsm|uprobe)|event_execve|event_exit|tg_)/, 'Tetragon'],
  [/^(t1_|t2_|ia32_|sys_enter|sys_exit|sched_p_)/, 'Falco'],
  [/^(handle_ingress|handle_egress|tc_cls_)$/, 'AWS VPC CNI'],
];

export const OWN = 'Ringfence';

/** Empty when nothing tells. */
export function ownerOf({ name, pins }: { readonly name: string; readonly pins: readonly string[] }): string {
  const pinned = byPin.find(([pattern]) => pins.some((path) => pattern.test(path)));
  return (pinned ?? byName.find(([pattern]) => pattern.test(name)))?.[1] ?? '';
}
