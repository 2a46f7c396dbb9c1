/** The configuration file: YAML, options and their values; what is wrong is told with its place, never with a secret. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Pair, type ParsedNode, parseDocument } from 'yaml';
import { type Diagnostic, diagnostic, type Span } from '#diagnostics';
import { type Given, nearestOption } from './given.ts';
import { findOption, type OptionName, optionOf, variableOf } from './schema.ts';

export type FileReading = { readonly given: readonly Given[]; readonly diagnostics: readonly Diagnostic[] };

type Entry = Pair<ParsedNode, ParsedNode | null>;

export function readFile(file: string, text: string): FileReading {
  const lines = new LineCounter();
  const place = (start: number, end: number, shown = ''): Span => {
    const { line, col } = lines.linePos(start);
    const last = lines.linePos(Math.max(start, end));
    return { file, line, column: col, endLine: last.line, endColumn: last.col, text: shown };
  };
  const document = parse(text, lines);
  if (document instanceof RangeError) {
    return { given: [], diagnostics: [diagnostic('RF5001', place(0, 0), { reason: 'values are nested too deeply' })] };
  }
  const problems = [...document.errors, ...document.warnings];
  if (problems.length > 0) {
    // The line is not shown: where it is not understood, it can not be told which part of it is a password.
    const told = problems.map(({ pos: [start, end], message }) =>
      diagnostic('RF5001', place(start, end), { reason: message.charAt(0).toLowerCase() + message.slice(1) }),
    );
    return { given: [], diagnostics: told };
  }
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) return { given: [], diagnostics: [] };
  if (!isMap(contents))
    return { given: [], diagnostics: [diagnostic('RF5002', place(contents.range[0], contents.range[1]))] };
  return new Entries(text, place).read(contents.items as readonly Entry[]);
}

function parse(text: string, lineCounter: LineCounter) {
  try {
    return parseDocument(text, {
      ...{ lineCounter, version: '1.2', schema: 'core', strict: true, merge: false },
      ...{ uniqueKeys: false, prettyErrors: false, logLevel: 'error' },
    });
  } catch (error) {
    if (error instanceof RangeError) return error;
    throw error;
  }
}

type Place = (start: number, end: number, shown?: string) => Span;

class Entries {
  readonly #text: string;
  readonly #place: Place;
  readonly #diagnostics: Diagnostic[] = [];
  readonly #given = new Map<OptionName, Given & { readonly span: Span }>();

  constructor(text: string, place: Place) {
    this.#text = text;
    this.#place = place;
  }

  read(entries: readonly Entry[]): FileReading {
    for (const { key, value } of entries) this.#entry(key, value);
    return { given: [...this.#given.values()], diagnostics: this.#diagnostics };
  }

  #entry(key: ParsedNode, value: ParsedNode | null): void {
    const written = isScalar(key) ? String(key.value) : '';
    const name = findOption(written);
    const keySpan = this.#span(key, key, name !== undefined);
    if (name === undefined) {
      this.#diagnostics.push(unknownOption(written, keySpan));
      return;
    }
    const option = optionOf(name);
    if (option.locating) {
      this.#diagnostics.push(diagnostic('RF5007', keySpan, { name: written, variable: variableOf(name) }));
      return;
    }
    const earlier = this.#given.get(name);
    if (earlier !== undefined) {
      this.#diagnostics.push(diagnostic('RF5006', keySpan, { name: written, line: earlier.span.line }));
      return;
    }
    const span = this.#span(key, value ?? key, option.secret !== true);
    this.#given.set(name, { name, texts: textsOf(value), where: written, span });
  }

  /** Of `node`; its line is shown from the key, where that comes first in it, and up to the node's end. */
  #span(key: ParsedNode, node: ParsedNode, shown: boolean): Span {
    const [start, end] = node.range;
    const lineStart = this.#text.lastIndexOf('\n', start - 1) + 1;
    const line = this.#text.slice(lineStart, end).split('\n', 1)[0] ?? '';
    const alone = key.range[0] >= lineStart && this.#text.slice(lineStart, key.range[0]).trim() === '';
    return this.#place(start, end, shown && alone ? line : '');
  }
}

function unknownOption(written: string, span: Span): Diagnostic {
  const near = nearestOption(written);
  const advice = near === undefined ? 'docs/configuration.md has all of them' : `did you mean ${near}?`;
  return diagnostic('RF5003', span, { name: written.slice(0, 64), advice });
}

/** The texts of a value, or of a list of values. */
function textsOf(node: ParsedNode | null): readonly string[] | undefined {
  if (node === null || isAlias(node)) return undefined;
  if (isScalar(node)) {
    if (node.value === null) return undefined;
    return [node.type === 'PLAIN' ? (node.source ?? '') : String(node.value)];
  }
  if (!isSeq(node)) return undefined;
  const items = node.items.map((item) => (isScalar(item) ? textsOf(item as ParsedNode)?.[0] : undefined));
  return items.every((item) => item !== undefined) ? items : undefined;
}
