/** What a policy's event is about, as one word: by its hook, its system call, its function or its tracepoint. */
import type { PolicyEvent } from '#events';
import { assertNever } from '#std';

export function eventClass({ hook: { declared } }: PolicyEvent): string {
  switch (declared.kind) {
    case 'lsm':
    case 'kprobe':
      return functionClass(declared.functionName);
    case 'tracepoint':
      return tracepointClass(declared.subsystem, declared.event);
    default:
      return assertNever(declared);
  }
}

/** What fits none of the patterns. */
const OTHER = 'policy';

type Classes = readonly (readonly [RegExp, string])[];

/** The first that fits counts. */
function classIn(classes: Classes, name: string): string {
  return classes.find(([pattern]) => pattern.test(name))?.[1] ?? OTHER;
}

const SYSCALL = /^(?:__[a-z0-9]+_(?:compat_)?)?sys_/;

/** LSM hooks are known by their functions too. */
export function functionClass(functionName: string): string {
  if (SYSCALL.test(functionName)) return classIn(syscallClasses, functionName.replace(SYSCALL, ''));
  const hook = functionName.replace(/^(bpf_lsm_|security_)/, '');
  const found = classIn(hookClasses, hook);
  return found === OTHER ? classIn(functionClasses, functionName) : found;
}

export function tracepointClass(subsystem: string, event: string): string {
  if (subsystem === 'syscalls') return classIn(syscallClasses, event.replace(/^sys_(enter|exit)_/, ''));
  return classIn(tracepointClasses, `${subsystem}/${event}`);
}

const hookClasses: Classes = [
  [/^(bprm_)/, 'exec'],
  [/^(sb_|move_mount|path_chroot)/, 'mount'],
  [/^(file_|path_|inode_|mmap_|dentry_)/, 'file'],
  [/^(socket_|sk_|unix_|inet_|tun_|sctp_|xfrm_)/, 'net'],
  [/^(kernel_)/, 'kmod'],
  [/^(bpf)/, 'bpf'],
  [/^(ptrace_)/, 'ptrace'],
  [/^(task_kill)/, 'signal'],
  [/^(userns_)/, 'ns'],
  [/^(cred_|cap|task_fix_set)/, 'cred'],
  [/^(task_alloc|task_free)/, 'fork'],
];

const functionClasses: Classes = [
  [/^(do_execve|begin_new_exec|exec_|load_elf_|proc_exec_)/, 'exec'],
  [/^(do_exit|do_group_exit|acct_process|disassociate_ctty)/, 'exit'],
  [/^(wake_up_new_task|copy_process)/, 'fork'],
  [/^(do_(new_|move_)?mount|path_(u)?mount|vfs_get_tree|fc_mount)/, 'mount'],
  [
    /^_*(vfs_|fd_install|fput|filp_|do_(filp|file|sys)_?open|do_(unlink|rename|link|mkdir|truncate)|notify_change)/,
    'file',
  ],
  [/^_*(tcp_|tcp4_|udp|ip_|ip6_|ipv6_|inet6_|sock_|skb_|raw_|icmp|packet_|netif_|dev_queue_|nf_)/, 'net'],
  [/^(do_init_module|load_module|__request_module|module_|free_module|kexec_)/, 'kmod'],
  [/^_*(send_signal|send_sig|group_send_sig|do_send_|do_tkill|force_sig)/, 'signal'],
  [/^(create_new_namespaces|switch_task_namespaces|unshare_)/, 'ns'],
  [/^(commit_creds|prepare_creds|override_creds|ns_capable)/, 'cred'],
];

const syscallClasses: Classes = [
  [/^(execve|execveat)$/, 'exec'],
  [/^exit(_group)?$/, 'exit'],
  [/^(v?fork|clone3?)$/, 'fork'],
  [/^(setns|unshare)$/, 'ns'],
  [/^(kill|t(g)?kill|rt_(tg)?sigqueueinfo|pidfd_send_signal)$/, 'signal'],
  [
    /^((old)?umount2?|mount|mount_setattr|move_mount|pivot_root|chroot|fs(open|config|mount|pick)|open_tree(_attr)?)$/,
    'mount',
  ],
  [/^(f?init_module|delete_module|kexec_(file_)?load)$/, 'kmod'],
  [/^bpf$/, 'bpf'],
  [/^(ptrace|process_vm_(readv|writev))$/, 'ptrace'],
  [/^(set(re|res|fs)?[ug]id(16|32)?|setgroups(16|32)?|capset)$/, 'cred'],
  [
    /^(socket|socketpair|socketcall|bind|connect|listen|accept4?|shutdown|[gs]etsockopt|getsockname|getpeername)$/,
    'net',
  ],
  [/^(send(to|msg|mmsg)?|recv(from|msg|mmsg)?)(_time(32|64))?$/, 'net'],
  [
    /^(open|creat|close|p?read|p?write|readlink|getdents|sendfile|splice|copy_file_range|mmap|memfd_|fallocate)/,
    'file',
  ],
  [/^(new)?[fl]?(stat|chmod|chown|truncate|sync|access|setxattr|removexattr|ioctl|cntl)/, 'file'],
  [/^(link|unlink|symlink|rename|mkdir|rmdir|mknod|utime|futimes|faccess|name_to_handle|ioctl|dup)/, 'file'],
];

const tracepointClasses: Classes = [
  [/^sched\/sched_process_exec$/, 'exec'],
  [/^sched\/sched_process_fork$/, 'fork'],
  [/^sched\/sched_process_exit$/, 'exit'],
  [/^(tcp|udp|sock|net|skb|icmp|neigh|fib6?|bridge|mptcp|sctp|qdisc)\//, 'net'],
  [/^(filelock|ext4|xfs|btrfs|f2fs|nfsd?|iomap)\//, 'file'],
  [/^module\//, 'kmod'],
  [/^(bpf_|xdp)/, 'bpf'],
  [/^signal\//, 'signal'],
  [/^capability\//, 'cred'],
];
