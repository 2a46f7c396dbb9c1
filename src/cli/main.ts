/** The command line: parse flags, call, print. Each command loads only what it needs. */
import './compile-cache.ts';
import { Command, InvalidArgumentError, Option } from 'commander';
import { EXIT, reportError } from './exit.ts';
import type { CheckOptions, CompileOptions, TargetOptions } from './policy.ts';
import type { RunOptions } from './run.ts';

const EVENT_KINDS: readonly string[] = ['exec', 'exit', 'lsm', 'kprobe', 'tracepoint'];

const program = new Command('ringfence')
  .description('Runtime security enforcement with TracingPolicy resources')
  .version('0.1.0')
  .showHelpAfterError()
  .exitOverride();

program
  .command('run')
  .description('load policies, enforce them, and tell what happens, until interrupted')
  .requiredOption('-p, --policy <file...>', 'policy file or directory; may be given several times', collect)
  .addOption(
    new Option('-o, --output <format>', 'events on the standard output')
      .choices(['json', 'compact', 'none'])
      .default('compact'),
  )
  .option('--event <kinds>', 'only these events on the standard output: exec,exit,lsm', parseKinds)
  .option('--nats <url...>', 'publish to this NATS server; several are tried in order', collect)
  .option('--nats-credentials <file>', 'a .creds file for NATS')
  .option('--node-name <name>', 'name of this node in events (default: HUBBLE_NODE_NAME, NODE_NAME or the host name)')
  .option('--cluster-name <name>', 'name of the cluster in events and subjects')
  .option('--detect', 'enforce nothing; events say what would have happened')
  .option('--strict', 'refuse policies that another thread of the process can get around')
  .option('--kprobes <directory>', 'where runtime.bpf.o and base.bpf.o are')
  .action(async (options: RunOptions) => end(await (await import('./run.ts')).run(options)));

const policy = program.command('policy').description('work with policy files; needs no root, loads nothing');

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
  .command('doctor')
  .description('tell what this machine can do')
  .option('--json', 'as one line of JSON')
  .option('--save-target <file>', 'save this kernel, to compile for it elsewhere')
  .action(async (options: { json?: boolean; saveTarget?: string }) =>
    end((await import('./doctor.ts')).doctor(options)),
  );

function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

function parseKinds(value: string): readonly string[] {
  const kinds = value.split(',').map((kind) => kind.replace(/^process_/i, '').toLowerCase());
  const unknown = kinds.find((kind) => !EVENT_KINDS.includes(kind));
  if (unknown !== undefined) throw new InvalidArgumentError(`"${unknown}" is not one of ${EVENT_KINDS.join(', ')}.`);
  return kinds;
}

function end(exitCode: number): void {
  process.exitCode = exitCode;
}

try {
  await program.parseAsync();
} catch (error) {
  const usage =
    error instanceof Error && 'exitCode' in error && 'code' in error && String(error.code).startsWith('commander.');
  end(usage ? (error.exitCode === 0 ? EXIT.ok : EXIT.policy) : reportError(error));
}
