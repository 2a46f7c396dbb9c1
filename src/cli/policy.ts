/** `ringfence policy check` and `ringfence policy compile`: no root, nothing is loaded. */
import { writeFileSync } from 'node:fs';
import { disassemble } from '#bpf';
import { compile } from '#compiler';
import { hasErrors } from '#diagnostics';
import { parsePolicyFiles } from '#policy';
import { EXIT, reportDiagnostics } from './exit.ts';
import { readPolicyFiles } from './files.ts';
import { chooseTarget } from './target.ts';

type Compiled = {
  readonly exitCode: number;
  readonly programs: ReturnType<typeof compile>['programs'];
  readonly object: Uint8Array | undefined;
};

async function compileFiles(files: readonly string[], targetFile: string | undefined): Promise<Compiled> {
  const { policies, diagnostics } = parsePolicyFiles(readPolicyFiles(files));
  if (hasErrors(diagnostics)) return { exitCode: reportDiagnostics(diagnostics), programs: [], object: undefined };
  const target = await chooseTarget(targetFile);
  const result = compile({
    policies: policies.map((policy, slot) => ({ policy, slot })),
    target,
    identities: new Map(),
  });
  const exitCode = reportDiagnostics([...diagnostics, ...result.diagnostics]);
  if (exitCode === EXIT.ok) {
    for (const policy of policies) {
      const hooks = policy.hooks.map((hook) => hook.name.value).join(', ');
      process.stdout.write(`${policy.name}: ok for kernel ${target.release} (${hooks})\n`);
    }
  }
  return { exitCode, programs: result.programs, object: result.image?.object };
}

export async function checkPolicies(files: readonly string[], options: { readonly target?: string }): Promise<number> {
  return (await compileFiles(files, options.target)).exitCode;
}

/** The object holds no runtime library: it is what the agent would link and load. */
export async function compilePolicies(
  files: readonly string[],
  options: { readonly target?: string; readonly output?: string; readonly dump?: string },
): Promise<number> {
  const { exitCode, programs, object } = await compileFiles(files, options.target);
  if (exitCode !== EXIT.ok || object === undefined) return exitCode;
  if (options.output !== undefined) writeFileSync(options.output, object);
  for (const { section, name, code } of programs) {
    process.stdout.write(`\n${section} ${name}: ${code.instructions.length} instructions\n`);
    if (options.dump === 'asm') process.stdout.write(`${disassemble(code)}\n`);
  }
  return EXIT.ok;
}
