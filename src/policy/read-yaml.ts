/** YAML to located documents, within limits: a hostile file gets a diagnostic, never a hang. */
import { Composer, type Document, isScalar, Lexer, type ParsedNode, Parser, type YAMLError } from 'yaml';
import { type Diagnostic, diagnostic } from '#diagnostics';
import { findingsMax } from './findings.ts';
import { locate } from './locate.ts';
import type { Located } from './located.ts';
import { SourceText } from './source-text.ts';

export const fileBytesMax = 1_048_576;
export const documentsMax = 100;
/** A policy nests about 12 deep; what reads nested values is recursive, so the limit is checked before it starts. */
const nestingMax = 64;
/** A list of values takes 4 or 5 each. What is not YAML can be an error at each, and errors are slow to make. */
const lexemesMax = 250_000;

export type YamlDocuments = { readonly documents: readonly Located[]; readonly diagnostics: readonly Diagnostic[] };

/** Reads every document that is well formed, and says what is wrong with the others. */
export function readYaml(text: string, file: string): YamlDocuments {
  const source = new SourceText(file, text);
  const refuse = (refusal: Diagnostic): YamlDocuments => ({ documents: [], diagnostics: [refusal] });
  const start = source.span(0, 0);
  if (text.length > fileBytesMax || new TextEncoder().encode(text).length > fileBytesMax) {
    return refuse(diagnostic('RF1001', { ...start, text: '' }, { limit: fileBytesMax }));
  }
  const tokens = tokenize(source);
  if (!Array.isArray(tokens)) return refuse(tokens);
  return compose(source, tokens);
}

type Token = Parameters<Composer['next']>[0];

/** Tokens of the whole file, or the diagnostic of the limit that it passes. */
function tokenize(source: SourceText): Token[] | Diagnostic {
  const parser = new Parser();
  const tokens: Token[] = [];
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(source.text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    lexemes += 1;
    if (lexemes > lexemesMax) {
      return diagnostic('RF1018', source.span(parser.offset, parser.offset + 1), { limit: lexemesMax });
    }
    // The document itself and a scalar being read take one place each.
    if (parser.stack.length > nestingMax + 2) {
      return diagnostic('RF1003', source.span(parser.offset, parser.offset + 1), { limit: nestingMax });
    }
  }
  for (const token of parser.end()) tokens.push(token);
  const surplus = tokens.filter((token) => token.type === 'document')[documentsMax];
  if (surplus === undefined) return tokens;
  return diagnostic('RF1002', source.span(surplus.offset, surplus.offset + 3), { limit: documentsMax });
}

function compose(source: SourceText, tokens: readonly Token[]): YamlDocuments {
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    strict: true,
    // Repeated keys are found while locating: the check of the library compares every key with every other.
    uniqueKeys: false,
    merge: false,
  });
  const documents: Located[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const document of composer.compose(tokens)) {
    const problems = problemsOf(source, document);
    diagnostics.push(...problems);
    const { contents } = document;
    if (problems.length > 0 || contents === null || isNothing(contents)) continue;
    const located = locate(source, contents);
    diagnostics.push(...located.diagnostics);
    if (located.value !== undefined) documents.push(located.value);
  }
  return { documents, diagnostics };
}

/** Nothing between two `---`, or only comments. */
function isNothing(contents: ParsedNode): boolean {
  return isScalar(contents) && contents.value === null && (contents.source ?? '') === '';
}

function problemsOf(source: SourceText, document: Document.Parsed): Diagnostic[] {
  return document.errors.slice(0, findingsMax).map((error) => yamlDiagnostic(source, error));
}

function yamlDiagnostic(source: SourceText, error: YAMLError): Diagnostic {
  const [start, end] = error.pos;
  const span = source.span(start, end);
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return diagnostic('RF1006', span);
    case 'BAD_INDENT':
      return diagnostic('RF1007', span, { reason: lowerFirst(error.message) });
    case 'TAG_RESOLVE_FAILED':
      return diagnostic('RF1012', span, { tag: source.text.slice(start, end) });
    default:
      return diagnostic('RF1005', span, { reason: lowerFirst(error.message) });
  }
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
