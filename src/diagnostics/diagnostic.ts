/** A diagnostic: what is wrong with a policy, said as a value, so that all of them can be said at once. */
import { assert } from '#std';
import { type Code, catalogue, type Severity } from './catalogue.ts';
import { place, type Span } from './span.ts';

export type Parameters = Readonly<Record<string, string | number | bigint>>;

export type Diagnostic = {
  readonly code: Code;
  readonly severity: Severity;
  readonly message: string;
  readonly hint: string;
  readonly span: Span | undefined;
};

/** Makes the diagnostic that the catalogue describes under `code`; every `{name}` must have its parameter. */
export function diagnostic(code: Code, span: Span | undefined, parameters: Parameters = {}): Diagnostic {
  const entry = catalogue[code];
  return {
    code,
    severity: entry.severity,
    message: fill(entry.message, parameters),
    hint: fill(entry.hint, parameters),
    span,
  };
}

/** Replaces `{name}` by the parameter of that name. */
export function fill(sentence: string, parameters: Parameters): string {
  return sentence.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = parameters[name];
    assert(value !== undefined, `the sentence "${sentence}" needs the parameter ${name}`);
    return String(value);
  });
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((each) => each.severity === 'error');
}

/** Renders for a terminal: place, sentence, the line with a mark under the span, hint. Control bytes are escaped. */
export function renderDiagnostic(each: Diagnostic): string {
  const where = each.span === undefined ? '' : `${place(each.span)}: `;
  const lines = [`${where}${each.severity} ${each.code}: ${each.message}`];
  if (each.span !== undefined && each.span.text !== '') {
    const { line, column, endLine, endColumn, text } = each.span;
    const gutter = String(line);
    const width = endLine === line ? Math.max(1, endColumn - column) : Math.max(1, text.length - column + 1);
    lines.push(
      `  ${gutter} | ${text}`,
      `  ${' '.repeat(gutter.length)} | ${' '.repeat(column - 1)}${'^'.repeat(width)}`,
    );
  }
  if (each.hint !== '') lines.push(`  hint: ${each.hint}`);
  return lines.map(printable).join('\n');
}

/** Escapes what could steer a terminal: C0 and C1 controls, DEL, and the marks that reverse the direction of text. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
