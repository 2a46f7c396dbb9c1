/** One argument that a hook declares: its index, its type, and where the length of a buffer is. */
import type { Findings } from './findings.ts';
import { type Located, type LocatedScalar, scalarOf } from './located.ts';
import {
  type Argument,
  type ArgumentType,
  isIntegerType,
  isPathType,
  isSocketType,
  isStringType,
  type Spanned,
} from './model.ts';
import { insteadOf, reportUnsupportedFields } from './unsupported.ts';

/** An argument as declared: `type` is undefined when it is one that is not supported yet, and already reported. */
export type DeclaredArgument = Omit<Argument, 'type'> & { readonly type: Argument['type'] | undefined };

export type ArgumentOwner = keyof typeof owners;

/**
 * `what`: one value of it, for a sentence. `last`: the highest index that there can be. `auto`: whether BTF or the format of the event tells the type.
 * A BPF trampoline passes 12 arguments (MAX_BPF_FUNC_ARGS, include/linux/bpf.h), a system call has 6; an event has as
 * many fields as its author liked.
 */
const owners = {
  'LSM hook': { what: 'an argument of an LSM hook', last: 11, auto: true },
  'kernel function': { what: 'an argument of a function', last: 11, auto: false },
  'system call': { what: 'an argument of a system call', last: 5, auto: false },
  tracepoint: { what: 'a field of a tracepoint', last: 255, auto: true },
  'raw tracepoint': { what: 'an argument of a raw tracepoint', last: 11, auto: true },
  'returned value': { what: 'the returned value', last: 0, auto: false },
} as const;

export function validateArgument(argument: Located, owner: ArgumentOwner, findings: Findings): DeclaredArgument {
  reportUnsupportedFields(argument, 'argument', findings);
  const index = scalarOf(argument, 'index');
  const value = Number(index?.value ?? 0);
  if (index !== undefined) checkIndex(value, index, owner, findings);
  const type = typeOf(argument, owner, findings);
  return {
    index: { value, span: index?.span ?? argument.span },
    type,
    label: scalarOf(argument, 'label')?.written,
    sizeIndex: sizeIndexOf(argument, type, owner, findings),
    span: argument.span,
  };
}

function checkIndex(index: number, written: LocatedScalar, owner: ArgumentOwner, findings: Findings): void {
  const { what, last } = owners[owner];
  if (index > last) findings.report('RF1301', written.span, { what, index, last });
}

function typeOf(argument: Located, owner: ArgumentOwner, findings: Findings): Argument['type'] | undefined {
  const written = scalarOf(argument, 'type');
  const type = written?.written ?? 'auto';
  const span = written?.span ?? argument.span;
  if (!isArgumentType(type)) {
    return findings.report('RF1203', span, { what: `the argument type ${type}`, instead: insteadOf.argumentType });
  }
  if (type === 'auto' && !owners[owner].auto) return findings.report('RF1327', span, { what: owners[owner].what });
  if (type === 'syscall64' && !owner.endsWith('tracepoint'))
    return findings.report('RF1328', span, { what: owners[owner].what, type });
  if (owner === 'returned value' && !isIntegerType(type)) {
    const what = `the type ${type} of returnArg`;
    return findings.report('RF1203', span, { what, instead: insteadOf.returnType });
  }
  return { value: type, span };
}

function isArgumentType(type: string): type is ArgumentType {
  return (
    ['auto', 'cred', 'nop'].includes(type) ||
    isPathType(type) ||
    isStringType(type) ||
    isSocketType(type) ||
    isIntegerType(type)
  );
}

/** Counts from 1 in the policy, where 0 stands for none. */
function sizeIndexOf(
  argument: Located,
  type: Argument['type'] | undefined,
  owner: ArgumentOwner,
  findings: Findings,
): Spanned<number> | undefined {
  const written = scalarOf(argument, 'sizeArgIndex');
  const position = Number(written?.value ?? 0);
  if (type === undefined) return undefined;
  if (written === undefined || position === 0) {
    return type.value === 'char_buf' ? findings.report('RF1329', type.span) : undefined;
  }
  if (type.value !== 'char_buf') return findings.report('RF1330', written.span, { type: type.value });
  checkIndex(position - 1, written, owner, findings);
  return { value: position - 1, span: written.span };
}
