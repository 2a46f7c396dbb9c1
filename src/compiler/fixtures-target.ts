/** A kernel for tests of the resolver: one example of everything that it can meet, with prototypes of 6.12. */
import {
  type Architecture,
  BtfBuilder,
  BtfView,
  FEATURES,
  type FeatureName,
  type FeatureState,
  functionList,
  type Target,
  type TracepointField,
  tracepointList,
} from '#bpf';
import type { BtfTypeId } from '#std';

type Parameters = readonly (readonly [string, BtfTypeId])[];

export type ResolveTargetOptions = { readonly arch?: Architecture; readonly without?: readonly FeatureName[] };

export function resolveTarget({ arch = 'x86_64', without = [] }: ResolveTargetOptions = {}): Target {
  const btf = new BtfBuilder();
  const none = 0 as BtfTypeId;
  const int = btf.int('int', 4, 'signed');
  const unsigned = btf.int('unsigned int', 4, 'unsigned');
  const short = btf.int('unsigned short', 2, 'unsigned');
  const long = btf.int('long', 8, 'signed');
  const word = btf.int('unsigned long', 8, 'unsigned');
  const text = btf.ptr(btf.const(btf.int('char', 1, 'signed')));
  const struct = (name: string) => btf.struct(name, 64, []);
  const pointer = (name: string) => btf.ptr(struct(name));
  const [file, dentry, inode, binprm] = [pointer('file'), pointer('dentry'), pointer('inode'), pointer('linux_binprm')];
  const [sock, socket, skb, sockaddr] = [pointer('sock'), pointer('socket'), pointer('sk_buff'), pointer('sockaddr')];
  const [cred, message, attributes] = [btf.ptr(btf.const(struct('cred'))), pointer('msghdr'), pointer('iattr')];
  const path = btf.ptr(btf.const(struct('path')));
  const kuid = btf.struct('kuid_t', 4, [{ name: 'val', typeId: unsigned, offset: 0 }]);
  const pair = btf.struct('pair', 16, [
    { name: 'one', typeId: word, offset: 0 },
    { name: 'two', typeId: word, offset: 8 },
  ]);
  const wide = btf.struct('wide', 24, [{ name: 'one', typeId: word, offset: 0 }]);
  const registers = btf.ptr(btf.const(struct('pt_regs')));

  const prototype = (result: BtfTypeId, parameters: Parameters) =>
    btf.funcProto(
      result,
      parameters.map(([name, typeId]) => ({ name, typeId })),
    );
  const define = (name: string, result: BtfTypeId, parameters: Parameters) =>
    btf.func(name, prototype(result, parameters), 'static');
  const lsm = (name: string, parameters: Parameters, result = int) => define(`bpf_lsm_${name}`, result, parameters);
  /** A security function and its hook. */
  const both = (name: string, parameters: Parameters, hook = name) => {
    lsm(hook, parameters);
    define(`security_${name}`, int, parameters);
  };

  both('file_open', [['file', file]]);
  both('bprm_check', [['bprm', binprm]], 'bprm_check_security');
  both('inode_unlink', [
    ['dir', inode],
    ['dentry', dentry],
  ]);
  lsm('mmap_file', [
    ['file', file],
    ['reqprot', word],
    ['prot', word],
    ['flags', word],
  ]);
  define('security_mmap_file', int, [
    ['file', file],
    ['prot', word],
    ['flags', word],
  ]);
  lsm('inode_setattr', [
    ['dentry', dentry],
    ['attr', attributes],
  ]);
  define('security_inode_setattr', int, [
    ['idmap', pointer('mnt_idmap')],
    ['dentry', dentry],
    ['attr', attributes],
  ]);
  lsm('file_permission', [
    ['file', file],
    ['mask', int],
  ]);
  lsm('socket_connect', [
    ['sock', socket],
    ['address', sockaddr],
    ['addrlen', int],
  ]);
  lsm('socket_setsockopt', [
    ['sock', socket],
    ['level', int],
    ['optname', int],
  ]);
  lsm('socket_sendmsg', [
    ['sock', socket],
    ['msg', message],
    ['size', int],
  ]);
  lsm('path_mkdir', [
    ['dir', path],
    ['dentry', dentry],
    ['mode', short],
  ]);
  lsm('path_unlink', [
    ['dir', path],
    ['dentry', dentry],
  ]);
  lsm('path_rmdir', [
    ['dir', path],
    ['dentry', dentry],
  ]);
  lsm('path_chown', [
    ['path', path],
    ['uid', kuid],
    ['gid', kuid],
  ]);
  lsm('path_symlink', [
    ['dir', path],
    ['dentry', dentry],
    ['old_name', text],
  ]);
  lsm('capable', [
    ['cred', cred],
    ['ns', pointer('user_namespace')],
    ['cap', int],
    ['opts', unsigned],
  ]);
  lsm('inet_conn_request', [
    ['sk', sock],
    ['skb', skb],
    ['req', pointer('request_sock')],
  ]);
  lsm('userns_create', [['cred', cred]]);
  lsm('bprm_committed_creds', [['bprm', binprm]], none);
  lsm('vm_enough_memory', [
    ['mm', pointer('mm_struct')],
    ['pages', long],
  ]);

  define('create_user_ns', int, [['new', cred]]);
  define('tcp_connect', int, [['sk', sock]]);
  define('tcp_v4_connect', int, [
    ['sk', sock],
    ['uaddr', sockaddr],
    ['addr_len', int],
  ]);
  define('put_cmsg', int, [
    ['msg', message],
    ['level', int],
  ]);
  define('fd_install', none, [
    ['fd', unsigned],
    ['file', file],
  ]);
  define('do_sys_open', long, [
    ['dfd', int],
    ['filename', text],
    ['flags', int],
    ['mode', short],
  ]);
  define('do_filp_open', file, [
    ['dfd', int],
    ['pathname', pointer('filename')],
    ['op', pointer('open_flags')],
  ]);
  define('vfs_write', long, [
    ['file', file],
    ['buf', text],
    ['count', word],
    ['pos', btf.ptr(long)],
  ]);
  define(
    'seven',
    int,
    ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => [name, word] as const),
  );
  define('by_value', int, [
    ['pair', pair],
    ['last', int],
  ]);
  define('large_value', int, [['wide', wide]]);
  define('inlined', int, [['x', int]]);
  for (const call of [
    'openat',
    'connect',
    'mkdir',
    'unlinkat',
    'symlinkat',
    'write',
    'setsockopt',
    'lseek',
    'execve',
  ]) {
    define(`__x64_sys_${call}`, long, [['regs', registers]]);
  }

  define('__do_sys_fork', long, [['__unused', registers]]);

  const rawEvent = (name: string, parameters: Parameters) => {
    const call = prototype(none, [['__data', btf.ptr(none)], ...parameters]);
    btf.typedef(`btf_trace_${name}`, btf.ptr(call));
  };
  rawEvent('sched_process_exec', [
    ['p', pointer('task_struct')],
    ['old_pid', int],
    ['bprm', binprm],
  ]);
  rawEvent('sys_enter', [
    ['regs', pointer('pt_regs')],
    ['number', long],
  ]);

  const state = (name: string): FeatureState =>
    without.some((each) => each === name) ? { kind: 'no', reason: 'it was left out' } : { kind: 'yes' };
  const features = Object.fromEntries(Object.keys(FEATURES).map((name) => [name, state(name)])) as Target['features'];
  return {
    arch,
    release: '6.12-test',
    btf: new BtfView(btf.toBytes()),
    features,
    functions: functionList(TRACEABLE),
    tracepoints: tracepointList(EVENTS),
  };
}

/** Without the types of some: BTF leaves out what gcc has no prototype for. */
const TRACEABLE = [
  'security_file_open',
  'security_bprm_check',
  'security_inode_unlink',
  'security_inode_setattr',
  'security_mmap_file',
  'create_user_ns',
  'tcp_connect',
  'tcp_v4_connect',
  'fd_install',
  'put_cmsg',
  'do_sys_open',
  'do_filp_open',
  'vfs_write',
  'seven',
  'by_value',
  'large_value',
  'untyped',
  'twice',
  'twice',
  'split.isra.0',
  'split.cold',
  '__x64_sys_openat',
  '__x64_sys_connect',
  '__x64_sys_mkdir',
  '__x64_sys_unlinkat',
  '__x64_sys_symlinkat',
  '__x64_sys_write',
  '__x64_sys_setsockopt',
  '__x64_sys_syslog',
  '__x64_sys_exit',
  '__x64_sys_exit_group',
  'do_exit',
  '__x64_sys_lseek',
  '__x64_sys_execve',
  '__x64_sys_getpid',
  '__do_sys_fork',
  '__ia32_sys_openat',
  '__arm64_sys_openat',
];

function field(type: string, name: string, offset: number, size: number, signed = false): TracepointField {
  return { name, type, offset, size, signed };
}

const EVENTS: Readonly<Record<string, readonly TracepointField[]>> = {
  'raw_syscalls/sys_enter': [field('long', 'id', 8, 8, true), field('unsigned long[6]', 'args', 16, 48)],
  'syscalls/sys_enter_openat': [
    field('int', '__syscall_nr', 8, 4, true),
    field('int', 'dfd', 16, 8),
    field('const char *', 'filename', 24, 8),
    field('int', 'flags', 32, 8),
    field('umode_t', 'mode', 40, 8),
  ],
  'syscalls/sys_enter_syslog': [
    field('int', '__syscall_nr', 8, 4, true),
    field('int', 'type', 16, 8),
    field('char *', 'buf', 24, 8),
    field('int', 'len', 32, 8),
  ],
  'sched/sched_process_exec': [
    field('__data_loc char[]', 'filename', 8, 4),
    field('pid_t', 'pid', 12, 4, true),
    field('pid_t', 'old_pid', 16, 4, true),
  ],
  'task/task_newtask': [
    field('pid_t', 'pid', 8, 4, true),
    field('char[16]', 'comm', 12, 16),
    field('unsigned long', 'clone_flags', 32, 8),
    field('short', 'oom_score_adj', 40, 2, true),
  ],
  'skb/kfree_skb': [field('void *', 'skbaddr', 8, 8), field('unsigned short', 'protocol', 32, 2)],
};
