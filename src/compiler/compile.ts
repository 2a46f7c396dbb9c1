/** The compiler in a straight line: resolve, lower, allocate, check limits, emit. */
import { type Architecture, type SensorImage, sectionOf, type Target } from '#bpf';
import { type Diagnostic, hasErrors } from '#diagnostics';
import type { Policy } from '#policy';
import { allocate } from './allocate.ts';
import { type EmitOptions, emitHook } from './emit.ts';
import { Findings } from './findings.ts';
import { FollowBook } from './follow.ts';
import { checkLimits, refuseTooLong } from './limits.ts';
import { type HostNamespaces, lower } from './lower.ts';
import type { Identities } from './lower-match.ts';
import { type Program, programOf, setImages, writePrograms } from './object.ts';
import { type FollowList, type HookPlan, hookEnforces, type WorkloadScope } from './plan.ts';
import { warnOfCritical } from './report-critical.ts';
import { resolvePolicy } from './resolve.ts';
import type { HookReport, ResolvedPolicy } from './resolved.ts';
import { ScopeBook } from './scope.ts';

export type CompileInput = {
  /** Each with the slot of the policies map that is its own. */
  readonly policies: readonly { readonly policy: Policy; readonly slot: number }[];
  readonly target: Target;
  readonly identities: Identities;
  /** Inode numbers of the namespaces of process 1, which `host_ns` stands for; none when compiling for elsewhere. */
  readonly hostNamespaces?: HostNamespaces;
  /** Bits that lists have already, by key; see FollowList. */
  readonly followBits?: ReadonlyMap<string, number>;
  /** Bits that workload selectors have already, by key; see WorkloadScope. */
  readonly scopeBits?: ReadonlyMap<string, number>;
  /** See EmitOptions; for whoever looks for a mistake. */
  readonly optimise?: boolean;
  /** Attach points whose programs begin without gates, which the verifier may have no room for; see sectionOf. */
  readonly ungated?: ReadonlySet<string>;
};

/** `image` is there unless a diagnostic is an error. */
export type CompileResult = Compiled & { readonly reports: readonly HookReport[] };

export type Compiled = {
  readonly image: SensorImage | undefined;
  readonly programs: readonly Program[];
  /** The lists that the programs ask for: to be in the kernel before they are attached. */
  readonly follow: readonly FollowList[];
  /** The same of workload selectors. */
  readonly scopes: readonly WorkloadScope[];
  readonly diagnostics: readonly Diagnostic[];
  /**
   * Slots of the policies that the errors are about. The others may go on without them, by another compilation: what is
   * too much together is said of the policies that come last.
   */
  readonly refused: readonly number[];
};

export function compile(input: CompileInput): CompileResult {
  const findings = new Findings();
  const found = input.policies.map(({ policy, slot }) =>
    findings.about(slot, (diagnostics) => {
      const resolution = resolvePolicy(policy, slot, input.target, diagnostics);
      diagnostics.push(...warnOfCritical(policy, resolution.reports));
      return resolution;
    }),
  );
  const compiled = compileResolved(
    { ...input, policies: found.map(({ resolved }) => resolved), arch: input.target.arch },
    findings,
  );
  return { ...compiled, reports: found.flatMap(({ reports }) => reports) };
}

export type ResolvedInput = Omit<CompileInput, 'policies' | 'target'> & {
  readonly policies: readonly ResolvedPolicy[];
  readonly arch: Architecture;
};

/** All that comes after the kernel's types: tests begin here, with hooks that no kernel has. */
export function compileResolved(input: ResolvedInput, findings: Findings): Compiled {
  const follow = new FollowBook(input.followBits);
  const hostNamespaces = input.hostNamespaces ?? ELSEWHERE;
  const scopes = new ScopeBook(input.scopeBits);
  const plans = lower({ ...input, hostNamespaces, follow, scopes }, findings).map((plan) => allocate(plan));
  const { optimise = true, ungated = new Set() } = input;
  const emit = (plan: HookPlan) => emitPlan(plan, findings, { optimise, gates: !ungated.has(sectionOf(plan.point)) });
  return emitPlans(plans, emit, { follow: follow.lists, scopes: scopes.scopes }, findings);
}

/** Where no process runs, no namespace has a number. */
const ELSEWHERE: HostNamespaces = {
  uts: 0,
  ipc: 0,
  mnt: 0,
  pid: 0,
  pidForChildren: 0,
  net: 0,
  time: 0,
  timeForChildren: 0,
  cgroup: 0,
  user: 0,
};

type Asked = Pick<Compiled, 'follow' | 'scopes'>;

function emitPlans(
  plans: readonly HookPlan[],
  emit: (plan: HookPlan) => readonly Program[],
  asked: Asked,
  findings: Findings,
): Compiled {
  for (const plan of plans) checkLimits(plan, findings);
  const programs = hasErrors(findings.diagnostics) ? [] : plans.flatMap(emit);
  const { diagnostics, refused } = findings;
  if (hasErrors(diagnostics)) return { image: undefined, programs: [], follow: [], scopes: [], diagnostics, refused };
  const image = { object: writePrograms(programs), hooks: programs.map(describe), sets: setImages(plans) };
  return { image, programs, ...asked, diagnostics, refused };
}

function emitPlan(plan: HookPlan, findings: Findings, options: EmitOptions): readonly Program[] {
  const assembly = emitHook(plan, options);
  if (assembly.kind === 'assembled') return [programOf(plan, assembly.code)];
  refuseTooLong(plan, assembly, findings);
  return [];
}

function describe({ plan, name, section, code }: Program): SensorImage['hooks'][number] {
  return {
    id: plan.id,
    point: plan.point,
    program: name,
    section,
    spans: code.spans,
    policies: plan.policies.map((policy) => ({ name: policy.name, slot: policy.slot, entry: policy.entry })),
    enforces: hookEnforces(plan),
  };
}
