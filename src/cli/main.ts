/** The command line: parse flags, call, print. Each command loads only what it needs. */
import { Command, Option } from 'commander';
import { addControlCommands } from './control-commands.ts';
import type { DetachOptions } from './detach.ts';
import type { DoctorOptions } from './doctor.ts';
import { EXIT, reportError } from './exit.ts';
import type { CheckOptions, CompileOptions, TargetOptions } from './policy.ts';
import { runCommand } from './run-options.ts';
import type { ClearOptions } from './start-guard.ts';
import { VERSION } from './version.ts';

const program = new Command('ringfence')
  .description('Runtime security enforcement with TracingPolicy resources')
  .version(VERSION)
  .showHelpAfterError()
  .exitOverride();

program.addCommand(runCommand(async (flags) => end(await (await import('./run.ts')).run(flags))));

const policy = program
  .command('policy')
  .description('check and explain policy files, which needs no root; change the policies of the agent');

policy
  .command('check <file...>')
  .description('tell what is wrong with policies, and what each hook of the others comes to')
  .option('--target <file>', 'check for a kernel saved by `doctor --save-target` instead of this one')
  .option('--strict', 'refuse policies that another thread of the process can get around')
  .action(async (files: string[], options: CheckOptions) => {
    end(await (await import('./policy.ts')).checkPolicies(files, options));
  });

policy
  .command('explain <file...>')
  .description('say in plain words what policies do: where, what they stop, what they cost, what they do not see')
  .option('--target <file>', 'explain for a kernel saved by `doctor --save-target` instead of this one')
  .action(async (files: string[], options: TargetOptions) => {
    end(await (await import('./policy.ts')).explainPolicies(files, options));
  });

policy
  .command('compile <file...>')
  .description('compile policies to a BPF object')
  .option('--target <file>', 'compile for a kernel saved by `doctor --save-target` instead of this one')
  .option('-o, --output <file>', 'write the object here')
  .addOption(new Option('--dump <form>', 'print the programs: as plans, or as instructions').choices(['ir', 'asm']))
  .action(async (files: string[], options: CompileOptions) => {
    end(await (await import('./policy.ts')).compilePolicies(files, options));
  });

program
  .command('detach')
  .description('take away what an agent left in the kernel, when none runs')
  .option('--all', 'everything that agents pinned; nothing is enforced any more')
  .option('--policy <name>', 'only this policy, by NAME or NAMESPACE/NAME; the others go on')
  .option('--bpf-dir <directory>', 'where the agent pinned it', '/sys/fs/bpf/ringfence')
  .option('--run-dir <directory>', 'where the agent has its lock', '/run/ringfence')
  .action(async (options: DetachOptions) => end((await import('./detach.ts')).detach(options)));

program
  .command('start-guard')
  .description('the guard against policies that a boot dies of')
  .command('clear')
  .description('forget that a boot died, so that policies enforce again; when no agent runs')
  .option('--state-dir <directory>', 'where the agent has its notes', '/var/lib/ringfence')
  .option('--run-dir <directory>', 'where the agent has its lock', '/run/ringfence')
  .action(async (options: ClearOptions) => end((await import('./start-guard.ts')).clearGuard(options)));

program
  .command('doctor')
  .description('tell what this machine can do')
  .option('--json', 'as one line of JSON')
  .option('--save-target <file>', 'save this kernel, to compile for it elsewhere')
  .option('--bpf-dir <directory>', 'where the agent pins what is its own', '/sys/fs/bpf/ringfence')
  .action(async (options: DoctorOptions) => end((await import('./doctor.ts')).doctor(options)));

function end(exitCode: number): void {
  process.exitCode = exitCode;
}

addControlCommands(program, policy, end);

try {
  await program.parseAsync();
} catch (error) {
  const usage =
    error instanceof Error && 'exitCode' in error && 'code' in error && String(error.code).startsWith('commander.');
  end(usage ? (error.exitCode === 0 ? EXIT.ok : EXIT.policy) : reportError(error));
}
