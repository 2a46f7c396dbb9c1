/** RF2xxx: what the compiler cannot do with a valid policy. */
import type { Entry } from './catalogue.ts';

export const compilerCatalogue = {
  RF2001: {
    severity: 'error',
    message: 'kernel {release} has no LSM hook "{hook}"',
    hint: '{similar}',
  },
  RF2002: {
    severity: 'error',
    message: 'hook "{hook}" has no result, so it can not enforce {action}: what it reports has happened',
    hint: 'observe with Post here, and deny on the hook that comes before it (bprm_check_security before bprm_committed_creds)',
  },
  RF2003: {
    severity: 'error',
    message: 'hook "{hook}" has no argument {index}',
    hint: 'its arguments are: {has}',
  },
  RF2004: {
    severity: 'error',
    message: 'argument {index} of hook "{hook}" is `{declaration}`, not {wanted}',
    hint: 'write type: {fits}, or leave the type out',
  },
  RF2005: {
    severity: 'error',
    message: 'argument {index} of hook "{hook}" is `{declaration}`, which can not be read as {wanted} yet',
    hint: 'file, path, linux_binprm and integer arguments are supported; leave this one out of args',
  },
  RF2006: {
    severity: 'error',
    message: 'the policies on hook "{hook}" read more than {limit} path arguments',
    hint: 'leave out the path arguments that no selector and no reader of the event needs',
  },
  RF2007: {
    severity: 'error',
    message: 'the kernel passes {passes} here, which can not be "{value}"',
    hint: 'write the type of the argument in args: the value is then checked without a kernel',
  },
  RF2101: {
    severity: 'error',
    message: 'the policies on hook "{hook}" compare {bytes} bytes of values, more than one program holds ({limit})',
    hint: 'use fewer or shorter values here: a Prefix for a directory instead of its files',
  },
  RF2102: {
    severity: 'error',
    message: 'the program for hook "{hook}" is too long: a jump over {distance} instructions does not fit',
    hint: 'use fewer values on this hook: a Prefix for a directory instead of its files',
  },
  RF2201: {
    severity: 'error',
    message: 'the kernel refused the program for hook "{hook}": {reason}',
    hint: 'this is a fault of Ringfence, not of the policy: please report it with the policy and the output of `ringfence doctor`',
  },
  RF2301: {
    severity: 'warning',
    message: 'no file is named {path} now: it is protected by its name only, not by its inode',
    hint: 'load the policy again once the file is there; until then another link to it would not match',
  },
  RF2302: {
    severity: 'error',
    message: 'more policies than can be loaded at the same time ({limit}, those that are being replaced included)',
    hint: 'remove policies that are not needed, or merge them',
  },
} as const satisfies Record<string, Entry>;
