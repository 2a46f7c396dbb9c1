/** What an agent says of itself, once it answers. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlClient, StatusAnswer } from '#control';

const WAIT_MS = 120_000;

export async function statusOnce(
  client: ControlClient,
  isWanted: (status: StatusAnswer) => boolean = () => true,
): Promise<StatusAnswer> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    const status = await client.status().catch(() => undefined);
    if (status !== undefined && isWanted(status)) return status;
    assert.ok(performance.now() < deadline, `the agent does not say so, but ${JSON.stringify(status?.agent)}`);
    await sleep(200);
  }
}
