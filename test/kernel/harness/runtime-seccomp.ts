/**
 * What the seccomp profile of container runtimes (`RuntimeDefault`) keeps from a container with the capabilities that the
 * chart adds: what is left of the system calls of x86-64 when those that containerd 2 allows are taken away. Arguments
 * do not count here: of `personality`, which is allowed for some, none are.
 */
export const forbiddenByRuntimes: readonly string[] = [
  ...['acct', 'add_key', 'chroot', 'clock_settime', 'create_module', 'delete_module', 'finit_module'],
  ...['get_kernel_syms', 'get_mempolicy', 'init_module', 'io_uring_enter', 'io_uring_register', 'io_uring_setup'],
  ...['ioperm', 'iopl', 'kexec_file_load', 'kexec_load', 'keyctl', 'mbind', 'migrate_pages', 'move_pages'],
  ...['nfsservctl', 'personality', 'pivot_root', 'pkey_alloc', 'pkey_free', 'pkey_mprotect', 'query_module', 'reboot'],
  ...['request_key', 'set_mempolicy', 'set_mempolicy_home_node', 'settimeofday', 'swapoff', 'swapon', 'sysfs'],
  ...['uselib', 'userfaultfd', 'ustat', 'vhangup'],
];
