/** System calls on processes and on the kernel itself, and the LSM hooks that they pass. */
import type { Copy, KernelCopyRow, LsmPlace } from './kernel-copies.ts';

const name: Copy = { type: 'string', reader: 'binprm_name', parameter: 0 };
const file0: Copy = { type: 'fd', reader: 'file', parameter: 0 };

function row(
  calls: readonly string[],
  hook: string,
  reason: string,
  copies: LsmPlace['copies'] = {},
  blind: readonly string[] = [],
): KernelCopyRow {
  return { calls, take: 'first', places: [{ hook, copies }], reason, blind, uring: false };
}

const EXEC =
  'each exec passes bprm_check_security before it changes the process, with the name that the kernel has copied';
const renamed =
  'the program by another name: the name is compared as the process gave it, and may be relative or lead over links';
const script =
  'of a script and its interpreter each is asked for, with the name of the script: an event may come twice';

export const processRows: readonly KernelCopyRow[] = [
  row(['execve'], 'bprm_check_security', EXEC, { 0: name }, [renamed, script]),
  row(['execveat'], 'bprm_check_security', EXEC, { 1: name }, [
    renamed,
    script,
    'the name below a directory that is given by number: the kernel has made /dev/fd/NUMBER/NAME of it',
  ]),
  row(['clone', 'clone3', 'fork', 'vfork'], 'task_alloc', 'the kernel asks task_alloc for each task that it makes'),
  row(['kill', 'tkill', 'tgkill'], 'task_kill', 'the kernel asks task_kill for each process that a signal would go to'),
  row(['prctl'], 'task_prctl', 'the first that the kernel does with a prctl is to ask task_prctl'),
  row(
    ['setuid', 'setreuid', 'setresuid'],
    'task_fix_setuid',
    'the kernel asks task_fix_setuid before the process gets the new ids',
    {},
    ['calls that change no id: they have no effect'],
  ),
  row(
    ['setgid', 'setregid', 'setresgid'],
    'task_fix_setgid',
    'the kernel asks task_fix_setgid before the process gets the new ids',
    {},
    ['calls that change no id: they have no effect'],
  ),
  row(['setgroups'], 'task_fix_setgroups', 'the kernel asks task_fix_setgroups before the process gets the new groups'),
  row(['capset'], 'capset', 'the kernel asks capset before the process gets the new capabilities'),
  row(['bpf'], 'bpf', 'the kernel asks bpf before it looks at the command'),
  row(['perf_event_open'], 'perf_event_open', 'the kernel asks perf_event_open before it makes an event'),
  row(['init_module'], 'kernel_load_data', 'the kernel asks kernel_load_data before it copies the module'),
  row(
    ['finit_module'],
    'kernel_read_file',
    'the kernel asks kernel_read_file before it reads the module',
    { 0: file0 },
    ['a call that waits for another one to load the same file'],
  ),
  row(['kexec_load'], 'kernel_load_data', 'the kernel asks kernel_load_data before it takes the image'),
  row(['syslog'], 'syslog', 'the kernel asks syslog before it looks at the command'),
];
