/** `ringfence run` on the command line: its flags are the options that `#config` declares. */
import { Command, Option } from 'commander';
import { type Flags, type FlagUsage, flagUsages } from '#config';

const AFTER = `
Every option can also stand in the environment, as RINGFENCE_ and its name in capitals with "_" between the words, in
the file that --config names, as "name: value", or in a file of its own in --config-dir. docs/configuration.md has all.`;

export function runCommand(run: (flags: Flags) => Promise<void>): Command {
  const command = new Command('run')
    .description('load policies, enforce them, and tell what happens, until interrupted')
    .addHelpText('after', AFTER)
    .showHelpAfterError('(--help has all options)')
    .exitOverride(); // what is set on the program reaches only commands that it makes itself
  for (const usage of flagUsages()) for (const option of flagsOf(usage)) command.addOption(option);
  return command.action(run);
}

/** An alias is a flag of its own, which the usage text does not repeat. */
function flagsOf(usage: FlagUsage): readonly Option[] {
  const short = usage.short === undefined ? '' : `-${usage.short}, `;
  const main = flagOf(`${short}--${usage.name}`, usage);
  return [main, ...usage.aliases.map((alias) => flagOf(`--${alias}`, usage).hideHelp())];
}

/** Values stay as they were written: what they may be is for `#config` to say, of all sources alike. */
function flagOf(flags: string, { arity, placeholder, about }: FlagUsage): Option {
  switch (arity) {
    case 'flag':
      return new Option(`${flags} [${placeholder}]`, about);
    case 'one':
      return new Option(`${flags} <${placeholder}>`, about);
    case 'list':
      return new Option(`${flags} <${placeholder}...>`, about).argParser(collect);
  }
}

function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}
