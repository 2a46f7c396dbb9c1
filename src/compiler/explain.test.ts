/** What `policy explain` prints for each kind of hook, as golden texts. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Diagnostic } from '#diagnostics';
import { parsePolicies } from '#policy';
import { known } from '#std';
import { explain, summarise } from './explain.ts';
import { resolveTarget } from './fixtures-target.ts';
import { resolvePolicy } from './resolve.ts';

const folder = join(import.meta.dirname, 'testdata/explain');
const target = resolveTarget();

for (const name of readdirSync(folder).filter((each) => each.endsWith('.yaml'))) {
  test(`explained: ${name}`, () => {
    const parsed = parsePolicies(readFileSync(join(folder, name), 'utf8'), name);
    const policy = known(parsed.policies[0], parsed.diagnostics.map((each) => each.message).join('; '));
    const diagnostics: Diagnostic[] = [];
    const { reports } = resolvePolicy(policy, 0, target, diagnostics);
    const summary = reports.map((report) => `${summarise(report)}\n`).join('');
    const text = `${summary}\n${explain(policy, reports, target.release)}`;
    const file = join(folder, name.replace('.yaml', '.txt'));
    if (process.env.RINGFENCE_UPDATE_GOLDEN === '1') writeFileSync(file, text);
    assert.equal(text, readFileSync(file, 'utf8'));
  });
}
