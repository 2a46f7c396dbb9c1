/** The actions of a selector, and the fields that belong to each. */
import type { Findings } from './findings.ts';
import { itemsOf, type Located, type LocatedScalar, scalarOf } from './located.ts';
import type { Action } from './model.ts';
import { insteadOf, reportUnsupportedFields } from './unsupported.ts';
import type { ArgumentOwner } from './validate-argument.ts';

const fieldsOf = {
  Post: ['rateLimit', 'rateLimitScope', 'kernelStackTrace', 'userStackTrace', 'imaHash'],
  NoPost: [],
  Sigkill: [],
  Signal: ['argSig'],
  Override: ['argError'],
} as const satisfies Record<string, readonly string[]>;

type SupportedAction = keyof typeof fieldsOf;

const overrideErrorMin = -4095; // MAX_ERRNO, include/linux/err.h
const signalMax = 64; // _NSIG, include/uapi/asm-generic/signal.h
const sigkill = 9;

/** A selector that has no actions written posts. */
export function validateActions(selector: Located, owner: ArgumentOwner, findings: Findings): readonly Action[] {
  const written = itemsOf(selector, 'matchActions');
  if (written.length === 0) return [{ kind: 'post', span: selector.span }];
  const isTracepoint = owner === 'tracepoint' || owner === 'raw tracepoint';
  const why = isTracepoint ? 'on a tracepoint: it tells of something that happens all the same' : undefined;
  return actionsIn(written, why, findings);
}

export function validateReturnActions(selector: Located, findings: Findings): readonly Action[] {
  return actionsIn(itemsOf(selector, 'matchReturnActions'), 'when the call has returned: it is done', findings);
}

/** `noOverride`: why nothing can be overridden here. */
function actionsIn(written: readonly Located[], noOverride: string | undefined, findings: Findings): readonly Action[] {
  const actions: Action[] = [];
  const seen = new Set<Action['kind']>();
  for (const item of written) {
    const name = scalarOf(item, 'action');
    if (name === undefined) continue;
    const action = validateAction(item, name, findings);
    if (action === undefined) continue;
    if (seen.has(action.kind)) findings.report('RF1403', name.span, { action: name.written });
    if (action.kind === 'override' && noOverride !== undefined) {
      findings.report('RF1404', name.span, { reason: noOverride });
    }
    seen.add(action.kind);
    actions.push(action);
  }
  return actions;
}

function validateAction(item: Located, name: LocatedScalar, findings: Findings): Action | undefined {
  const action = name.written;
  if (!isSupported(action)) {
    return findings.report('RF1203', name.span, { what: `the action ${action}`, instead: insteadOf.action });
  }
  checkFields(item, action, findings);
  if (action === 'Post') reportUnsupportedFields(item, 'action', findings);
  const span = item.span;
  switch (action) {
    case 'Post':
      return { kind: 'post', span };
    case 'NoPost':
      return { kind: 'nopost', span };
    case 'Sigkill':
      return { kind: 'sigkill', span };
    case 'Signal': {
      const signal = signalNumber(item, name, findings);
      return signal === sigkill ? { kind: 'sigkill', span } : { kind: 'signal', signal, span };
    }
    case 'Override':
      return { kind: 'override', error: overrideError(item, name, findings), span };
  }
}

function isSupported(action: string): action is SupportedAction {
  return Object.hasOwn(fieldsOf, action);
}

/** The peer passes over a field of another action, and so do we, but not without a word. */
function checkFields(item: Located, action: SupportedAction, findings: Findings): void {
  if (item.kind !== 'map') return;
  const allowed: readonly string[] = fieldsOf[action];
  for (const [field, { key }] of item.entries) {
    if (field === 'action' || allowed.includes(field)) continue;
    findings.report('RF1401', key, { field, action, fields: allowed.length === 0 ? 'no field' : allowed.join(', ') });
  }
}

function signalNumber(item: Located, name: LocatedScalar, findings: Findings): number {
  const signal = scalarOf(item, 'argSig');
  const value = Number(signal?.value ?? 0);
  if (value < 1 || value > signalMax) {
    const shown = signal === undefined ? 'missing' : value;
    findings.report('RF1405', signal?.span ?? name.span, { value: shown, limit: signalMax });
  }
  return value;
}

/** Zero would let the call through and a positive value is no error: neither stops anything. */
function overrideError(item: Located, name: LocatedScalar, findings: Findings): number {
  const error = scalarOf(item, 'argError');
  const value = Number(error?.value ?? 0);
  if (value < overrideErrorMin || value > -1) {
    findings.report('RF1402', error?.span ?? name.span, { value: error === undefined ? 'missing' : value });
  }
  return value;
}
