/** What the agent does itself is no event: a file of events that policies watch does not feed on itself. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hookOf, policyOf, startAgent } from './harness/index.ts';

test('writing events to a watched directory makes none', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'own-'));
  const file = join(directory, 'events.log');
  const watched = {
    args: [{ index: 0, type: 'file' }],
    selectors: [{ matchArgs: [{ index: 0, operator: 'Prefix', values: [`${directory}/`] }] }],
  };
  const policy = policyOf('watch', {
    lsmhooks: ['file_open', 'file_permission'].map((hook) => ({ hook, ...watched })),
  });
  const agent = await startAgent({ policies: [policy], args: ['--export-filename', file] });
  try {
    const mark = join(directory, 'mark');
    const marks = () => agent.events.filter((event) => JSON.stringify(hookOf(event)?.args ?? []).includes(mark));
    for (let written = 1; written <= 3; written += 1) {
      appendFileSync(mark, 'x');
      await agent.eventsWhere('the mark', () => marks().length >= 2 * written);
    }
    const ofFile = agent.events.filter((event) => JSON.stringify(hookOf(event)?.args ?? []).includes(file));
    assert.deepEqual(ofFile, []);
  } finally {
    await agent.stop();
  }
  assert.match(readFileSync(file, 'utf8'), /mark/, 'it did write there');
  rmSync(directory, { recursive: true });
});
