/** RF3xxx: what the kernel or the machine refused. */
import type { Entry } from './catalogue.ts';

export const kernelCatalogue = {
  RF3001: {
    severity: 'error',
    message: 'this needs root: {call} was refused ({errno})',
    hint: 'run it with sudo, or give the process CAP_BPF, CAP_PERFMON, CAP_SYS_ADMIN and CAP_SYS_RESOURCE',
  },
  RF3002: {
    severity: 'error',
    message: '{call} failed: {errno}',
    hint: 'the cause below is what libbpf or the kernel said; `ringfence doctor` checks what this machine can do',
  },
  RF3003: {
    severity: 'error',
    message: 'the library {path} cannot be loaded: {reason}',
    hint: 'install libbpf 1.1 or newer (package libbpf1 on Debian and Ubuntu, libbpf elsewhere), or name its file in RINGFENCE_LIBBPF',
  },
  RF3004: {
    severity: 'error',
    message: 'libbpf {version} ({path}) is too old: 1.1 or newer is needed',
    hint: 'install a newer libbpf, or name the file of one in RINGFENCE_LIBBPF',
  },
  RF3005: {
    severity: 'error',
    message: 'the kernel does not describe its types: {path} cannot be read ({reason})',
    hint: 'use a kernel built with CONFIG_DEBUG_INFO_BTF=y; distribution kernels since 2021 are',
  },
  RF3006: {
    severity: 'error',
    message: 'the kernel refused program {program}{place}: {reason}',
    hint: 'the log of the verifier is attached; a policy that passes `ringfence policy check` should never lead here',
  },
  RF3007: {
    severity: 'error',
    message: 'this kernel lacks what is needed: {missing}',
    hint: '{hints}',
  },
  RF3008: {
    severity: 'error',
    message: 'the ring {ring} is not readable: at position {position}, {reason}',
    hint: 'the ring must be mapped with the size that its map was made with; restart the agent to map it again',
  },
  RF3009: {
    severity: 'error',
    message: 'Ringfence does not run on {platform}',
    hint: 'use Linux on x86-64 or arm64',
  },
  RF3010: {
    severity: 'error',
    message: 'this needs root: the process lacks {missing}',
    hint: 'run it with sudo, or give the process these capabilities and CAP_SYS_RESOURCE',
  },
  RF3011: {
    severity: 'error',
    message: 'program {program} cannot be attached: {reason}',
    hint: '`ringfence doctor` checks what this machine can do; where a function cannot be traced, another hook must serve',
  },
  RF3101: {
    severity: 'error',
    message: 'the kernel side is not built: {path} cannot be read',
    hint: 'run `npm run build:kprobes`, or name the directory that has it with --kprobes',
  },
  RF3102: {
    severity: 'error',
    message: '{path} cannot be read: {reason}',
    hint: 'check the name and its permissions; a directory stands for the .yaml files in it, - for the standard input',
  },
  RF3103: {
    severity: 'error',
    message: '{path} is no saved target that can be used: {reason}',
    hint: 'make it with `ringfence doctor --save-target FILE` on a machine that runs the kernel',
  },
  RF3104: {
    severity: 'error',
    message: '{path} cannot be written: {reason}',
    hint: 'check that the directory is there, may be written to, and has room',
  },
} as const satisfies Record<string, Entry>;
