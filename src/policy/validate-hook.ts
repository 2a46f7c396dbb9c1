/** A hook under lsmhooks or tracepoints, and what hooks of every kind have. */
import type { Findings } from './findings.ts';
import { itemsOf, type Located, type LocatedScalar, scalarOf } from './located.ts';
import type { Argument, Hook, LsmHook, TracepointHook } from './model.ts';
import { shorten } from './schema-errors.ts';
import { type ArgumentOwner, type DeclaredArgument, validateArgument } from './validate-argument.ts';
import { postEverything, type SelectorContext, validateSelector } from './validate-selector.ts';

const messageLength = { least: 2, most: 256 } as const;
const tagLength = { least: 2, most: 128 } as const;

export type HookContext = Pick<SelectorContext, 'lists' | 'namespaced' | 'findings'>;

type CommonParts = Pick<Hook, 'span' | 'message' | 'tags' | 'arguments' | 'selectors'>;

export function commonParts(
  hook: Located,
  owner: ArgumentOwner,
  context: HookContext,
  returned?: DeclaredArgument,
): CommonParts {
  const { findings } = context;
  const message = scalarOf(hook, 'message');
  const declared = itemsOf(hook, 'args').map((argument) => validateArgument(argument, owner, findings));
  const selectorContext: SelectorContext = { ...context, owner, declared, returned };
  const selectors = itemsOf(hook, 'selectors').map((selector) => validateSelector(selector, selectorContext));
  return {
    span: hook.span,
    message: message === undefined ? undefined : fitted(message, 'message', messageLength, findings),
    tags: itemsOf(hook, 'tags').flatMap((tag) =>
      tag.kind === 'scalar' ? [fitted(tag, 'tag', tagLength, findings)] : [],
    ),
    arguments: declared.flatMap((argument) => complete(argument) ?? []),
    selectors: selectors.length > 0 ? selectors : [postEverything(hook.span)],
  };
}

/** Without a type it is incomplete, and the policy is refused. */
export function complete({ type, ...rest }: DeclaredArgument): Argument | undefined {
  return type === undefined ? undefined : { ...rest, type };
}

type Length = { readonly least: number; readonly most: number };

function fitted(text: LocatedScalar, what: string, length: Length, findings: Findings): string {
  const characters = [...text.written];
  if (characters.length < length.least) findings.report('RF1207', text.span, { what, limit: length.least });
  if (characters.length > length.most) findings.report('RF1208', text.span, { what, limit: length.most });
  return characters.slice(0, length.most).join('');
}

export function validateLsmHook(hook: Located, context: HookContext): LsmHook {
  const name = scalarOf(hook, 'hook');
  if (name !== undefined) checkLsmName(name, context.findings);
  return {
    kind: 'lsm',
    name: { value: name?.written ?? '', span: name?.span ?? hook.span },
    ...commonParts(hook, 'LSM hook', context),
  };
}

function checkLsmName(name: LocatedScalar, findings: Findings): void {
  if (/^(?!bpf_lsm_|security_)[a-z][a-z0-9_]{0,63}$/.test(name.written)) return;
  findings.report('RF1209', name.span, { name: shorten(name.written) });
}

export function validateTracepoint(hook: Located, context: HookContext): TracepointHook {
  const subsystem = scalarOf(hook, 'subsystem');
  const event = scalarOf(hook, 'event');
  for (const part of [subsystem, event]) if (part !== undefined) checkTracepointName(part, context.findings);
  const raw = scalarOf(hook, 'raw')?.value === true;
  return {
    kind: 'tracepoint',
    name: { value: `${subsystem?.written ?? ''}/${event?.written ?? ''}`, span: event?.span ?? hook.span },
    raw,
    ...commonParts(hook, raw ? 'raw tracepoint' : 'tracepoint', context),
  };
}

function checkTracepointName(name: LocatedScalar, findings: Findings): void {
  if (/^[A-Za-z0-9_-]{1,128}$/.test(name.written)) return;
  findings.report('RF1213', name.span, { name: shorten(name.written) });
}
