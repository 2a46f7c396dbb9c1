/** What the kernel answers a program is what its list of symbols says. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { KALLSYMS, readKernelSymbols } from './kallsyms.ts';
import { kernelSymbols } from './symbol-address.ts';

test('addresses are those of the list; a name that is nowhere has none', () => {
  const lines = readFileSync(KALLSYMS, 'latin1').split('\n');
  const names = lines.flatMap((line) => /^[0-9a-f]{16} \S (\w+)$/.exec(line)?.[1] ?? []);
  const times = Map.groupBy(names, (name) => name);
  const unique = names.filter((name) => times.get(name)?.length === 1);
  const wanted = [unique.at(0), unique.at(unique.length / 2), unique.at(-1)].flatMap((name) => name ?? []);
  assert.equal(wanted.length, 3);
  assert.deepEqual(kernelSymbols([...wanted, 'rf_nowhere']), readKernelSymbols(wanted));
});
