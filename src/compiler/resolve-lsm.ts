/** Resolves LSM hooks: the kernel has one function for each, `bpf_lsm_NAME`, whose prototype is what the hook passes. */
import type { BtfView } from '#bpf';
import { diagnostic } from '#diagnostics';
import type { LsmHook } from '#policy';
import type { BtfTypeId } from '#std';
import { machines } from './arch.ts';
import { resolveArguments } from './resolve-argument.ts';
import { type Prototype, prototypeOf } from './resolve-passed.ts';
import { type Place, partOf, type Scope } from './resolve-place.ts';
import { userPointersOf } from './resolve-user-memory.ts';

/**
 * Functions of the kernel that begin with `bpf_lsm_` and are none of its hooks, or whose result is no error, so that a
 * program could break what asks them. Newer kernels refuse most of them (bpf_lsm_disabled_hooks, kernel/bpf/bpf_lsm.c).
 */
const UNUSABLE: readonly string[] = [
  'audit_rule_known',
  'audit_rule_match',
  'find_cgroup_shim',
  'func_proto',
  'get_retval_range',
  'getprocattr',
  'getselfattr',
  'init',
  'inode_copy_up_xattr',
  'inode_getsecurity',
  'inode_listsecurity',
  'inode_need_killpriv',
  'inode_xattr_skipcap',
  'is_sleepable_hook',
  'is_trusted',
  'ismaclabel',
  'key_getsecurity',
  'setprocattr',
  'verify_prog',
  'vm_enough_memory',
  'xfrm_state_pol_flow_match',
];

export function resolveLsm(hook: LsmHook, entry: number, scope: Scope): Place | undefined {
  const { target, diagnostics } = scope;
  const name = hook.name.value;
  const functionId = target.btf.findFunction(`bpf_lsm_${name}`);
  if (functionId === undefined) {
    const similar = similarHooks(name, target.btf);
    diagnostics.push(diagnostic('RF2001', hook.name.span, { hook: name, release: target.release, similar }));
    return undefined;
  }
  if (UNUSABLE.includes(name)) {
    diagnostics.push(diagnostic('RF2010', hook.name.span, { hook: name }));
    return undefined;
  }
  const { slots } = lsmPrototype(name, functionId, scope);
  const denies = returnsError(target.btf, functionId);
  const refused = !denies && refuseDenial(hook, scope);
  const arguments_ = resolveArguments(hook.arguments, { hook: name, slots }, diagnostics);
  if (arguments_ === undefined || refused) return undefined;
  return {
    parts: [partOf(hook, entry, { kind: 'lsm', hook: name }, { denies, arguments: arguments_ })],
    why: denies ? 'The kernel asks this hook before it acts.' : 'The kernel tells this hook what has happened.',
    blind: [],
    better: undefined,
  };
}

export function lsmPrototype(hook: string, functionId: BtfTypeId, { target }: Scope): Prototype {
  return prototypeOf(target.btf, functionId, {
    from: 'context',
    limit: machines[target.arch].argumentRegisters,
    userPointers: userPointersOf(`bpf_lsm_${hook}`),
  });
}

export function returnsError(btf: BtfView, functionId: BtfTypeId): boolean {
  return btf.type(btf.skipModifiers(btf.functionReturn(functionId))).kind === 'int';
}

/** Whether programs can deny on this hook of this kernel. */
export function canDeny(hook: string, btf: BtfView): boolean {
  const functionId = btf.findFunction(`bpf_lsm_${hook}`);
  return functionId !== undefined && !UNUSABLE.includes(hook) && returnsError(btf, functionId);
}

/** A hook without a result reports what has happened: nothing that it returns could stop it. */
function refuseDenial(hook: LsmHook, { diagnostics }: Scope): boolean {
  const actions = hook.selectors.flatMap((selector) => selector.actions);
  const denials = actions.filter(({ kind }) => kind === 'override' || kind === 'sigkill');
  for (const { kind, span } of denials) {
    diagnostics.push(diagnostic('RF2002', span, { hook: hook.name.value, action: kind }));
  }
  return denials.length > 0;
}

/** Up to three hooks of this kernel whose names share the most with the one that is missing. */
function similarHooks(missing: string, btf: BtfView): string {
  const wanted = new Set(missing.split('_'));
  const scored: { readonly name: string; readonly score: number }[] = [];
  for (const id of btf.ids('func')) {
    const type = btf.type(id);
    if (type.kind !== 'func' || !type.name.startsWith('bpf_lsm_')) continue;
    const name = type.name.slice('bpf_lsm_'.length);
    const score = name.split('_').filter((word) => wanted.has(word)).length;
    if (score > 0 && !UNUSABLE.includes(name)) scored.push({ name, score });
  }
  const best = scored.toSorted((a, b) => b.score - a.score || a.name.length - b.name.length).slice(0, 3);
  return best.length === 0
    ? 'see `bpftool btf dump file /sys/kernel/btf/vmlinux | grep bpf_lsm_`'
    : `near it: ${best.map((each) => each.name).join(', ')}`;
}
