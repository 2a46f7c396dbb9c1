/** What the generated validator finds, said as diagnostics at the place in the YAML that is wrong. */
import type { JSONSchema } from 'json-schema-to-ts';
import { type Diagnostic, diagnostic, type Span } from '#diagnostics';
import { assert } from '#std';
import { findingsMax } from './findings.ts';
import { entryOf, type Located, plain, valueAt } from './located.ts';
import { nearest } from './nearest.ts';
import { policySchema } from './schema.ts';
import { type ValidatorError, validate } from './validator.gen.js';

/** Checks the form of one document; empty when it is a policy as `WrittenPolicy` has it. */
export function checkForm(document: Located): Diagnostic[] {
  if (validate(plain(document))) return [];
  return (validate.errors ?? []).slice(0, findingsMax).map((error) => formDiagnostic(document, error));
}

type Path = readonly (string | number)[];

function formDiagnostic(document: Located, error: ValidatorError): Diagnostic {
  const path = pathOf(error.instancePath);
  const value = valueAt(document, path);
  assert(value !== undefined, `the validator names ${error.instancePath}, which is not there`);
  const { params } = error;
  const field = fieldName(path);
  switch (error.keyword) {
    case 'required':
      return diagnostic('RF1103', startOf(value.span), { field: String(params.missingProperty) });
    case 'additionalProperties':
      return unknownField(value, path, String(params.additionalProperty));
    case 'type':
      return wrongType(value, field, params.type);
    case 'enum':
    case 'const':
      return wrongWord(value, path, field);
    case 'minimum':
    case 'maximum':
      return diagnostic('RF1107', value.span, {
        value: show(value),
        bound: `${error.keyword === 'minimum' ? 'at least' : 'at most'} ${params.limit}`,
      });
    case 'maxItems':
      return tooMany(value, field, value.kind === 'list' ? value.items.length : 0, Number(params.limit));
    case 'maxProperties':
      if (params.limit === 0) return diagnostic('RF1112', value.span);
      return tooMany(value, field, value.kind === 'map' ? value.entries.size : 0, Number(params.limit));
    case 'minLength':
      return diagnostic('RF1115', value.span, { field });
    default:
      assert(false, `the schema uses the keyword ${error.keyword}, which has no diagnostic`);
  }
}

function pathOf(pointer: string): Path {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The last name on the path, for a sentence: `values[2]`. */
function fieldName(path: Path): string {
  const last = path.at(-1);
  if (last === undefined) return 'the document';
  const before = path.at(-2);
  return /^\d+$/.test(String(last)) && before !== undefined ? `${before}[${last}]` : String(last);
}

function startOf(span: Span): Span {
  return { ...span, endLine: span.line, endColumn: span.column };
}

function unknownField(owner: Located, path: Path, field: string): Diagnostic {
  const span = entryOf(owner, field)?.key ?? owner.span;
  const known = Object.keys(schemaAt(path)?.properties ?? {});
  return diagnostic('RF1104', span, { field, advice: adviceOf(field, known, 'fields here') });
}

/** Names the nearest of the known words, else all of them. */
export function adviceOf(word: string, known: readonly string[], what: string): string {
  const near = nearest(word, known);
  if (near !== undefined) return `did you mean ${near}?`;
  return known.length === 0 ? 'remove it' : `${what}: ${known.filter((each) => each !== '').join(', ')}`;
}

function wrongType(value: Located, field: string, expected: unknown): Diagnostic {
  if (value.kind === 'scalar' && value.value === null) return diagnostic('RF1109', value.span, { field });
  const types = Array.isArray(expected) ? expected.map(String) : [String(expected)];
  return diagnostic('RF1105', value.span, {
    expected: types.map((type) => typeWords[type] ?? type).join(' or '),
    found: foundWords(value),
    advice: typeAdvice(value, types[0] ?? ''),
  });
}

const typeWords: Readonly<Record<string, string>> = {
  object: 'a mapping',
  array: 'a list',
  string: 'a text',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'null',
};

function foundWords(value: Located): string {
  if (value.kind === 'map') return 'a mapping';
  if (value.kind === 'list') return 'a list';
  if (value.value === '') return 'an empty text';
  return typeof value.value === 'string' ? `the text ${show(value)}` : show(value);
}

function typeAdvice(value: Located, expected: string): string {
  if (expected === 'string' && value.kind === 'scalar') return `quote it: "${value.written}"`;
  if (expected === 'array') return 'write each entry in a line of its own, starting with "- "';
  if (expected === 'object') return 'write "name: value" lines below it';
  if (expected === 'boolean') return 'write true or false, without quotes';
  if (expected === 'integer') return 'write the number without quotes';
  return 'write a single value';
}

function wrongWord(value: Located, path: Path, field: string): Diagnostic {
  if (value.kind === 'scalar' && value.value === null) return diagnostic('RF1109', value.span, { field });
  const allowed = (schemaAt(path)?.enum ?? []).map(String);
  return diagnostic('RF1106', value.span, {
    value: show(value),
    field,
    advice: adviceOf(value.kind === 'scalar' ? value.written : '', allowed, 'it is one of'),
  });
}

function tooMany(value: Located, field: string, count: number, limit: number): Diagnostic {
  return diagnostic('RF1108', startOf(value.span), { field, count, limit });
}

/** A value as a sentence can carry it: short, on one line. */
export function show(value: Located): string {
  if (value.kind === 'map') return 'a mapping';
  if (value.kind === 'list') return 'a list';
  return shorten(value.written === '' ? String(value.value) : value.written);
}

export function shorten(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}

type SchemaNode = {
  readonly properties?: Readonly<Record<string, JSONSchema>>;
  readonly additionalProperties?: JSONSchema;
  readonly items?: JSONSchema;
  readonly enum?: readonly unknown[];
};

/** The part of the schema that the value at `path` is held to. */
function schemaAt(path: Path): SchemaNode | undefined {
  let at: unknown = policySchema;
  for (const step of path) {
    const node = at as SchemaNode;
    const properties = node.properties ?? {};
    if (node.items !== undefined) at = node.items;
    else if (Object.hasOwn(properties, step)) at = properties[step];
    else at = node.additionalProperties;
    if (typeof at !== 'object' || at === null) return undefined;
  }
  return at as SchemaNode;
}
