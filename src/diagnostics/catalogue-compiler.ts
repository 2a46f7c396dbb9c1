/** RF2xxx: what the compiler cannot do with a valid policy. */
import type { Entry } from './catalogue.ts';

export const compilerCatalogue = {
  RF2001: {
    severity: 'error',
    message: 'kernel {release} has no LSM hook "{hook}"',
    hint: '{similar}',
  },
  RF2002: {
    severity: 'error',
    message: 'hook "{hook}" has no result, so it can not enforce {action}: what it reports has happened',
    hint: 'observe with Post here, and deny on the hook that comes before it (bprm_check_security before bprm_committed_creds)',
  },
  RF2003: {
    severity: 'error',
    message: 'hook "{hook}" has no argument {index}',
    hint: 'its arguments are: {has}',
  },
  RF2004: {
    severity: 'error',
    message: 'argument {index} of hook "{hook}" is `{declaration}`, not {wanted}',
    hint: 'write type: {fits}, or leave the type out',
  },
  RF2005: {
    severity: 'error',
    message: 'argument {index} of hook "{hook}" is `{declaration}`, which can not be read as {wanted} yet',
    hint: 'numbers, strings, and pointers to file, path, dentry, linux_binprm, sock, socket, sk_buff, sockaddr and cred are supported; leave this one out of args',
  },
  RF2007: {
    severity: 'error',
    message: 'the kernel passes {passes} here, which can not be "{value}"',
    hint: 'write the type of the argument in args: the value is then checked without a kernel',
  },
  RF2010: {
    severity: 'error',
    message: 'LSM hook "{hook}" can not be used: its result is no error, and what asks it would misunderstand one',
    hint: 'use a hook that grants or denies something, such as file_open or socket_connect',
  },
  RF2011: {
    severity: 'error',
    message: 'kernel {release} has no function "{name}"',
    hint: '{similar}',
  },
  RF2012: {
    severity: 'error',
    message: 'kernel {release} has "{name}" in parts only ({clones}): its compiler has split or changed the function',
    hint: 'hook a function that it calls or that calls it, or an LSM hook: the arguments of the parts are not those of the function',
  },
  RF2013: {
    severity: 'error',
    message:
      'function "{name}" of kernel {release} can not be traced: it is inlined into its callers, or tracing it is forbidden',
    hint: 'hook a function that calls it, or an LSM hook',
  },
  RF2014: {
    severity: 'error',
    message: 'the kernel has {count} functions "{name}", and which one is meant can not be told',
    hint: 'hook a function with a name of its own that calls it, or an LSM hook',
  },
  RF2015: {
    severity: 'error',
    message: 'kernel {release} has no system call "{name}" that can be traced',
    hint: '{similar}',
  },
  RF2016: {
    severity: 'error',
    message: '"{name}" is a system call of another kind of machine than this one ({arch})',
    hint: 'write sys_NAME, which is that of the machine, or set ignore.callNotFound to leave it out elsewhere',
  },
  RF2017: {
    severity: 'error',
    message: 'system call "{name}" is not given a {wanted}: a process passes numbers and addresses',
    hint: 'declare an integer type, or one of {fits}; or use an LSM hook, which is given the objects of the kernel',
  },
  RF2018: {
    severity: 'error',
    message: 'argument {index} of "{hook}" is not in a register, where a program could read it',
    hint: 'leave it out of args',
  },
  RF2019: {
    severity: 'error',
    message: 'argument {index} of "{hook}" can not be read as {type}, as its length is not known: {size}',
    hint: 'a char_buf needs sizeArgIndex (which counts from 1), a sockaddr its length as the next argument',
  },
  RF2020: {
    severity: 'error',
    message:
      'Override has no effect on function "{name}": only LSM programs can deny, as kernels are not built for injected errors',
    hint: '{instead} under lsmhooks instead',
  },
  RF2021: {
    severity: 'error',
    message: 'Override can not be done at system call "{name}": {because}',
    hint: '{instead} under lsmhooks instead',
  },
  RF2023: {
    severity: 'error',
    message: 'Override can not be done at "{name}": LSM hook "{hook}" is not given the same arguments',
    hint: 'write hook: {hook} under lsmhooks, with the arguments that it has',
  },
  RF2024: {
    severity: 'error',
    message: 'kernel {release} has no tracepoint "{name}"',
    hint: '{similar}',
  },
  RF2025: {
    severity: 'error',
    message: '"{name}" returns `{returned}`, which is no number',
    hint: 'leave returnArg and matchReturnArgs out, or declare returnArg as nop',
  },
  RF2026: {
    severity: 'error',
    message: 'the arguments of the 32-bit system call "{name}" can not be read yet',
    hint: 'leave args out, or declare them as nop: the call itself can be hooked',
  },
  RF2027: {
    severity: 'error',
    message: 'nothing can wait for the return of "{name}": it never returns',
    hint: 'leave `return` and what goes with it out: the hook then sees each call as it begins',
  },
  RF2028: {
    severity: 'error',
    message: 'argument {index} of "{hook}" can not be read as sockaddr: which socket the message is for is not known',
    hint: 'the argument before it has to be a struct socket or struct sock, as at the LSM hook socket_sendmsg',
  },
  RF2101: {
    severity: 'error',
    message: 'the policies on hook "{hook}" compare {bytes} bytes of values, more than one program holds ({limit})',
    hint: 'use fewer or shorter values here: a Prefix for a directory instead of its files',
  },
  RF2102: {
    severity: 'error',
    message: 'the program for hook "{hook}" is too long: a jump over {distance} instructions does not fit',
    hint: 'use fewer values on this hook: a Prefix for a directory instead of its files',
  },
  RF2104: {
    severity: 'error',
    message: 'matchReturnActions cannot follow NoPost: a call that is not told of is not waited for',
    hint: 'leave NoPost out of matchActions',
  },
  RF2106: {
    severity: 'error',
    message: 'the loaded policies follow the descendants of more than {limit} different lists of processes',
    hint: 'use the same list in several policies, or leave followChildren and followForks out',
  },
  RF2107: {
    severity: 'error',
    message: 'host_ns is not known: this kernel has no {namespace} namespace of process 1 to compare with',
    hint: 'write the inode number of the namespace, as `readlink /proc/1/ns/*` prints it',
  },
  RF2108: {
    severity: 'error',
    message: '{value} can never be there: the kernel passes {bits} bits here, {sign}',
    hint: 'they hold {minimum} to {maximum}',
  },
  RF2109: {
    severity: 'error',
    message: 'there is no system call {name} in the table for {width} bits',
    hint: 'see `ausyscall --dump`, or the manual page syscalls(2)',
  },
  RF2110: {
    severity: 'error',
    message: 'the policies on hook "{hook}" read more than {limit} different values of a call',
    hint: 'leave out the arguments that no selector and no reader of the event needs',
  },
  RF2111: {
    severity: 'error',
    message: 'the loaded policies select workloads in more than {limit} different ways',
    hint: 'use the same podSelector, containerSelector and namespace in several policies; those that are replaced count until they are gone',
  },
  RF2201: {
    severity: 'error',
    message: 'the kernel refused the program for hook "{hook}": {reason}',
    hint: 'this is a fault of Ringfence, not of the policy: please report it with the policy and the output of `ringfence doctor`',
  },
  RF2202: {
    severity: 'error',
    message: 'the kernel does not attach the program for hook "{hook}": {reason}',
    hint: 'put the policy on another hook that sees the same; `ringfence doctor` checks what this machine can do',
  },
  RF2203: {
    severity: 'error',
    message: 'the kernel takes the program for hook "{hook}" without this policy, and not with it: {reason}',
    hint: 'beside the other policies on the hook it is too much for the verifier: use fewer selectors or values here',
  },
  RF2204: {
    severity: 'error',
    message: 'the kernel refuses too many of the policies on hook "{hook}" to find out whether this is one: {reason}',
    hint: 'put it there again when those that are named as refused are gone',
  },
  RF2205: {
    severity: 'warning',
    message:
      'the kernel takes the program for hook "{hook}" only without what lets calls go early that no policy is about',
    hint: 'it means the same, and calls cost more; fewer selectors or values on the hook, or a newer kernel, bring it back',
  },
  RF2301: {
    severity: 'warning',
    message: 'no file is named {path} now: it is protected by its name only, not by its inode',
    hint: 'load the policy again once the file is there; until then another link to it would not match',
  },
  RF2302: {
    severity: 'error',
    message: 'more policies than can be loaded at the same time ({limit}, those that are being replaced included)',
    hint: 'remove policies that are not needed, or merge them',
  },
  RF2303: {
    severity: 'error',
    message: 'the loaded policies follow the descendants of more than {limit} {what}',
    hint: 'followChildren and followForks: name fewer, or the process that the others descend from',
  },
  RF2401: {
    severity: 'warning',
    message: 'what is compared at "{hook}" can be changed by another thread between the verdict and the use',
    hint: '{instead} decide on what the kernel uses; `--strict` refuses such policies',
  },
  RF2402: {
    severity: 'warning',
    message: 'Sigkill at "{hook}" ends the process, but the call at hand may complete before',
    hint: '{instead} deny it as well',
  },
  RF2403: {
    severity: 'warning',
    message: 'kernel {release} has no "{name}": the hook is left out, as ignore.callNotFound asks for',
    hint: 'nothing is seen of it here',
  },
  RF2404: {
    severity: 'warning',
    message: 'the kernel tries again when "{hook}" returns {error} ({name}): the call is denied, and told of twice',
    hint: 'return another error, such as -1 (EPERM) or -13 (EACCES)',
  },
  RF2405: {
    severity: 'warning',
    message:
      '{action} at "{hook}" spares what the node can not do without (kubelet, container runtime, systemd): {instead}',
    hint: 'to kill them too, name them with matchBinaries and In; to leave them alone, keep to containers: matchNamespaces with Pid, NotIn, host_ns',
  },
  RF2406: {
    severity: 'warning',
    message:
      'Override at "{hook}" has exceptions only: what the kubelet and the container runtime do there is denied, too',
    hint: 'add them to matchBinaries with NotIn; or keep to containers: matchNamespaces with Pid, NotIn, host_ns',
  },
  RF2407: {
    severity: 'warning',
    message: 'what an agent of another version left in the kernel ({layout}) stays: only it enforces {policies}',
    hint: '`ringfence policy list` says why this version refuses them; it goes when they are loaded, deleted or disabled, and what its programs tell of is counted as lost',
  },
  RF2408: {
    severity: 'warning',
    message: 'the labels of the node cannot be remembered in {path}: {reason}',
    hint: 'make room there: until it has heard from the API server, the next agent does not load policies with a nodeSelector, and is no canary by labels',
  },
  RF2409: {
    severity: 'warning',
    message: 'what the hook of container runtimes goes by cannot be written in {path}: {reason}',
    hint: 'make room there: until then the hook goes by what it was told last, and soon waits for no agent, as it hears of none',
  },
  RF2501: {
    severity: 'error',
    message: 'the agent has a policy {name} already; it came from {source}',
    hint: '{instead}',
  },
  RF2502: {
    severity: 'error',
    message: 'policy {name} came with the agent from {source}, and can not be deleted while the file has it',
    hint: 'take it out of the file and start the agent again; `ringfence policy disable` takes it out of the kernel now',
  },
  RF2503: {
    severity: 'error',
    message: 'the agent has no policy {name}',
    hint: '{similar}',
  },
  RF2504: {
    severity: 'error',
    message: 'the agent keeps no more than {limit} policies, those that are disabled included',
    hint: 'delete policies that are not needed, or merge them',
  },
  RF2505: {
    severity: 'error',
    message: 'policy {name} comes from the API server, where it is {source}, and can not be deleted here',
    hint: 'delete it there with kubectl; `ringfence policy disable` takes it out of the kernel of this node now',
  },
  RF2506: {
    severity: 'error',
    message: '{source} does not hold one policy of its own name, {name}, and nothing else',
    hint: 'one object is one policy: `metadata.name` and `metadata.namespace` say which',
  },
  RF2507: {
    severity: 'warning',
    message: 'the change is in force, and no copy of it could be kept on the disk: {reason}',
    hint: 'make room on the disk: until then an agent that starts without the API server enforces what it had before',
  },
} as const satisfies Record<string, Entry>;
