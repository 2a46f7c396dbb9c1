/** A policy that has spent its kill budget, as text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compactRenderer } from './compact.ts';
import type { DemotionEvent } from './event.ts';
import { JsonRenderer } from './json.ts';

const event: DemotionEvent = {
  ...{ kind: 'demotion', nodeName: 'node', timeNs: 1_000_000_000n },
  ...{ policyName: 'guard', namespace: undefined, killBudget: '10/m' },
};

test('as JSON', () => {
  const demotion = { policy: 'guard', kill_budget: '10/m', mode: 'monitor' };
  const { node_name, ringfence } = JSON.parse(new JsonRenderer().render(event));
  assert.deepEqual({ node_name, ringfence }, { node_name: 'node', ringfence: { demotion } });
  const namespaced = JSON.parse(new JsonRenderer().render({ ...event, namespace: 'shop' }));
  assert.deepEqual(namespaced.ringfence.demotion, { ...demotion, policy_namespace: 'shop' });
});

test('on one line', () => {
  const render = compactRenderer();
  assert.equal(render(event), '⏬ demoted node guard monitor, kill budget 10/m spent');
  assert.equal(render({ ...event, namespace: 'shop' }), '⏬ demoted node shop/guard monitor, kill budget 10/m spent');
});
