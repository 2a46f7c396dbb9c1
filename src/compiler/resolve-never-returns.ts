/** Functions and system calls that never return: the kernel refuses to wait for them, or they would be waited for in vain. */
import { type Diagnostic, diagnostic } from '#diagnostics';
import type { KprobeHook } from '#policy';

/** `noreturn_deny` in kernel/bpf/verifier.c, of those that policies hook; older kernels attach, and leak. */
const FUNCTIONS: readonly string[] = [
  'do_exit',
  'do_group_exit',
  'kthread_complete_and_exit',
  'kthread_exit',
  'make_task_dead',
];
/** As tables of system calls have them. */
const SYSCALLS: readonly string[] = ['exit', 'exit_group'];

/** `call`: the name of the system call that the hook is on, if it is on one. */
export function neverReturns(hook: KprobeHook, call: string | undefined): Diagnostic | undefined {
  const { value: name, span } = hook.name;
  const never = call === undefined ? FUNCTIONS.includes(name) : SYSCALLS.includes(call);
  return hook.returns && never ? diagnostic('RF2027', span, { name }) : undefined;
}
