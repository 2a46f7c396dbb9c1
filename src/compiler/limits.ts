/** Refuses on the policy's own line what the kernel would refuse with registers. */
import type { JumpOverflow } from '#bpf';
import { type Diagnostic, diagnostic } from '#diagnostics';
import type { HookPlan } from './plan.ts';

/** Bytes of literals that a program compares inline: at 3.5 instructions each eight, its jumps still reach. */
export const LITERAL_BYTES_MAX = 65_536;

export function checkLimits(plan: HookPlan): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  let total = 0;
  for (const policy of plan.policies) {
    for (const selector of policy.selectors) {
      for (const test of selector.tests) {
        if (test.kind === 'integer') continue;
        total += test.values.reduce((sum, each) => sum + each.bytes.length, 0);
        if (total <= LITERAL_BYTES_MAX) continue;
        diagnostics.push(diagnostic('RF2101', test.span, { hook: plan.hook, bytes: total, limit: LITERAL_BYTES_MAX }));
        return diagnostics;
      }
    }
  }
  return diagnostics;
}

/** What could not be assembled. */
export function overflowDiagnostic(plan: HookPlan, overflow: JumpOverflow): Diagnostic {
  return diagnostic('RF2102', overflow.span ?? plan.span, { hook: plan.hook, distance: Math.abs(overflow.distance) });
}
