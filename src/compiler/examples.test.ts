/** What each example policy does on each saved kernel, as golden texts of `policy explain`; each of its hooks blocks. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parsePolicies } from '#policy';
import { SAVED_KERNELS, savedTarget } from '../../test/targets/index.ts';
import { compile } from './compile.ts';
import { explain } from './explain.ts';
import { strictly } from './report.ts';

const folder = join(import.meta.dirname, '../../policies/examples');
const golden = join(import.meta.dirname, 'testdata/examples');
const examples = readdirSync(folder).map((file) => file.replace('.yaml', ''));
/** What the compiler warns of; the comments of the example explain it. */
const WARNINGS: Readonly<Record<string, readonly string[]>> = {
  'no-write-etc on 6.1': ['RF2403'],
  ...Object.fromEntries(SAVED_KERNELS.map((kernel) => [`quickstart on ${kernel}`, ['RF2405']])),
};

for (const kernel of SAVED_KERNELS) {
  describe(`examples on kernel ${kernel}`, () => {
    const target = savedTarget(kernel);

    for (const name of examples) {
      test(name, () => {
        const { policies } = parsePolicies(readFileSync(join(folder, `${name}.yaml`), 'utf8'), `${name}.yaml`);
        const { image, reports, diagnostics } = compile({
          policies: policies.map((policy, slot) => ({ policy, slot })),
          target,
          identities: new Map(),
        });
        assert.notEqual(image, undefined);
        const said = strictly(diagnostics).map(({ code }) => code);
        assert.deepEqual(said, WARNINGS[`${name} on ${kernel}`] ?? []);
        for (const { hook, effect, racy } of reports) {
          assert.deepEqual([effect, racy], ['blocks', false], `${hook.name.value} blocks`);
        }
        const text = policies.map((policy) => explain(policy, reports, target.release)).join('\n');
        const file = join(golden, `${name}-${kernel}.txt`);
        if (process.env.RINGFENCE_UPDATE_GOLDEN === '1') {
          mkdirSync(golden, { recursive: true });
          writeFileSync(file, text);
        }
        assert.equal(text, readFileSync(file, 'utf8'));
      });
    }

    test('all of them together', () => {
      const all = examples.flatMap(
        (name) => parsePolicies(readFileSync(join(folder, `${name}.yaml`), 'utf8'), `${name}.yaml`).policies,
      );
      const { image, diagnostics } = compile({
        policies: all.map((policy, slot) => ({ policy, slot })),
        target,
        identities: new Map(),
      });
      assert.deepEqual(
        diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
        [],
      );
      assert.notEqual(image, undefined);
    });
  });
}
