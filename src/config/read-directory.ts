/** A directory of options, one file each: the form in which Kubernetes mounts a ConfigMap. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Diagnostic, diagnostic, type Span } from '#diagnostics';
import { codeOf } from '#std';
import { type Given, nearestOption, splitTexts } from './given.ts';
import { findOption, optionOf, variableOf } from './schema.ts';
import { readSource, unreadable } from './source.ts';

/** Undefined when there is no such directory; throws RF5008 when it can not be read. */
export function readDirectory(
  directory: string,
): { readonly given: readonly Given[]; readonly diagnostics: readonly Diagnostic[] } | undefined {
  const names = namesIn(directory);
  if (names === undefined) return undefined;
  const given: Given[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const each of names) {
    const path = join(directory, each);
    const span: Span = { file: path, line: 1, column: 1, endLine: 1, endColumn: 1, text: '' };
    const name = findOption(each);
    if (name === undefined) {
      const near = nearestOption(each);
      const advice = near === undefined ? 'docs/configuration.md has all of them' : `did you mean ${near}?`;
      diagnostics.push(diagnostic('RF5003', span, { name: each.slice(0, 64), advice }));
    } else if (optionOf(name).locating) {
      diagnostics.push(diagnostic('RF5007', span, { name: each, variable: variableOf(name) }));
    } else {
      const source = readSource(path);
      if (source === undefined) continue;
      diagnostics.push(...source.diagnostics);
      const text = source.text.trim();
      const texts = optionOf(name).kind.arity === 'list' ? splitTexts(text) : [text];
      given.push({ name, texts, where: each, span });
    }
  }
  return { given, diagnostics };
}

/** Names with a dot in front are not options: ConfigMaps are mounted with some. */
function namesIn(directory: string): readonly string[] | undefined {
  try {
    const names = readdirSync(directory).filter((name) => !name.startsWith('.'));
    return names.toSorted();
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw unreadable(directory, codeOf(cause), cause);
  }
}
