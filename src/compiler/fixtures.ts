/** A small kernel for tests: some hooks, with the prototypes that 6.12 has. */
import { BtfBuilder, BtfView, FEATURES, type FeatureState, functionList, type Target, tracepointList } from '#bpf';
import type { BtfTypeId } from '#std';

export function smallTarget(): Target {
  const btf = new BtfBuilder();
  const int = btf.int('int', 4, 'signed');
  const long = btf.int('unsigned long', 8, 'unsigned');
  const pointer = (name: string) => btf.ptr(btf.struct(name, 8, []));
  const [file, binprm, dentry, inode] = [pointer('file'), pointer('linux_binprm'), pointer('dentry'), pointer('inode')];
  const path = btf.ptr(btf.const(btf.struct('path', 16, [])));
  const hook = (name: string, result: BtfTypeId, parameters: readonly (readonly [string, BtfTypeId])[]) => {
    const prototype = btf.funcProto(
      result,
      parameters.map(([parameter, typeId]) => ({ name: parameter, typeId })),
    );
    btf.func(`bpf_lsm_${name}`, prototype, 'static');
  };
  const nothing = 0 as BtfTypeId;
  hook('file_open', int, [['file', file]]);
  hook('file_permission', int, [
    ['file', file],
    ['mask', int],
  ]);
  hook('mmap_file', int, [
    ['file', file],
    ['reqprot', long],
    ['prot', long],
    ['flags', long],
  ]);
  hook('bprm_check_security', int, [['bprm', binprm]]);
  hook('bprm_committed_creds', nothing, [['bprm', binprm]]);
  hook('path_link', int, [
    ['old_dentry', dentry],
    ['new_dir', path],
    ['new_dentry', dentry],
  ]);
  hook('move_mount', int, [
    ['from_path', path],
    ['to_path', path],
  ]);
  hook('inode_permission', int, [
    ['inode', inode],
    ['mask', int],
  ]);
  hook('socket_connect', int, [
    ['sock', pointer('socket')],
    ['address', pointer('sockaddr')],
    ['addrlen', int],
  ]);
  const yes: FeatureState = { kind: 'yes' };
  const features = Object.fromEntries(Object.keys(FEATURES).map((name) => [name, yes])) as Target['features'];
  return {
    arch: 'x86_64',
    release: '6.12-test',
    btf: new BtfView(btf.toBytes()),
    features,
    functions: functionList([]),
    tracepoints: tracepointList({}),
  };
}
