/** One entry under kprobes: a function or a system call, its return, or as many hooks as its list has names. */
import type { Findings } from './findings.ts';
import { isListReference, type NamedList } from './lists.ts';
import { entryOf, itemsOf, type Located, type LocatedScalar, scalarOf } from './located.ts';
import type { KprobeHook, Spanned } from './model.ts';
import { shorten } from './schema-errors.ts';
import { isSyscallEntry, readSyscallName } from './syscall-name.ts';
import { reportUnsupportedFields } from './unsupported.ts';
import { type DeclaredArgument, validateArgument } from './validate-argument.ts';
import { commonParts, complete, type HookContext } from './validate-hook.ts';

/** All hooks of one entry share everything but their names. */
export function validateKprobe(hook: Located, context: HookContext): readonly KprobeHook[] {
  const { findings } = context;
  reportUnsupportedFields(hook, 'kprobe', findings);
  const called = calledBy(hook, context);
  const returns = scalarOf(hook, 'return')?.value === true;
  const returned = returnedValue(hook, returns, findings);
  const template = {
    kind: 'kprobe',
    syscall: called.syscall,
    returns,
    returnArgument: returned === undefined ? undefined : complete(returned),
    ignoreMissing: scalarOf(entryOf(hook, 'ignore')?.value, 'callNotFound')?.value === true,
    ...commonParts(hook, called.syscall ? 'system call' : 'kernel function', context, returned),
  } as const;
  return called.names.map((name) => ({ ...template, name }));
}

type Called = { readonly names: readonly Spanned<string>[]; readonly syscall: boolean };

function calledBy(hook: Located, { lists, findings }: HookContext): Called {
  const flag = scalarOf(hook, 'syscall');
  const syscall = flag?.value !== false;
  const call = scalarOf(hook, 'call');
  if (call === undefined) return { names: [], syscall };
  if (!isListReference(call.written)) return { names: nameOf(call, hook, syscall, findings), syscall };
  const list = lists.named(call, findings);
  if (list?.kind === 'syscalls') {
    if (!syscall) findings.report('RF1214', flag?.span ?? call.span, { call: shorten(call.written) });
    return { names: symbolsOf(list), syscall: true };
  }
  const values = list?.kind === 'symbols' ? list.values : [];
  return { names: values.flatMap((value) => nameOf(value, hook, syscall, findings)), syscall };
}

function symbolsOf({ values }: NamedList): readonly Spanned<string>[] {
  return values.map(({ written, span }) => ({ value: readSyscallName(written)?.symbol ?? written, span }));
}

/** Suffixes such as `.isra.0` are the compiler's. */
const functionName = /^[A-Za-z_][A-Za-z0-9_.]{0,127}$/;

/** Empty when the name is not one, and reported. */
function nameOf(call: LocatedScalar, hook: Located, syscall: boolean, findings: Findings): readonly Spanned<string>[] {
  const { written, span } = call;
  if (!functionName.test(written) && readSyscallName(written) === undefined) {
    findings.report('RF1212', span, { name: shorten(written) });
    return [];
  }
  if (syscall) {
    const symbol = readSyscallName(written)?.symbol;
    if (symbol === undefined) findings.report('RF1211', span, { call: written });
    return symbol === undefined ? [] : [{ value: symbol, span }];
  }
  if (isSyscallEntry(written) && readsArguments(hook)) findings.report('RF1214', span, { call: written });
  return [{ value: written, span }];
}

function readsArguments(hook: Located): boolean {
  return itemsOf(hook, 'args').some((argument) => scalarOf(argument, 'type')?.written !== 'nop');
}

function returnedValue(hook: Located, returns: boolean, findings: Findings): DeclaredArgument | undefined {
  const entry = entryOf(hook, 'returnArg');
  if (returns && entry === undefined) {
    return findings.report('RF1215', entryOf(hook, 'return')?.key ?? hook.span);
  }
  if (entry === undefined) return undefined;
  if (!returns) return findings.report('RF1216', entry.key);
  return validateArgument(entry.value, 'returned value', findings);
}
