/** Names of signals and errors, as Linux numbers them on x86-64 and arm64. */

const signals = [
  'SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE SIGALRM SIGTERM',
  'SIGSTKFLT SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGXCPU SIGXFSZ SIGVTALRM SIGPROF SIGWINCH SIGIO',
  'SIGPWR SIGSYS',
]
  .join(' ')
  .split(' ');

const errors = [
  'EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY EEXIST EXDEV',
  'ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE',
  'EDEADLK ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP',
]
  .join(' ')
  .split(' ');

/** Empty for 0: the process ended by itself. */
export function signalName(number: number): string {
  return number === 0 ? '' : (signals[number - 1] ?? `SIG${number}`);
}

export function errorName(errno: number): string {
  return errors[errno - 1] ?? `errno ${errno}`;
}
