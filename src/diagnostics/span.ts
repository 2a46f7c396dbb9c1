/** Where in a text something stands. */

/** Lines and columns count from 1; `text` is the whole first line, for display and for BPF line info. */
export type Span = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly text: string;
};

/** `file:line:column`, the form that editors turn into a link. */
export function place(span: Span): string {
  return `${span.file}:${span.line}:${span.column}`;
}
