/** Errors by which the kernel tells itself to walk a path again: a denial with one of them is asked for twice. */
import { type Diagnostic, diagnostic } from '#diagnostics';
import type { Hook } from '#policy';
import type { ResolvedPart } from './resolved.ts';

/** Without locks at first, then with them: filename_lookup() and do_filp_open(), fs/namei.c. */
const ECHILD = 10;
/** Once more without what is cached: the same functions, and retry_estale() in most calls that are given a path. */
const ESTALE = 116;

/** Hooks that are asked within filename_lookup() or path_openat(). */
const WITHIN_A_WALK: readonly string[] = [
  'file_open',
  'inode_create',
  'inode_follow_link',
  'inode_permission',
  'path_mknod',
  'path_truncate',
];

export function warnOfRetries(hook: Hook, parts: readonly ResolvedPart[]): readonly Diagnostic[] {
  const actions = hook.selectors.flatMap((selector) => selector.actions);
  return actions.flatMap((each) => {
    if (each.kind !== 'override') return [];
    const asked = parts.flatMap(({ point, denies }) => (denies && point.kind === 'lsm' ? [point.hook] : []));
    const twice = asked.find((name) => isRetried(name, -each.error));
    if (twice === undefined) return [];
    const name = each.error === -ECHILD ? 'ECHILD' : 'ESTALE';
    return [diagnostic('RF2404', each.span, { hook: twice, error: each.error, name })];
  });
}

function isRetried(hook: string, error: number): boolean {
  if (error === ECHILD) return WITHIN_A_WALK.includes(hook);
  return error === ESTALE && (hook === 'file_open' || hook.startsWith('inode_') || hook.startsWith('path_'));
}
