/** Symbols are found wherever a chunk ends, and nothing is made up for those that are hidden. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { EnvironmentError } from '#diagnostics';
import { readKernelSymbols } from './kallsyms.ts';

const directory = mkdtempSync(join(tmpdir(), 'ringfence-kallsyms-'));
after(() => rmSync(directory, { recursive: true }));

function symbolsOf(text: string, names: readonly string[]): Record<string, string> {
  const path = join(directory, 'kallsyms');
  writeFileSync(path, text);
  return Object.fromEntries([...readKernelSymbols(names, path)].map(([name, address]) => [name, address.toString(16)]));
}

const SMALL = `ffffffff81000000 T _stext
0000000000000000 T hidden
ffffffff81000010 t twice
ffffffff81000020 t twice
ffffffffc0000000 t helper\t[module]
ffffffff81000030 T last`;

const table = [
  ['found', ['_stext'], { _stext: 'ffffffff81000000' }],
  ['hidden by kptr_restrict, or not there', ['hidden', 'nowhere'], {}],
  ['the first of two', ['twice'], { twice: 'ffffffff81000010' }],
  ["a module's, without the module's name", ['helper'], { helper: 'ffffffffc0000000' }],
  ['not a part of a name', ['stext', '_stex', 'module'], {}],
  ['a line cut short is not read', ['last'], {}],
] as const;

for (const [name, wanted, expected] of table) {
  test(`kallsyms: ${name}`, () => assert.deepEqual(symbolsOf(SMALL, wanted), expected));
}

test('kallsyms: lines all over a file of many chunks', () => {
  const lines: string[] = [];
  const expected: Record<string, string> = {};
  for (let index = 1; index < 30_000; index += 1) {
    const name = `symbol_${'x'.repeat(index % 40)}_${index}`;
    const address = (0xffffffff81000000n + BigInt(index)).toString(16);
    lines.push(`${address} t ${name}\n`);
    if (index % 97 === 0) expected[name] = address;
  }
  assert.deepEqual(symbolsOf(lines.join(''), Object.keys(expected)), expected);
});

test('kallsyms: a line without end does not end in a loop', () => {
  assert.deepEqual(symbolsOf(`${'x'.repeat(1_000_000)}\nffffffff81000000 T after\n`, ['after']), {
    after: 'ffffffff81000000',
  });
});

test('kallsyms: a file that is not there is the environment refusing', () => {
  assert.throws(
    () => readKernelSymbols(['_stext'], join(directory, 'none')),
    (error) => error instanceof EnvironmentError && error.message.endsWith('failed: ENOENT'),
  );
});
