/** The words of the policy language: the values of its enumerations, in the order in which the reference lists them. */

export const argumentTypes = [
  'auto',
  'int',
  'sint8',
  'int8',
  'uint8',
  'sint16',
  'int16',
  'uint16',
  'uint32',
  'sint32',
  'int32',
  'ulong',
  'uint64',
  'size_t',
  'long',
  'sint64',
  'int64',
  'char_buf',
  'char_iovec',
  'skb',
  'sock',
  'sockaddr',
  'socket',
  'sockaddr_un',
  'string',
  'fd',
  'file',
  'filename',
  'path',
  'nop',
  'bpf_attr',
  'perf_event',
  'bpf_map',
  'user_namespace',
  'capability',
  'kiocb',
  'iov_iter',
  'cred',
  'const_buf',
  'load_info',
  'module',
  'syscall64',
  'kernel_cap_t',
  'cap_inheritable',
  'cap_permitted',
  'cap_effective',
  'linux_binprm',
  'data_loc',
  'net_device',
  'bpf_cmd',
  'dentry',
  'bpf_prog',
] as const;

export const argumentOperators = [
  'Equal',
  'NotEqual',
  'Prefix',
  'NotPrefix',
  'Postfix',
  'NotPostfix',
  'GreaterThan',
  'LessThan',
  'GT',
  'LT',
  'Mask',
  'InRange',
  'NotInRange',
  'InMap',
  'NotInMap',
  'SubString',
  'SubStringIgnCase',
  'SAddr',
  'DAddr',
  'NotSAddr',
  'NotDAddr',
  'SPort',
  'DPort',
  'NotSPort',
  'NotDPort',
  'SPortPriv',
  'NotSportPriv',
  'DPortPriv',
  'NotDPortPriv',
  'Protocol',
  'Family',
  'State',
  'CapabilitiesGained',
  'FileType',
  'NotFileType',
  'CelExpr',
] as const;

export const binaryOperators = ['In', 'NotIn', 'Prefix', 'NotPrefix', 'Postfix', 'NotPostfix'] as const;

export const membershipOperators = ['In', 'NotIn'] as const;

export const labelOperators = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;

export const namespaceTypes = [
  'Uts',
  'Ipc',
  'Mnt',
  'Pid',
  'PidForChildren',
  'Net',
  'Time',
  'TimeForChildren',
  'Cgroup',
  'User',
] as const;

export const capabilitySets = ['Effective', 'Inheritable', 'Permitted'] as const;

export const actionNames = [
  'Post',
  'NoPost',
  'Sigkill',
  'Signal',
  'Override',
  'NotifyEnforcer',
  'CleanupEnforcerNotification',
  'GetUrl',
  'DnsLookup',
  'TrackSock',
  'UntrackSock',
  'Set',
] as const;

export const rateLimitScopes = ['thread', 'process', 'global'] as const;

export const socketTracking = ['TrackSock', 'UntrackSock'] as const;

export const argumentSources = ['', 'current_task', 'pt_regs'] as const;

export const listTypes = ['', 'syscalls', 'generated_syscalls', 'generated_ftrace'] as const;
