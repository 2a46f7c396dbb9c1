/** One hook under lsmhooks: its name, the arguments that it declares, its selectors. */
import type { Findings } from './findings.ts';
import { itemsOf, type Located, type LocatedScalar, scalarOf } from './located.ts';
import { type Argument, type ArgumentType, isIntegerType, isPathType, type LsmHook } from './model.ts';
import { shorten } from './schema-errors.ts';
import { insteadOf, reportUnsupportedFields } from './unsupported.ts';
import { postEverything, validateSelector } from './validate-selector.ts';

/** A BPF trampoline passes at most this many arguments (MAX_BPF_FUNC_ARGS, include/linux/bpf.h). */
const hookArgumentsMax = 12;
const messageLength = { least: 2, most: 256 } as const;
const tagLength = { least: 2, most: 128 } as const;

/** An argument as declared: `type` is undefined when it is one that is not supported yet, and already reported. */
export type DeclaredArgument = Omit<Argument, 'type'> & { readonly type: Argument['type'] | undefined };

export function validateHook(hook: Located, findings: Findings): LsmHook {
  const name = scalarOf(hook, 'hook');
  if (name !== undefined) checkHookName(name, findings);
  const message = scalarOf(hook, 'message');
  const declared = itemsOf(hook, 'args').map((argument) => validateArgument(argument, findings));
  const written = itemsOf(hook, 'selectors');
  const selectors = written.map((selector) => validateSelector(selector, declared, findings));
  return {
    kind: 'lsm',
    name: { value: name?.written ?? '', span: name?.span ?? hook.span },
    span: hook.span,
    message: message === undefined ? undefined : fitted(message, 'message', messageLength, findings),
    tags: itemsOf(hook, 'tags').flatMap((tag) =>
      tag.kind === 'scalar' ? [fitted(tag, 'tag', tagLength, findings)] : [],
    ),
    arguments: declared.flatMap(({ type, ...rest }) => (type === undefined ? [] : [{ ...rest, type }])),
    selectors: selectors.length > 0 ? selectors : [postEverything(hook.span)],
  };
}

function checkHookName(name: LocatedScalar, findings: Findings): void {
  if (/^(?!bpf_lsm_|security_)[a-z][a-z0-9_]{0,63}$/.test(name.written)) return;
  findings.report('RF1209', name.span, { name: shorten(name.written) });
}

type Length = { readonly least: number; readonly most: number };

function fitted(text: LocatedScalar, what: string, length: Length, findings: Findings): string {
  const characters = [...text.written];
  if (characters.length < length.least) findings.report('RF1207', text.span, { what, limit: length.least });
  if (characters.length > length.most) findings.report('RF1208', text.span, { what, limit: length.most });
  return characters.slice(0, length.most).join('');
}

function validateArgument(argument: Located, findings: Findings): DeclaredArgument {
  reportUnsupportedFields(argument, 'argument', findings);
  const index = scalarOf(argument, 'index');
  const value = Number(index?.value ?? 0);
  if (index !== undefined && value >= hookArgumentsMax) {
    findings.report('RF1301', index.span, { index: value, last: hookArgumentsMax - 1 });
  }
  return {
    index: { value, span: index?.span ?? argument.span },
    type: typeOf(argument, findings),
    label: scalarOf(argument, 'label')?.written,
    span: argument.span,
  };
}

function typeOf(argument: Located, findings: Findings): Argument['type'] | undefined {
  const type = scalarOf(argument, 'type');
  if (type === undefined) return { value: 'auto', span: argument.span };
  if (isArgumentType(type.written)) return { value: type.written, span: type.span };
  const what = `the argument type ${type.written}`;
  return findings.report('RF1203', type.span, { what, instead: insteadOf.argumentType });
}

function isArgumentType(type: string): type is ArgumentType {
  return type === 'auto' || isPathType(type) || isIntegerType(type);
}
