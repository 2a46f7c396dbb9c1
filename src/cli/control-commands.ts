/** Commands that ask the agent that runs; what each does is loaded when it is called. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseKinds } from './event-kinds.ts';
import type { EventsOptions } from './events.ts';
import type { AddOptions, ListOptions, NamedOptions } from './policy-control.ts';
import type { SysdumpOptions } from './sysdump.ts';

/** Adds them to the program, and to its command `policy`. `end` takes the exit code. */
export function addControlCommands(program: Command, policy: Command, end: (exitCode: number) => void): void {
  addPolicyCommands(policy, end);
  asks(program.command('status'))
    .description('tell how the agent is, and what its policies do')
    .addOption(textOrJson())
    .action(async (options: ListOptions) => end(await (await import('./status.ts')).showStatus(options)));
  addEvents(program, end);
  asks(program.command('sysdump'))
    .description('write what support needs to know to a .tar.gz file, without secrets')
    .requiredOption('-o, --output-file <file>', 'the file, which must not be there yet')
    .action(async (options: SysdumpOptions) => end(await (await import('./sysdump.ts')).sysdump(options)));
}

function addPolicyCommands(policy: Command, end: (exitCode: number) => void): void {
  asks(policy.command('add <file...>'))
    .description('give policies to the agent that runs; they outlive it')
    .option('--replace', 'take the place of policies of the same name')
    .addOption(new Option('-m, --mode <mode>', 'whatever the policy says').choices(['enforce', 'monitor']))
    .action(async (files: string[], options: AddOptions) =>
      end(await (await import('./policy-control.ts')).addPolicies(files, options)),
    );
  asks(policy.command('list'))
    .description('list the policies of the agent')
    .addOption(textOrJson())
    .action(async (options: ListOptions) => end(await (await import('./policy-control.ts')).listPolicies(options)));
  named(policy.command('delete <name>'))
    .description('remove a policy that was added')
    .action(async (name: string, options: NamedOptions) =>
      end(await (await import('./policy-control.ts')).deletePolicy(name, options)),
    );
  named(policy.command('enable <name>'))
    .description('load a policy that was disabled or refused')
    .action(async (name: string, options: NamedOptions) =>
      end(await (await import('./policy-control.ts')).enablePolicy(name, options)),
    );
  named(policy.command('disable <name>'))
    .description('take a policy out of the kernel, and keep it')
    .action(async (name: string, options: NamedOptions) =>
      end(await (await import('./policy-control.ts')).disablePolicy(name, options)),
    );
  named(policy.command('mode <name>'))
    .alias('set-mode')
    .description('change what a loaded policy may do, at once')
    .argument('<mode>', 'enforce or monitor', parseMode)
    .action(async (name: string, mode: 'enforce' | 'monitor', options: NamedOptions) =>
      end(await (await import('./policy-control.ts')).setPolicyMode(name, mode, options)),
    );
}

function addEvents(program: Command, end: (exitCode: number) => void): void {
  asks(program.command('events'))
    .alias('getevents')
    .description('print events of the agent as they happen, until interrupted')
    .addOption(new Option('-o, --output <format>', 'form of the lines').choices(['json', 'compact']).default('json'))
    .addOption(new Option('--color <when>', 'of compact lines').choices(['auto', 'always', 'never']).default('auto'))
    .option('--timestamps', 'begin compact lines with the time')
    .option('-e, --event-types <kinds>', 'only these kinds: exec,exit,lsm,kprobe,tracepoint', parseKinds)
    .option('--policy-names <names>', 'only events of these policies', splitNames)
    .option('-n, --namespace <names>', 'only events of pods in these namespaces', splitNames)
    .option('--namespace-regex <patterns>', 'only events of pods in namespaces with such names', splitNames)
    .option('--pod <patterns>', 'only events of pods with such names', splitNames)
    .option('--container <patterns>', 'only events of containers with such names', splitNames)
    .option('-l, --labels <selector>', 'only events of pods with such labels, as in kubectl get -l', collect)
    .option('--host', 'only events of no pod; with --namespace, these too')
    .action(async (options: EventsOptions) => end(await (await import('./events.ts')).showEvents(options)));
}

/** The socket of the agent, by the name that the agent's own flag has. */
function asks(command: Command): Command {
  return command.addOption(
    new Option('--control-socket <path>', 'socket of the agent')
      .env('RINGFENCE_CONTROL_SOCKET')
      .default('/run/ringfence/control.sock'),
  );
}

function named(command: Command): Command {
  return asks(command).option('-n, --namespace <name>', 'the namespace that the policy is of');
}

function textOrJson(): Option {
  return new Option('-o, --output <form>', 'for people, or one line of JSON').choices(['text', 'json']).default('text');
}

/** A selector has commas of its own; of several, one must fit. */
function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

function parseMode(value: string): string {
  if (value === 'enforce' || value === 'monitor') return value;
  throw new InvalidArgumentError('It is enforce or monitor.');
}

function splitNames(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), ...value.split(',')];
}
