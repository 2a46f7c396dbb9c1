/** Which LSM hook can deny what a function or a system call does: for hints, where a policy asks for more than its hook can. */
import type { BtfView } from '#bpf';

/** By function, and by system call as `sys_NAME`. */
const NEAREST: Readonly<Record<string, string>> = {
  __sys_bind: 'socket_bind',
  __sys_connect: 'socket_connect',
  __sys_setgid: 'task_fix_setgid',
  __sys_setregid: 'task_fix_setgid',
  __sys_setresgid: 'task_fix_setgid',
  __sys_setreuid: 'task_fix_setuid',
  __sys_setresuid: 'task_fix_setuid',
  __sys_setuid: 'task_fix_setuid',
  bpf_check: 'bpf',
  cap_capable: 'capable',
  create_user_ns: 'userns_create',
  dev_queue_xmit: 'socket_sendmsg',
  do_filp_open: 'file_open',
  do_init_module: 'kernel_read_file',
  do_mount: 'sb_mount',
  do_sys_open: 'file_open',
  do_sys_openat2: 'file_open',
  do_unlinkat: 'path_unlink',
  fd_install: 'file_open',
  inet_csk_listen_start: 'socket_listen',
  ip_output: 'socket_sendmsg',
  ip_send_skb: 'socket_sendmsg',
  load_module: 'kernel_read_file',
  path_mount: 'sb_mount',
  proc_mem_open: 'ptrace_access_check',
  ptrace_attach: 'ptrace_access_check',
  tcp_connect: 'socket_connect',
  tcp_sendmsg: 'socket_sendmsg',
  tcp_v4_connect: 'socket_connect',
  tcp_v6_connect: 'socket_connect',
  udp_sendmsg: 'socket_sendmsg',
  udp_recvmsg: 'socket_recvmsg',
  vfs_open: 'file_open',
  vfs_read: 'file_permission',
  vfs_rename: 'path_rename',
  vfs_unlink: 'path_unlink',
  vfs_write: 'file_permission',
  sys_process_vm_readv: 'ptrace_access_check',
  sys_process_vm_writev: 'ptrace_access_check',
  sys_ptrace: 'ptrace_access_check',
  sys_setns: 'capable',
  sys_setxattr: 'inode_setxattr',
  sys_unshare: 'userns_create',
  sys_sendfile: 'file_permission',
  sys_splice: 'file_permission',
  sys_copy_file_range: 'file_permission',
  sys_clock_settime: 'settime',
  sys_settimeofday: 'settime',
};

/** Undefined when none is known, or the kernel has not got it. */
export function nearestHook(name: string, btf: BtfView): string | undefined {
  const hook = Object.hasOwn(NEAREST, name) ? NEAREST[name] : undefined;
  return hook !== undefined && btf.findFunction(`bpf_lsm_${hook}`) !== undefined ? hook : undefined;
}
