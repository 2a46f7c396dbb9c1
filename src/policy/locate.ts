/** One YAML document to a located tree: repeated keys, aliases, tags and words of YAML 1.1 are judged here. */
import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type ParsedNode,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Code, Diagnostic, Parameters, Span } from '#diagnostics';
import { Findings } from './findings.ts';
import type { Located, LocatedEntry, LocatedList, LocatedMap, LocatedScalar } from './located.ts';
import type { SourceText } from './source-text.ts';

/** Values in one document once every alias is replaced by what it stands for. */
export const valuesMax = 200_000;
/** Aliases can nest deeper than the text does. */
const heightMax = 64;

export type Locating = { readonly value: Located | undefined; readonly diagnostics: readonly Diagnostic[] };

export function locate(source: SourceText, contents: ParsedNode): Locating {
  const locator = new Locator(source);
  const value = locator.value(contents);
  const { diagnostics } = locator.findings;
  return { value: diagnostics.length === 0 ? value : undefined, diagnostics };
}

const commonTag = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/;

class Locator {
  readonly #source: SourceText;
  readonly findings = new Findings();
  /** `open` while the anchored value is being read: an alias in there would contain itself. */
  readonly #anchors = new Map<string, Located | 'open'>();
  /** Once the budget is spent nothing more is read. */
  #spent = false;

  constructor(source: SourceText) {
    this.#source = source;
  }

  value(node: ParsedNode | null): Located | undefined {
    if (node === null || this.#spent) return undefined;
    if (isAlias(node)) return this.#alias(node);
    if (node.tag !== undefined && !commonTag.test(node.tag)) {
      return this.#refuse('RF1012', this.#span(node), { tag: node.tag });
    }
    if (node.anchor === undefined) return this.#bounded(this.#content(node), node);
    this.#anchors.set(node.anchor, 'open');
    const located = this.#bounded(this.#content(node), node);
    if (located !== undefined) this.#anchors.set(node.anchor, located);
    return located;
  }

  #content(node: Exclude<ParsedNode, Alias.Parsed>): Located | undefined {
    if (isMap(node)) return this.#map(node);
    if (isSeq(node)) return this.#list(node);
    return this.#scalar(node);
  }

  /** Checks what aliases add up to, before anything walks the expanded tree. */
  #bounded(located: Located | undefined, node: Node): Located | undefined {
    if (located === undefined || this.#spent) return undefined;
    if (located.weight <= valuesMax && located.height <= heightMax) return located;
    this.#spent = true;
    return this.#refuse('RF1004', this.#span(node), { values: valuesMax, depth: heightMax });
  }

  #alias(node: Alias.Parsed): Located | undefined {
    const found = this.#anchors.get(node.source);
    if (found === 'open') return this.#refuse('RF1010', this.#span(node), { name: node.source });
    return found ?? this.#refuse('RF1009', this.#span(node), { name: node.source });
  }

  #map(node: YAMLMap.Parsed): LocatedMap {
    const entries = new Map<string, LocatedEntry>();
    let weight = 1;
    let height = 1;
    for (const pair of node.items) {
      const key = this.#key(pair.key);
      const value = pair.value === null ? this.#missing(pair.key) : this.value(pair.value);
      if (key === undefined || value === undefined) continue;
      const earlier = entries.get(key.name);
      if (earlier !== undefined) {
        this.#refuse('RF1008', key.span, { key: key.name, line: earlier.key.line });
        continue;
      }
      entries.set(key.name, { key: key.span, value });
      weight += value.weight;
      height = Math.max(height, value.height + 1);
    }
    return { kind: 'map', entries, span: this.#span(node), weight, height };
  }

  #list(node: YAMLSeq.Parsed): LocatedList {
    const items: Located[] = [];
    let weight = 1;
    let height = 1;
    for (const item of node.items) {
      // The library types a pair as an item, but makes a map of one pair of it.
      const value = this.value(item as ParsedNode);
      if (value === undefined) continue;
      items.push(value);
      weight += value.weight;
      height = Math.max(height, value.height + 1);
    }
    return { kind: 'list', items, span: this.#span(node), weight, height };
  }

  #key(node: ParsedNode | null): { readonly name: string; readonly span: Span } | undefined {
    if (node === null || !isScalar(node)) {
      return this.#refuse('RF1011', node === null ? undefined : this.#span(node), {});
    }
    const name = written(node);
    if (name === '<<' && node.type === 'PLAIN') return this.#refuse('RF1013', this.#span(node), {});
    return { name, span: this.#span(node) };
  }

  /** A key without a colon or a value, `{ a, b }`: the same as null. */
  #missing(key: ParsedNode | null): LocatedScalar | undefined {
    if (key === null) return undefined;
    return { kind: 'scalar', value: null, written: '', span: this.#span(key), weight: 1, height: 1 };
  }

  #scalar(node: Scalar.Parsed): LocatedScalar | undefined {
    const span = this.#span(node);
    const text = written(node);
    if (node.type === 'PLAIN' && node.tag === undefined) {
      const meaning = otherMeaning(text);
      if (meaning !== undefined) return this.#refuse('RF1014', span, { text, meaning });
    }
    const value: unknown = node.value;
    if (typeof value === 'string' && !value.isWellFormed()) return this.#refuse('RF1015', span, {});
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null) {
      return { kind: 'scalar', value, written: text, span, weight: 1, height: 1 };
    }
    return this.#refuse('RF1012', span, { tag: String(node.tag) });
  }

  #span(node: Node): Span {
    const [start, end] = node.range ?? [0, 0];
    return this.#source.span(start, end);
  }

  #refuse(code: Code, span: Span | undefined, parameters: Parameters): undefined {
    return this.findings.report(code, span, parameters);
  }
}

function written(node: Scalar.Parsed): string {
  return node.type === 'PLAIN' ? (node.source ?? '') : String(node.value);
}

/** What a reader of YAML 1.1, as Kubernetes is one, makes of a plain scalar that YAML 1.2 reads differently. */
function otherMeaning(text: string): string | undefined {
  if (/^(y|yes|on)$/i.test(text)) return 'true';
  if (/^(n|no|off)$/i.test(text)) return 'false';
  if (/^[-+]?0o[0-7_]+$/.test(text)) return 'a number with base 8 or a text, depending on its version';
  if (/^[-+]?0[0-7_]+$/.test(text)) return 'a number with base 8';
  if (/^[-+]?0b[01_]+$/.test(text)) return 'a number with base 2';
  if (/^[-+]?([1-9][0-9]*|0x[0-9a-fA-F]+)_[0-9a-fA-F_]*$/.test(text)) return 'a number';
  return undefined;
}
