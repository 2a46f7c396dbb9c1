/** `security_X` functions and the LSM hooks that they are there to call: what enforces at the one moves to the other. */
import type { BtfView } from '#bpf';
import { known } from '#std';

/** Where the names differ. */
const HOOKS: Readonly<Record<string, string>> = {
  bprm_check: 'bprm_check_security',
  create_user_ns: 'userns_create',
  file_alloc: 'file_alloc_security',
  inode_alloc: 'inode_alloc_security',
  msg_msg_alloc: 'msg_msg_alloc_security',
  msg_queue_alloc: 'msg_queue_alloc_security',
  prepare_creds: 'cred_prepare',
  sb_alloc: 'sb_alloc_security',
  sem_alloc: 'sem_alloc_security',
  settime64: 'settime',
  shm_alloc: 'shm_alloc_security',
  sk_alloc: 'sk_alloc_security',
  sock_rcv_skb: 'socket_sock_rcv_skb',
  bpf_map_alloc: 'bpf_map_alloc_security',
  bpf_prog_alloc: 'bpf_prog_alloc_security',
};

/** Where the hook has more parameters than the function: which of the hook's each of the function's is. */
const POSITIONS: Readonly<Record<string, readonly number[]>> = {
  // the hook is given the protection that was asked for and the one that READ_IMPLIES_EXEC makes of it
  mmap_file: [0, 1, 3],
};

export type LsmTwin =
  /** `positions`: of the hook's parameters, by position of the function's. */
  | { readonly kind: 'same'; readonly hook: string; readonly positions: readonly number[] }
  /** The function passes on something else than it was given. */
  | { readonly kind: 'differs'; readonly hook: string };

/** Undefined when no LSM hook of this kernel belongs to the function. */
export function lsmTwin(functionName: string, btf: BtfView): LsmTwin | undefined {
  if (!functionName.startsWith('security_')) return undefined;
  const name = functionName.slice('security_'.length);
  const hook = (Object.hasOwn(HOOKS, name) ? HOOKS[name] : undefined) ?? name;
  const hookId = btf.findFunction(`bpf_lsm_${hook}`);
  const functionId = btf.findFunction(functionName);
  if (hookId === undefined || functionId === undefined) return undefined;
  const given = typesOf(btf, functionId);
  const passed = typesOf(btf, hookId);
  const positions = Object.hasOwn(POSITIONS, name) ? known(POSITIONS[name], 'positions') : [...passed.keys()];
  const same =
    given.length === positions.length && given.every((type, index) => type === passed[positions[index] ?? -1]);
  return same ? { kind: 'same', hook, positions } : { kind: 'differs', hook };
}

/** Without const, which function and hook write as they like. */
function typesOf(btf: BtfView, functionId: Parameters<BtfView['functionParameters']>[0]): readonly string[] {
  return btf.functionParameters(functionId).map(({ typeId }) => btf.describe(typeId).replaceAll('const ', ''));
}
