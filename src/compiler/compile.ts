/** The compiler in a straight line: resolve, lower, check limits, emit. */
import type { SensorImage, Target } from '#bpf';
import { type Diagnostic, hasErrors } from '#diagnostics';
import type { Policy } from '#policy';
import { emitHook } from './emit.ts';
import { checkLimits, overflowDiagnostic } from './limits.ts';
import { type Identities, lower, type ResolvedPolicy } from './lower.ts';
import { type Program, programName, writePrograms } from './object.ts';
import { hookEnforces } from './plan.ts';
import { resolveHook } from './resolve.ts';

export type CompileInput = {
  /** Each with the slot of the policies map that is its own. */
  readonly policies: readonly { readonly policy: Policy; readonly slot: number }[];
  readonly target: Target;
  readonly identities: Identities;
};

/** `image` is there unless a diagnostic is an error. */
export type CompileResult = {
  readonly image: SensorImage | undefined;
  readonly programs: readonly Program[];
  readonly diagnostics: readonly Diagnostic[];
};

export function compile({ policies, target, identities }: CompileInput): CompileResult {
  const diagnostics: Diagnostic[] = [];
  const resolved: ResolvedPolicy[] = policies.map(({ policy, slot }) => ({
    policy,
    slot,
    hooks: policy.hooks.map((hook) => resolveHook(hook, target, diagnostics)).filter((hook) => hook !== undefined),
  }));
  const plans = lower(resolved, identities, diagnostics);
  for (const plan of plans) diagnostics.push(...checkLimits(plan));
  if (hasErrors(diagnostics)) return { image: undefined, programs: [], diagnostics };

  const programs: Program[] = [];
  for (const plan of plans) {
    const assembly = emitHook(plan);
    if (assembly.kind === 'overflow') diagnostics.push(overflowDiagnostic(plan, assembly));
    else programs.push({ plan, name: programName(plan), section: `lsm/${plan.hook}`, code: assembly.code });
  }
  if (hasErrors(diagnostics)) return { image: undefined, programs: [], diagnostics };
  return { image: { object: writePrograms(programs), hooks: programs.map(describe) }, programs, diagnostics };
}

function describe({ plan, name, section, code }: Program): SensorImage['hooks'][number] {
  return {
    id: plan.id,
    kind: 'lsm',
    hook: plan.hook,
    program: name,
    section,
    spans: code.spans,
    policies: plan.policies.map((policy) => ({ name: policy.name, slot: policy.slot })),
    enforces: hookEnforces(plan),
  };
}
