/** What a hook costs: how often the kernel comes by, and what is read there. */
import type { AttachPoint } from '#bpf';
import type { HookReport, ResolvedPart } from './resolved.ts';

/** Places that a busy machine passes hundreds of thousands of times each second. */
const BUSY: readonly RegExp[] = [
  /^(security_)?(file_permission|inode_permission|inode_getattr|inode_follow_link|socket_(send|recv)msg|socket_sock_rcv_skb|capable)$/,
  /^__(x64|ia32|ia32_compat|arm64|arm64_compat)_sys_(read|write|readv|writev|pread64|pwrite64|futex|lseek|close|epoll_wait|epoll_pwait|poll|ppoll|select|pselect6|recvfrom|sendto|recvmsg|sendmsg|clock_gettime|gettimeofday|sched_yield|madvise|brk)$/,
  /^(vfs|ksys)_(read|write)$/,
  /^(tcp|udp)_(v4_|v6_)?(sendmsg|recvmsg|rcv)$/,
  /^(__)?(ip|ip6|dev)_(output|local_out|rcv|queue_xmit|send_skb)$/,
  /^__cgroup_bpf_run_filter_skb$/,
  /^(override|revert)_creds$/,
  /^(fd_install|__?kmalloc|kfree|schedule)$/,
  /^raw_syscalls\//,
  /^sched\/sched_(switch|wakeup|waking|stat_runtime)$/,
  /^(kmem|irq|irq_vectors|timer|rcu|skb|net|napi|workqueue|writeback)\//,
];
const BUSY_EVENTS: readonly string[] = [
  'sys_enter',
  'sys_exit',
  'sched_switch',
  'sched_wakeup',
  'sched_waking',
  'kfree_skb',
  'consume_skb',
  'net_dev_xmit',
];

function isBusy(point: AttachPoint): boolean {
  const name = placeName(point);
  return BUSY.some((pattern) => pattern.test(name)) || (point.kind === 'tp_btf' && BUSY_EVENTS.includes(point.event));
}

function placeName(point: AttachPoint): string {
  switch (point.kind) {
    case 'lsm':
      return point.hook;
    case 'tp_btf':
      return point.event;
    case 'tracepoint':
      return `${point.subsystem}/${point.event}`;
    case 'test':
      return '';
    default:
      return point.function;
  }
}

/** `tested`: the arguments that selectors look at; others are read only when a selector matches. */
export function costOf(
  parts: readonly ResolvedPart[],
  tested: ReadonlySet<number>,
): Pick<HookReport, 'cost' | 'costs'> {
  const busy = parts.find(({ point }) => isBusy(point));
  if (busy !== undefined) {
    return { cost: 'high', costs: `A busy machine comes by ${placeName(busy.point)} all the time.` };
  }
  const read = parts.flatMap((part) => part.arguments.filter((_, position) => tested.has(position)));
  if (read.some((argument) => argument?.value.kind === 'text' && argument.value.isPath)) {
    return { cost: 'medium', costs: 'For each call whose cheaper tests hold, a path is made from its names.' };
  }
  if (read.some((argument) => argument?.value.kind === 'text')) {
    return { cost: 'medium', costs: 'For each call whose cheaper tests hold, a string is copied.' };
  }
  if (parts.some(({ point }) => point.kind === 'kprobe' || point.kind === 'kretprobe')) {
    return { cost: 'medium', costs: 'A breakpoint costs several times what a trampoline does.' };
  }
  return { cost: 'low', costs: 'What it tests is at hand, and the kernel does not come by all the time.' };
}
