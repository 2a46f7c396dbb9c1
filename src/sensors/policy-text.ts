/** A file of several policies, cut into texts of one: each can then be deleted, and read again, without the others. */
import { type Policy, parsePolicies } from '#policy';

/** At the start of a line it always begins a document, inside a block of text too (YAML 1.2, 9.1.2). */
const MARKER = /^---(?=\s|$)/;

/** The text for each policy, in the same order; its lines keep their numbers, so that messages point at the file. */
export function textsOf(text: string, policies: readonly Policy[]): readonly string[] {
  if (policies.length < 2) return policies.map(() => text);
  const parts = documentsOf(text).map((part) => ({ part, found: parsePolicies(part, '').policies }));
  return policies.map(({ name, namespace }) => {
    const own = parts.find(({ found }) => found.some((each) => each.name === name && each.namespace === namespace));
    return own?.part ?? text;
  });
}

function documentsOf(text: string): readonly string[] {
  const documents: string[][] = [[]];
  for (const [number, line] of text.split('\n').entries()) {
    if (MARKER.test(line)) documents.push(new Array<string>(number).fill(''));
    documents.at(-1)?.push(line);
  }
  return documents.map((lines) => lines.join('\n'));
}
