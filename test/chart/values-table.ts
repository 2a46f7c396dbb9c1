/** The table of values in the chart's README, made of values.yaml and its comments; run, it writes the table there. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { CHART } from './helm.ts';

const BEGIN = '<!-- values: made of values.yaml by test/chart/values-table.ts -->';
const END = '<!-- end of values -->';

type Row = { readonly path: string; readonly fallback: string; readonly about: string };

/** A comment that begins with `--` is about the value under it, and about the whole of it where that is a map. */
export function readRows(): readonly Row[] {
  const document = parseDocument(readFileSync(join(CHART, 'values.yaml'), 'utf8'));
  if (!isMap(document.contents)) throw new Error('values.yaml is no map');
  return rowsOf(document.contents, '');
}

function rowsOf(map: YAMLMap, above: string): readonly Row[] {
  return map.items.flatMap((pair, index) => {
    const path = `${above}${String(pair.key)}`;
    // a comment over the first key of a map belongs to the map, for the parser
    const comment = commentOf(pair) ?? (index === 0 ? map.commentBefore : undefined) ?? '';
    const about = /^ -- (.*)$/m.exec(comment)?.[1] ?? '';
    const value = pair.value;
    if (!isMap(value) || value.items.length === 0) return [{ path, fallback: fallbackOf(value), about }];
    const inner = rowsOf(value, `${path}.`);
    return about === '' ? inner : inner.map((row, at) => (at === 0 && row.about === '' ? { ...row, about } : row));
  });
}

function commentOf({ key }: Pair): string | undefined {
  return isScalar(key) ? (key.commentBefore ?? undefined) : undefined;
}

function fallbackOf(value: unknown): string {
  return JSON.stringify((value as { readonly toJSON: () => unknown }).toJSON());
}

export function valuesTable(): string {
  const rows = readRows().map(({ path, fallback, about }) => `| \`${path}\` | \`${fallback}\` | ${about} |\n`);
  return `${BEGIN}\n\n| value | default | |\n| --- | --- | --- |\n${rows.join('')}\n${END}`;
}

export function withTable(readme: string): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) throw new Error('the README has no place for the table of values');
  return readme.slice(0, begin) + valuesTable() + readme.slice(end + END.length);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const path = join(CHART, 'README.md');
  writeFileSync(path, withTable(readFileSync(path, 'utf8')));
}
