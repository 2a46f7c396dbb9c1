/** Refuses on the policy's own line what the kernel would refuse with registers. */
import type { JumpOverflow } from '#bpf';
import { type Diagnostic, diagnostic } from '#diagnostics';
import type { HookPlan, Test } from './plan.ts';

/** Bytes of literals that a program compares inline: at 3.5 instructions each eight, its jumps still reach. */
export const LITERAL_BYTES_MAX = 65_536;

export function checkLimits(plan: HookPlan): readonly Diagnostic[] {
  let total = 0;
  for (const policy of plan.policies) {
    for (const selector of policy.selectors) {
      for (const test of selector.tests) {
        total += literalBytes(test);
        if (total <= LITERAL_BYTES_MAX) continue;
        return [diagnostic('RF2101', test.span, { hook: nameOf(plan), bytes: total, limit: LITERAL_BYTES_MAX })];
      }
    }
  }
  return [];
}

function literalBytes(test: Test): number {
  if (test.kind !== 'text' && test.kind !== 'binary') return 0;
  return test.values.reduce((sum, each) => sum + each.bytes.length, 0);
}

/** What could not be assembled. */
export function overflowDiagnostic(plan: HookPlan, overflow: JumpOverflow): Diagnostic {
  return diagnostic('RF2102', overflow.span ?? plan.span, {
    hook: nameOf(plan),
    distance: Math.abs(overflow.distance),
  });
}

/** What the user wrote, of the first policy that did. */
export function nameOf(plan: HookPlan): string {
  return plan.policies[0]?.hook.name.value ?? plan.point.kind;
}
