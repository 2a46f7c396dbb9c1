/** Kinds of programs and places, by the kernel's numbers: include/uapi/linux/bpf.h, in the order of the enums. */

const programTypes = [
  'unspec socket_filter kprobe sched_cls sched_act tracepoint xdp perf_event cgroup_skb cgroup_sock lwt_in lwt_out',
  'lwt_xmit sock_ops sk_skb cgroup_device sk_msg raw_tracepoint cgroup_sock_addr lwt_seg6local lirc_mode2',
  'sk_reuseport flow_dissector cgroup_sysctl raw_tracepoint_writable cgroup_sockopt tracing struct_ops ext lsm',
  'sk_lookup syscall netfilter',
]
  .join(' ')
  .split(' ');

const attachTypes = [
  'cgroup_ingress cgroup_egress cgroup_sock_create sock_ops stream_parser stream_verdict cgroup_device msg_verdict',
  'bind4 bind6 connect4 connect6 post_bind4 post_bind6 sendmsg4 sendmsg6 lirc_mode2 flow_dissector sysctl recvmsg4',
  'recvmsg6 getsockopt setsockopt tp_btf fentry fexit fmod_ret lsm iter getpeername4 getpeername6 getsockname4',
  'getsockname6 xdp_devmap sock_release xdp_cpumap sk_lookup xdp skb_verdict sk_reuseport_select',
  'sk_reuseport_migrate perf_event kprobe_multi lsm_cgroup struct_ops netfilter tcx_ingress tcx_egress uprobe_multi',
  'connect_unix sendmsg_unix recvmsg_unix getpeername_unix getsockname_unix netkit_primary netkit_peer',
]
  .join(' ')
  .split(' ');

export function programTypeName(type: number): string {
  return programTypes[type] ?? `type ${type}`;
}

export function attachTypeName(type: number): string {
  return attachTypes[type] ?? `attach type ${type}`;
}

/** The number of an attach type; -1 for none. */
export function attachTypeOf(name: string): number {
  return attachTypes.indexOf(name);
}
