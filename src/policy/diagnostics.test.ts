/** Golden diagnostics: every code of a policy has a case, and reads the way it stands in testdata/diagnostics. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { catalogue, renderDiagnostic } from '#diagnostics';
import { parsePolicies } from './parse.ts';

/** The texts are not named .yaml, as formatters would put right what is meant to be wrong. */
const folder = new URL('testdata/diagnostics/', import.meta.url);
const update = process.env.RINGFENCE_UPDATE_GOLDEN === '1';

/** Texts that only their size makes wrong, or that are too odd for a file. */
const made: Readonly<Record<string, string>> = {
  '1001-large-file': `# ${'x'.repeat(1_048_576)}\n`,
  '1002-many-documents': '---\na: 1\n'.repeat(101),
  '1003-deep': `a: ${'['.repeat(100)}`,
  '1004-many-values': `a: &a [${'1,'.repeat(999)}1]\nb: &b [${'*a,'.repeat(999)}*a]\n`,
  '1018-many-words': `[${'1,'.repeat(130_000)}1]\n`,
  '1017-many-diagnostics': `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: example
spec:
${Array.from({ length: 150 }, (_, count) => `  field${count}: 1\n`).join('')}`,
};

function cases(): ReadonlyMap<string, string> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.policy'));
  const written = files.map(
    (name) => [name.replace('.policy', ''), readFileSync(new URL(name, folder), 'utf8')] as const,
  );
  return new Map([...Object.entries(made), ...written]);
}

const seen = new Set<string>();

for (const [name, text] of cases()) {
  test(`diagnostics: ${name}`, () => {
    const { diagnostics } = parsePolicies(text, 'policy.yaml');
    for (const each of diagnostics) seen.add(each.code);
    assert.ok(
      diagnostics.some((each) => each.code === `RF${name.slice(0, 4)}`),
      `the case is named after a code that it does not get: ${diagnostics.map((each) => each.code)}`,
    );
    const printed = `${diagnostics.map(renderDiagnostic).join('\n')}\n`;
    const golden = new URL(`${name}.txt`, folder);
    if (update) writeFileSync(golden, printed);
    assert.equal(printed, existsSync(golden) ? readFileSync(golden, 'utf8') : '');
  });
}

test('every code of a policy has a golden case', () => {
  const missing = Object.keys(catalogue).filter((code) => code.startsWith('RF1') && !seen.has(code));
  assert.deepEqual(missing, []);
});

test('no golden text is left of a case that is gone', () => {
  const known = cases();
  const texts = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  assert.deepEqual(
    texts.filter((name) => !known.has(name.replace('.txt', ''))),
    [],
  );
});
