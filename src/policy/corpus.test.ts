/** Policies that others wrote: each is read, refused for what is not supported yet, or refused with a place in its text. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { hasErrors, renderDiagnostic } from '#diagnostics';
import { parsePolicies } from './parse.ts';

const corpus = process.env.RINGFENCE_CORPUS ?? fileURLToPath(new URL('../../../shared/corpus', import.meta.url));
const skip = existsSync(corpus) ? false : `no policy corpus at ${corpus} (RINGFENCE_CORPUS names another place)`;

function textsUnder(folder: string): readonly (readonly [string, string])[] {
  const names = readdirSync(`${corpus}/${folder}`, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => [`${folder}/${name}`, readFileSync(`${corpus}/${folder}/${name}`, 'utf8')] as const);
}

/** `returnArgAction: Post` stood in policies once; the peer, too, takes only TrackSock and UntrackSock now. */
const staleField = /^RF1106 Post is not a known value of returnArgAction$/;

test('policies of the corpus are read, or only ask for what is not supported yet', { skip }, (context) => {
  const counts = { read: 0, unsupported: 0, stale: 0 };
  for (const [name, text] of [...textsUnder('policies'), ...textsUnder('wild')]) {
    const { policies, diagnostics } = parsePolicies(text, name);
    const errors = diagnostics.filter((each) => each.severity === 'error');
    const other = errors.filter((each) => each.code !== 'RF1203');
    if (other.length > 0 && other.every((each) => staleField.test(`${each.code} ${each.message}`))) counts.stale += 1;
    else if (other.length > 0) assert.fail(other.map(renderDiagnostic).join('\n'));
    else if (errors.length > 0) counts.unsupported += 1;
    else counts.read += 1;
    assert.equal(policies.length > 0, errors.length === 0, name);
  }
  context.diagnostic(`corpus: ${JSON.stringify(counts)}`);
  assert.ok(counts.read > 0);
});

test('what is wrong in the corpus is refused, with its place', { skip }, () => {
  for (const [name, text] of textsUnder('invalid')) {
    const { policies, diagnostics } = parsePolicies(text, name);
    assert.ok(hasErrors(diagnostics), name);
    assert.deepEqual(policies, [], name);
    const unplaced = diagnostics.filter((each) => each.span === undefined);
    assert.deepEqual(unplaced, [], name);
  }
});
