/** Functions that are given pointers into user memory: kernels that gcc built do not say so in their types. */

/** Positions of the parameters that are declared `__user`, of functions that policies hook. Linux 6.1 to 6.12. */
const USER_POINTERS: Readonly<Record<string, readonly number[]>> = {
  do_sys_open: [1],
  do_sys_openat2: [1, 2],
  getname: [0],
  getname_flags: [0],
  getname_uflags: [0],
  user_path_at: [1],
  user_path_at_empty: [1],
  user_path_create: [1],
  strncpy_from_user: [1],
  do_faccessat: [1],
  do_fchmodat: [1],
  do_fchownat: [1],
  do_readlinkat: [1, 2],
  do_utimes: [1],
  do_sys_truncate: [0],
  do_mount: [1],
  vfs_read: [1],
  vfs_write: [1],
  ksys_read: [1],
  ksys_write: [1],
  ksys_pread64: [1],
  ksys_pwrite64: [1],
  __sys_connect: [1],
  __sys_bind: [1],
  __sys_sendto: [1, 4],
  __sys_recvfrom: [1, 4],
  __sys_accept4: [1],
  __sys_getsockname: [1],
  __sys_getpeername: [1],
  __sys_setsockopt: [3],
  __sys_getsockopt: [3, 4],
  do_syslog: [1],
  security_shm_shmat: [1],
  bpf_lsm_shm_shmat: [1],
};

export function userPointersOf(functionName: string): readonly number[] {
  return Object.hasOwn(USER_POINTERS, functionName) ? (USER_POINTERS[functionName] ?? []) : [];
}
