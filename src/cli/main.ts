/** The command line: parse flags, call, print. Each command loads only what it needs. */
import { Command, InvalidArgumentError, Option } from 'commander';
import type { DetachedOptions } from './cluster-detached.ts';
import type { CollectOptions } from './collect.ts';
import { addControlCommands } from './control-commands.ts';
import type { DetachOptions } from './detach.ts';
import type { DoctorOptions } from './doctor.ts';
import { EXIT, reportError } from './exit.ts';
import type { HookOptions } from './hook.ts';
import { isPlugin } from './plugin-name.ts';
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
  .option('--wait <seconds>', 'how long an agent may take to end', parseSeconds, 0)
  .option('--bpf-dir <directory>', 'where the agent pinned it', '/sys/fs/bpf/ringfence')
  .option('--run-dir <directory>', 'where the agent has its lock', '/run/ringfence')
  .action(async (options: DetachOptions) => end(await (await import('./detach.ts')).detach(options)));

program
  .command('start-guard')
  .description('the guard against policies that a boot dies of')
  .command('clear')
  .description('forget that a boot died, so that policies enforce again; when no agent runs')
  .option('--state-dir <directory>', 'where the agent has its notes', '/var/lib/ringfence')
  .option('--run-dir <directory>', 'where the agent has its lock', '/run/ringfence')
  .action(async (options: ClearOptions) => end((await import('./start-guard.ts')).clearGuard(options)));

const hook = program.command('hook').description('the hook that container runtimes run before a container starts');
for (const [name, about] of [
  ['install', 'put it on this node: containers are known before their first process'],
  ['uninstall', 'take it away again'],
] as const) {
  hook
    .command(name)
    .description(about)
    .option('--node-root <directory>', 'where the file system of the node is mounted', '/')
    .option('--program <file>', 'where it is on the node', '/usr/local/lib/ringfence/ringfence-hook')
    .option('--hooks-dir <directory>', 'where CRI-O looks for hooks', '/etc/containers/oci/hooks.d')
    .option('--run-dir <directory>', 'where the agent has its socket', '/run/ringfence')
    .option('--agent-namespace <name>', 'where agents run in pods: containers there do not wait for an agent')
    .option('--kprobes <directory>', 'where it was built')
    .action(async (options: HookOptions) => end((await import('./hook.ts'))[name](options)));
}

program
  .command('collect')
  .description('in a cluster, add up what the agents of all nodes say of each policy; one is enough')
  .option('--kubeconfig <file>', 'how to get at the API server; in a pod its service account')
  .option('--log-level <level>', 'the least that goes to the standard error', 'info')
  .action(async (options: CollectOptions) => end(await (await import('./collect.ts')).collect(options)));

program
  .command('doctor')
  .description('tell what this machine can do')
  .option('--json', 'as one line of JSON')
  .option('--save-target <file>', 'save this kernel, to compile for it elsewhere')
  .option('--bpf-dir <directory>', 'where the agent pins what is its own', '/sys/fs/bpf/ringfence')
  .action(async (options: DoctorOptions) => end((await import('./doctor.ts')).doctor(options)));

program
  .command('cluster', { hidden: true })
  .description('what runs in a cluster beside the agents')
  .command('detached')
  .description('wait until a DaemonSet that runs `ringfence detach` has done so on every node')
  .requiredOption('--namespace <name>', 'of the DaemonSet')
  .requiredOption('--daemonset <name>', 'which')
  .option('--wait <seconds>', 'how long that may take', parseSeconds, 300)
  .action(async (options: DetachedOptions) =>
    end(await (await import('./cluster-detached.ts')).clusterDetached(options)),
  );

function parseSeconds(value: string): number {
  if (/^\d{1,5}$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It is a number of seconds.');
}

function end(exitCode: number): void {
  process.exitCode = exitCode;
}

addControlCommands(program, policy, end);

try {
  const [, called, ...argv] = process.argv;
  const answer = isPlugin(called) ? await (await import('./kubectl.ts')).runPlugin(argv) : 'here';
  if (answer === 'here') await program.parseAsync();
  else end(answer);
} catch (error) {
  const usage =
    error instanceof Error && 'exitCode' in error && 'code' in error && String(error.code).startsWith('commander.');
  end(usage ? (error.exitCode === 0 ? EXIT.ok : EXIT.policy) : reportError(error));
}
