/** RF5xxx: what is wrong with the configuration, and what holds enforcement back at the start. */
import type { Entry } from './catalogue.ts';

export const configurationCatalogue = {
  RF5001: {
    severity: 'error',
    message: 'the configuration is not YAML: {reason}',
    hint: 'look at this line and the one before: indentation, brackets, quotes, colons',
  },
  RF5002: {
    severity: 'error',
    message: 'the configuration is not a list of options and their values',
    hint: 'write "option: value", each in a line of its own',
  },
  RF5003: { severity: 'error', message: 'there is no option "{name}"', hint: '{advice}' },
  RF5004: {
    severity: 'warning',
    message: 'the environment variable {name} is not used',
    hint: 'did you mean {near}?',
  },
  RF5005: { severity: 'error', message: '{where}: {value} is not {wanted}', hint: '{option}: {about}' },
  RF5006: { severity: 'error', message: '{name} is there twice', hint: 'keep one; the other is in line {line}' },
  RF5007: {
    severity: 'error',
    message: '{name} says where the configuration is, and can not be in it',
    hint: 'give it as --{name}, or in the environment as {variable}',
  },
  RF5008: {
    severity: 'error',
    message: 'the configuration {path} can not be read: {reason}',
    hint: 'check the name and its permissions',
  },
  RF5009: {
    severity: 'error',
    message: 'everybody can write to the configuration {path}: anyone could switch enforcement off',
    hint: 'take that right away: chmod o-w {path}',
  },
  RF5010: {
    severity: 'error',
    message: 'the configuration {path} is larger than {limit} bytes',
    hint: 'it holds options and their values only; policies have files of their own',
  },

  RF5101: {
    severity: 'warning',
    message: 'the break-glass file {path} is not obeyed: {reason}',
    hint: 'it must be a regular file of root that nobody else can write, in a directory of root',
  },
  RF5102: {
    severity: 'warning',
    message: 'what the last start left in {path} can not be read: {reason}',
    hint: 'policies only watch until the agent has been up for the time of --start-guard',
  },
  RF5103: {
    severity: 'warning',
    message: 'the start can not be noted in {path}: {reason}',
    hint: 'should this boot die soon, the next one will not know, and will enforce again: make the directory writable',
  },
  RF5104: {
    severity: 'warning',
    message: 'the kernel argument ringfence={value} is not known, and not obeyed',
    hint: 'only ringfence=off is: it keeps everything of Ringfence out of the kernel',
  },
} as const satisfies Record<string, Entry>;
