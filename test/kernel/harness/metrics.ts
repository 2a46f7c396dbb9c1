/** What an agent that runs says of itself to Prometheus. */
import assert from 'node:assert/strict';
import { readText } from '../../../src/metrics/testing.ts';

const ADDRESS = '127.0.0.1:2112';

export const metricsFlags = ['--metrics-server', ADDRESS];

/** By name and labels, as they stand in the text. */
export async function scrape(): Promise<ReadonlyMap<string, number>> {
  const answer = await fetch(`http://${ADDRESS}/metrics`);
  assert.equal(answer.status, 200);
  return readText(await answer.text()).samples;
}
