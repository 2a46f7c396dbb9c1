/** The file of events on a disk that is really full: what is lost is counted and told, and no line is torn. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { EnvironmentError } from '#diagnostics';
import type { LossEvent } from '#events';
import { FilePublisher } from '#publish';

const DISK_BYTES = 256 * 1024;
const directory = mkdtempSync(join(tmpdir(), 'ringfence-full-'));
execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES},mode=700`, 'none', directory]);
after(() => {
  execFileSync('umount', [directory]);
  rmdirSync(directory);
});

const path = join(directory, 'events.json');
const ballast = join(directory, 'ballast');

/** An event that needs no process: here it is only its line that counts. */
function event(number: number): LossEvent {
  const at = { nodeName: 'n', timeNs: BigInt(number), fromNs: BigInt(number), toNs: BigInt(number) };
  return { kind: 'loss', ...at, stage: 'decode', count: 1, hole: undefined };
}

type Line = { readonly number?: number; readonly lost?: number };

test('full, and free again: events, the loss, events, all of them whole', async () => {
  const failures: EnvironmentError[] = [];
  let recoveries = 0;
  const publisher = await FilePublisher.open({
    ...{ path, nodeName: 'n', stage: 'stdout', permission: 0o600 },
    ...{ bytesMax: 1 << 30, intervalMs: 0, countMax: 2, compress: false },
    ...{ waitingBytesMax: 64 * 1024, retryMs: 10 },
    render: ({ kind, ...of }) =>
      JSON.stringify(
        'stage' in of && of.stage === 'decode'
          ? { number: Number(of.timeNs), filler: 'x'.repeat(100) }
          : { lost: 'count' in of ? of.count : kind },
      ),
    onFailure: (error) => failures.push(error),
    onRecovery: () => {
      recoveries += 1;
    },
  });
  writeFileSync(ballast, Buffer.alloc(DISK_BYTES / 2));
  const total = 5000; // 600 KB of lines: far more than the disk and the queue
  for (let number = 1; number <= total; number += 1) {
    publisher.publish(event(number));
    if (number % 50 === 0) await turn();
  }
  while (failures.length === 0) await turn();
  assert.match(failures[0]?.message ?? '', /the disk is full/);
  const { refused } = publisher.losses;
  assert.ok(refused > 0);

  rmSync(ballast);
  while (recoveries === 0) await turn();
  await publisher.close();
  const text = readFileSync(path, 'utf8');
  assert.ok(text.endsWith('\n'));
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  const numbers = lines.flatMap(({ number }) => number ?? []);
  const lost = lines.flatMap(({ lost: count }) => count ?? []);
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
    'in order',
  );
  assert.equal(new Set(numbers).size, numbers.length, 'each once');
  assert.equal(
    lost.reduce((sum, count) => sum + count, 0),
    publisher.losses.refused,
    'what is told is what was lost',
  );
  assert.equal(numbers.length + publisher.losses.refused, total);
  assert.equal(publisher.losses.undelivered, 0);
});
