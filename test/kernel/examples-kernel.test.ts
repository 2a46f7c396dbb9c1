/** Examples about the kernel and about other processes: modules, ptrace. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type Example, testExamples } from './harness/index.ts';

/** No module at all: the kernel says so when nobody stops it before it looks. */
const NO_MODULE = 'ENOEXEC';
const MODULE_BYTES = 4096;
const directory = '/usr/lib/modules/examples';
const names = '/tmp/examples-kernel';
const fromFile = { hook: 'kernel_read_file' } as const;
/** AF_ROSE, which hardly anybody has; the kernel says so after it has asked for the module. */
const RARE_FAMILY = '11';

const modules: Example = {
  policy: 'no-kernel-modules',
  deeds: [
    { title: 'a module from elsewhere', words: ['load-module', `${names}/evil.ko`], free: NO_MODULE, denied: fromFile },
    {
      title: 'a module from elsewhere, by the right program',
      as: '/usr/bin/kmod',
      words: ['load-module', `${names}/evil.ko`],
      free: NO_MODULE,
      denied: fromFile,
    },
    {
      title: 'a module of the system, by the wrong program',
      words: ['load-module', `${directory}/good.ko`],
      free: NO_MODULE,
      denied: fromFile,
    },
    {
      title: 'a module of the system, by the right program',
      as: '/usr/bin/kmod',
      words: ['load-module', `${directory}/good.ko`],
      free: NO_MODULE,
    },
    { title: 'a rare socket on the host', words: ['rare-socket', RARE_FAMILY], free: 'EAFNOSUPPORT' },
    {
      title: 'variant: from memory',
      words: ['load-module-from-memory', `${names}/evil.ko`],
      free: NO_MODULE,
      denied: { hook: 'kernel_load_data' },
    },
    {
      title: 'variant: a memory file, by the right program',
      as: '/usr/bin/kmod',
      words: ['load-module-from-memory-file', `${directory}/good.ko`],
      free: NO_MODULE,
      denied: fromFile,
    },
    {
      title: 'variant: a link in the right directory',
      as: '/usr/bin/kmod',
      words: ['load-module', `${directory}/link.ko`],
      free: NO_MODULE,
      denied: fromFile,
    },
    {
      title: 'variant: a container that makes the kernel load one',
      words: ['contained', 'rare-socket', RARE_FAMILY],
      free: 'EAFNOSUPPORT',
      denied: { hook: 'kernel_module_request', error: 'EAFNOSUPPORT' },
    },
  ],
};

const reached = { hook: 'ptrace_access_check' } as const;

const ptrace: Example = {
  policy: 'no-ptrace',
  deeds: [
    { title: 'attaching', words: ['attach'], denied: reached },
    { title: 'letting the parent trace', words: ['let-parent-trace'], denied: { hook: 'ptrace_traceme' } },
    { title: 'a debugger', as: '/usr/bin/gdb', words: ['attach'] },
    { title: 'looking at the environment of a process', words: ['open-environment'] },
    { title: 'variant: seizing', words: ['attach-by-seize'], denied: reached },
    { title: 'variant: process_vm_readv', words: ['read-memory'], denied: reached },
    { title: 'variant: /proc/PID/mem', words: ['open-memory'], denied: { ...reached, error: 'EACCES' } },
    { title: 'variant: pidfd_getfd', words: ['take-descriptor'], denied: reached },
  ],
};

testExamples([modules, ptrace], () => {
  mkdirSync(directory, { recursive: true });
  mkdirSync(names, { recursive: true });
  for (const file of [`${directory}/good.ko`, `${names}/evil.ko`]) writeFileSync(file, Buffer.alloc(MODULE_BYTES, 'x'));
  symlinkSync(`${names}/evil.ko`, `${directory}/link.ko`);
  return () => {
    for (const path of [directory, names]) rmSync(path, { recursive: true });
  };
});
