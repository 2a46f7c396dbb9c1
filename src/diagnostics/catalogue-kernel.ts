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
  RF3020: {
    severity: 'error',
    message: 'programs cannot be pinned in {path}: {reason}',
    hint: 'a bpffs has to be there (mount -t bpf bpf /sys/fs/bpf); with an empty --bpf-dir nothing is pinned, and nothing enforced once the agent has stopped',
  },
  RF3021: {
    severity: 'error',
    message: 'an agent runs on this node already: process {pid} has {path}',
    hint: 'stop it first; what it pinned goes on enforcing until the next agent takes over',
  },
  RF3022: {
    severity: 'warning',
    message: '{path} is not ours, and stays where it is',
    hint: 'if nothing else needs it, remove it by hand',
  },
  RF3023: {
    severity: 'error',
    message: 'no policy {name} is in the kernel; there are: {names}',
    hint: 'NAMESPACE/NAME tells policies of the same name apart; `ringfence detach --all` takes all away',
  },
  RF3031: {
    severity: 'error',
    message: 'this process may not take over what an agent guards (its process now: {agent}; error {errno})',
    hint: 'it needs CAP_SYS_ADMIN in the pid namespace of the host, and no other agent may run; where the last agent ran in the mount namespace of the host, this one has to, or `ringfence detach` ends what it left',
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
  RF3501: {
    severity: 'error',
    message: 'no agent answers at {path}: {reason}',
    hint: 'start one with `ringfence run`, or name its socket with --control-socket',
  },
  RF3502: {
    severity: 'error',
    message: 'the socket of the agent, {path}, can not be used: {reason}',
    hint: 'run it with sudo: the socket belongs to the user who runs the agent',
  },
  RF3503: {
    severity: 'error',
    message: 'an agent answers at {path} already',
    hint: 'stop it first, or give this one a control socket of its own',
  },
  RF3504: {
    severity: 'error',
    message: '{path} is in use by something else than an agent: {reason}',
    hint: 'remove it if nobody needs it, or give the agent another place for its control socket',
  },
  RF3505: {
    severity: 'error',
    message: 'the control socket {path} can not be made: {reason}',
    hint: 'its directory must belong to the user who runs the agent, and nobody else may write there',
  },
  RF3506: {
    severity: 'error',
    message: 'the answer of the agent at {path} can not be used: {reason}',
    hint: 'the agent and this command should be of one version; the log of the agent may say more',
  },
  RF3507: {
    severity: 'error',
    message: 'the agent does not take the request: {reason}',
    hint: 'use the `ringfence` command of the version that the agent has',
  },
  RF3508: {
    severity: 'error',
    message: 'the agent is busy: {reason}',
    hint: 'try again when other commands have ended',
  },
  RF3509: {
    severity: 'error',
    message: 'everything is switched off, by {reason}: no policy can be loaded or changed',
    hint: 'take that away first; the agent goes on by itself when a break-glass file is gone',
  },
  RF3511: {
    severity: 'error',
    message: 'policies can not be kept in {path}: {reason}',
    hint: 'it must be a directory of the user who runs the agent, which nobody else may write to',
  },
  RF3512: {
    severity: 'error',
    message: 'the change was not made, as {path} can not be written: {reason}',
    hint: 'make room on the disk: what was loaded before goes on',
  },
} as const satisfies Record<string, Entry>;
