/** Refuses on the policy's own line what the kernel would refuse with registers. */
import type { JumpOverflow } from '#bpf';
import { diagnostic } from '#diagnostics';
import { emitHook } from './emit.ts';
import type { Findings } from './findings.ts';
import type { HookPlan, PolicyPlan, Test } from './plan.ts';

/** Bytes of literals that a program compares inline: at 3.5 instructions each eight, its jumps still reach. */
export const LITERAL_BYTES_MAX = 65_536;

/** Policies that come first go together; one that is too much beside them is refused, and those behind it may fit. */
export function checkLimits(plan: HookPlan, findings: Findings): void {
  let before = 0;
  for (const policy of plan.policies) {
    const own = literalsOf(policy, LITERAL_BYTES_MAX - before);
    if (own.over === undefined) {
      before += own.bytes;
      continue;
    }
    const found = { hook: nameOf(policy), bytes: before + own.bytes, limit: LITERAL_BYTES_MAX };
    const { span } = own.over;
    findings.about(policy.slot, (diagnostics) => diagnostics.push(diagnostic('RF2101', span, found)));
  }
}

/** Up to the test with which there is no room left, if there is one. */
function literalsOf(policy: PolicyPlan, room: number): { readonly bytes: number; readonly over: Test | undefined } {
  let bytes = 0;
  for (const test of policy.selectors.flatMap(({ tests }) => tests)) {
    bytes += literalBytes(test);
    if (bytes > room) return { bytes, over: test };
  }
  return { bytes, over: undefined };
}

function literalBytes(test: Test): number {
  if (test.kind !== 'text' && test.kind !== 'binary') return 0;
  return test.values.reduce((sum, each) => sum + each.bytes.length, 0);
}

/** What could not be assembled: those that are too long by themselves, or else the last one. */
export function refuseTooLong(plan: HookPlan, overflow: JumpOverflow, findings: Findings): void {
  const alone = plan.policies.flatMap((policy) => {
    const assembly = emitHook({ ...plan, policies: [policy] });
    return assembly.kind === 'overflow' ? [{ policy, overflow: assembly }] : [];
  });
  const last = plan.policies.slice(-1).map((policy) => ({ policy, overflow }));
  for (const { policy, overflow: each } of alone.length > 0 ? alone : last) {
    const found = { hook: nameOf(policy), distance: Math.abs(each.distance) };
    const span = alone.length > 0 ? (each.span ?? policy.span) : policy.span;
    findings.about(policy.slot, (diagnostics) => diagnostics.push(diagnostic('RF2102', span, found)));
  }
}

/** What the user wrote. */
function nameOf({ hook }: PolicyPlan): string {
  return hook.name.value;
}
