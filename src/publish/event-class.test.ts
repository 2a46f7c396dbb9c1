import assert from 'node:assert/strict';
import { test } from 'node:test';
import { functionClass, tracepointClass } from './event-class.ts';

const functions = [
  ['bpf_lsm_mmap_file', 'file'],
  ['sb_mount', 'mount'],
  ['path_chroot', 'mount'],
  ['path_unlink', 'file'],
  ['kernel_read_file', 'kmod'],
  ['bpf', 'bpf'],
  ['bpf_map', 'bpf'],
  ['ptrace_access_check', 'ptrace'],
  ['task_kill', 'signal'],
  ['userns_create', 'ns'],
  ['capable', 'cred'],
  ['task_alloc', 'fork'],
  ['quotactl', 'policy'],
  ['security_bprm_check', 'exec'],
  ['security_file_permission', 'file'],
  ['security_socket_connect', 'net'],
  ['tcp_connect', 'net'],
  ['udp_sendmsg', 'net'],
  ['__sock_sendmsg', 'net'],
  ['fd_install', 'file'],
  ['vfs_write', 'file'],
  ['do_sys_openat2', 'file'],
  ['commit_creds', 'cred'],
  ['do_init_module', 'kmod'],
  ['wake_up_new_task', 'fork'],
  ['bpf_check', 'bpf'],
  ['schedule', 'policy'],
  ['__x64_sys_openat', 'file'],
  ['__arm64_sys_openat2', 'file'],
  ['__ia32_compat_sys_open', 'file'],
  ['__ia32_sys_execve', 'exec'],
  ['sys_execveat', 'exec'],
  ['__x64_sys_pwritev2', 'file'],
  ['__x64_sys_newfstatat', 'file'],
  ['__x64_sys_fchmodat', 'file'],
  ['__x64_sys_ftruncate', 'file'],
  ['__x64_sys_fcntl', 'file'],
  ['__x64_sys_sendfile64', 'file'],
  ['__x64_sys_sendto', 'net'],
  ['__x64_sys_accept4', 'net'],
  ['__x64_sys_setsockopt', 'net'],
  ['__x64_sys_mount', 'mount'],
  ['__x64_sys_umount', 'mount'],
  ['__x64_sys_fsopen', 'mount'],
  ['__x64_sys_open_tree', 'mount'],
  ['__x64_sys_setns', 'ns'],
  ['__x64_sys_setuid', 'cred'],
  ['__x64_sys_setresgid', 'cred'],
  ['__x64_sys_finit_module', 'kmod'],
  ['__x64_sys_tgkill', 'signal'],
  ['__x64_sys_clone3', 'fork'],
  ['__x64_sys_exit_group', 'exit'],
  ['__x64_sys_ptrace', 'ptrace'],
  ['__x64_sys_bpf', 'bpf'],
  ['__x64_sys_getpid', 'policy'],
  ['__x64_sys_reboot', 'policy'],
] as const;

for (const [name, expected] of functions) {
  test(`class: ${name}`, () => assert.equal(functionClass(name), expected));
}

const tracepoints = [
  ['syscalls', 'sys_enter_openat', 'file'],
  ['syscalls', 'sys_exit_connect', 'net'],
  ['raw_syscalls', 'sys_enter', 'policy'],
  ['sched', 'sched_process_fork', 'fork'],
  ['sched', 'sched_process_exit', 'exit'],
  ['sched', 'sched_switch', 'policy'],
  ['tcp', 'tcp_retransmit_skb', 'net'],
  ['module', 'module_load', 'kmod'],
  ['signal', 'signal_generate', 'signal'],
  ['ext4', 'ext4_unlink_enter', 'file'],
  ['bpf_trace', 'bpf_trace_printk', 'bpf'],
] as const;

for (const [subsystem, event, expected] of tracepoints) {
  test(`class: ${subsystem}/${event}`, () => assert.equal(tracepointClass(subsystem, event), expected));
}
