/** `ringfence policy check`, `explain` and `compile`: no root, nothing is loaded. */
import { writeFileSync } from 'node:fs';
import { disassemble, type Target } from '#bpf';
import { type CompileResult, compile, dumpPlan, explain, strictly, summarise } from '#compiler';
import { hasErrors } from '#diagnostics';
import { type Policy, parsePolicyFiles } from '#policy';
import { EXIT, reportDiagnostics } from './exit.ts';
import { readPolicyFiles } from './files.ts';
import { chooseTarget } from './target.ts';

export type TargetOptions = { readonly target?: string };
export type CheckOptions = TargetOptions & { readonly strict?: boolean };
export type CompileOptions = TargetOptions & { readonly output?: string; readonly dump?: 'ir' | 'asm' };

type Compiled = {
  readonly exitCode: number;
  readonly policies: readonly Policy[];
  readonly target: Target;
  readonly result: CompileResult;
};

/** Undefined when the files do not parse, which is reported. */
async function compileFiles(files: readonly string[], options: CheckOptions): Promise<Compiled | undefined> {
  const { policies, diagnostics } = parsePolicyFiles(readPolicyFiles(files));
  if (hasErrors(diagnostics)) {
    reportDiagnostics(diagnostics);
    return undefined;
  }
  const target = await chooseTarget(options.target);
  const result = compile({
    policies: policies.map((policy, slot) => ({ policy, slot })),
    target,
    identities: new Map(),
  });
  const found = options.strict === true ? strictly(result.diagnostics) : result.diagnostics;
  return { exitCode: reportDiagnostics([...diagnostics, ...found]), policies, target, result };
}

export async function checkPolicies(files: readonly string[], options: CheckOptions): Promise<number> {
  const compiled = await compileFiles(files, options);
  if (compiled === undefined) return EXIT.policy;
  const { exitCode, policies, target, result } = compiled;
  if (exitCode === EXIT.ok) printSummary(policies, target, result);
  return exitCode;
}

function printSummary(policies: readonly Policy[], target: Target, { reports }: CompileResult): void {
  for (const { name } of policies) {
    process.stdout.write(`${name}: ok for kernel ${target.release}\n`);
    for (const report of reports.filter((each) => each.policy === name)) {
      process.stdout.write(`  ${summarise(report)}\n`);
    }
  }
}

/** What is wrong with a policy is said first; what has a place in the kernel is explained all the same. */
export async function explainPolicies(files: readonly string[], options: TargetOptions): Promise<number> {
  const compiled = await compileFiles(files, options);
  if (compiled === undefined) return EXIT.policy;
  const { exitCode, policies, target, result } = compiled;
  const texts = policies.map((policy) => explain(policy, result.reports, target.release));
  process.stdout.write(texts.join('\n'));
  return exitCode;
}

/** The object holds no runtime library: it is what the agent would link and load. */
export async function compilePolicies(files: readonly string[], options: CompileOptions): Promise<number> {
  const compiled = await compileFiles(files, options);
  if (compiled === undefined) return EXIT.policy;
  const { exitCode, policies, target, result } = compiled;
  if (exitCode !== EXIT.ok || result.image === undefined) return exitCode;
  printSummary(policies, target, result);
  if (options.output !== undefined) writeFileSync(options.output, result.image.object);
  for (const { section, name, code, plan } of result.programs) {
    process.stdout.write(`\n${section} ${name}: ${code.instructions.length} instructions\n`);
    if (options.dump === 'ir') process.stdout.write(dumpPlan(plan));
    if (options.dump === 'asm') process.stdout.write(`${disassemble(code)}\n`);
  }
  return EXIT.ok;
}
