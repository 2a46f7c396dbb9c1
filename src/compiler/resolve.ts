/** Finds the place of each hook of a policy in this kernel: attach points, phases, and where each argument is. */
import type { Target } from '#bpf';
import type { Diagnostic } from '#diagnostics';
import type { Hook, Policy } from '#policy';
import { assertNever } from '#std';
import { reportHook, warnOf } from './report.ts';
import { resolveFunction } from './resolve-function.ts';
import { resolveLsm } from './resolve-lsm.ts';
import type { Place, Scope } from './resolve-place.ts';
import { resolveSyscall } from './resolve-syscall.ts';
import { resolveTracepoint } from './resolve-tracepoint.ts';
import type { HookReport, ResolvedPart, ResolvedPolicy } from './resolved.ts';

export type Resolution = { readonly resolved: ResolvedPolicy; readonly reports: readonly HookReport[] };

/** A hook that has no place here is left out of both; a diagnostic says why. */
export function resolvePolicy(policy: Policy, slot: number, target: Target, diagnostics: Diagnostic[]): Resolution {
  const scope = { policy, target, diagnostics };
  const parts: ResolvedPart[] = [];
  const reports: HookReport[] = [];
  for (const [entry, hook] of policy.hooks.entries()) {
    const place = resolveHook(hook, entry, scope);
    if (place === undefined) continue;
    const report = reportHook(policy, hook, entry, place);
    diagnostics.push(...warnOf(report, place));
    parts.push(...place.parts);
    reports.push(report);
  }
  return { resolved: { policy, slot, parts }, reports };
}

function resolveHook(hook: Hook, entry: number, scope: Scope): Place | undefined {
  switch (hook.kind) {
    case 'lsm':
      return resolveLsm(hook, entry, scope);
    case 'kprobe':
      return hook.syscall ? resolveSyscall(hook, entry, scope) : resolveFunction(hook, entry, scope);
    case 'tracepoint':
      return resolveTracepoint(hook, entry, scope);
    default:
      return assertNever(hook);
  }
}
