/** Values that are worth keeping: not those that nothing can ever be, and each once. */
import type { Span } from '#diagnostics';
import type { Findings } from './findings.ts';
import { shorten } from './schema-errors.ts';

/** A value that is well formed, and that no observation ever has. */
export type Impossible = {
  readonly kind: 'impossible';
  readonly written: string;
  readonly reason: string;
  readonly advice: string;
  readonly span: Span;
};

/** Beside others it changes nothing and is warned about; a filter that has no other is refused. */
export function withoutImpossible<Value extends { readonly kind: string }>(
  values: readonly (Value | Impossible)[],
  findings: Findings,
): readonly Value[] {
  const possible: Value[] = [];
  const impossible: Impossible[] = [];
  for (const value of values) {
    if (isImpossible(value)) impossible.push(value);
    else possible.push(value);
  }
  const code = possible.length === 0 ? 'RF1308' : 'RF1317';
  for (const { written, reason, advice, span } of impossible) {
    findings.report(code, span, { value: shorten(written), reason, advice });
  }
  return possible;
}

function isImpossible<Value extends { readonly kind: string }>(value: Value | Impossible): value is Impossible {
  return value.kind === 'impossible';
}

export function withoutRepeats<Value extends { readonly span: Span }>(
  values: readonly Value[],
  key: (value: Value) => string,
  findings: Findings,
): readonly Value[] {
  const first = new Map<string, Value>();
  for (const value of values) {
    const earlier = first.get(key(value));
    if (earlier === undefined) first.set(key(value), value);
    else findings.report('RF1311', value.span, { value: shorten(key(value)), line: earlier.span.line });
  }
  return [...first.values()];
}
