import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NetworkReport } from '#network';
import { NetworkWatch } from './network.ts';

const report: NetworkReport = {
  ...{ cni: { name: 'none', evidence: [] }, programs: [], unlisted: 0, own: 0, shared: [], unseen: [] },
};

test('the node is looked at once for all who ask within half a minute', () => {
  const looks: NetworkReport[] = [];
  let nowMs = 0;
  const inspect = () => {
    looks.push({ ...report });
    return looks.at(-1) as NetworkReport;
  };
  const watch = new NetworkWatch({}, inspect, () => nowMs);
  const first = watch.report;
  nowMs = 29_999;
  assert.equal(watch.report, first);
  nowMs = 30_000;
  assert.notEqual(watch.report, first);
  assert.equal(looks.length, 2);
});
