/** When the nodes of a cluster count as detached, and what is said when they do not become so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterDetached, waitForDetached } from './cluster-detached.ts';

const options = { namespace: 'security', daemonset: 'rf-detach' };
const PATH = '/apis/apps/v1/namespaces/security/daemonsets/rf-detach';

type Answer = Error | { readonly observed: number; readonly wanted: number; readonly ready: number };

/** Answers one after the other, the last one for good. */
function answering(answers: readonly Answer[]) {
  const asked: string[] = [];
  const ask = async (path: string) => {
    const answer = answers[Math.min(asked.length, answers.length - 1)];
    asked.push(path);
    if (answer instanceof Error) throw answer;
    const { observed, wanted, ready } = answer ?? { observed: 0, wanted: 0, ready: 0 };
    return {
      metadata: { generation: 1 },
      status: { observedGeneration: observed, desiredNumberScheduled: wanted, numberReady: ready },
    };
  };
  return { ask, asked };
}

test('not before the controller has looked at it, nor before all nodes are ready', async () => {
  const { ask, asked } = answering([
    new Error('not now'),
    { observed: 0, wanted: 0, ready: 0 },
    { observed: 1, wanted: 2, ready: 1 },
    { observed: 1, wanted: 2, ready: 2 },
  ]);
  assert.equal(await waitForDetached({ ...options, wait: 60 }, ask, 1), 2);
  assert.deepEqual(asked, [PATH, PATH, PATH, PATH]);
});

test('a cluster without nodes for it is detached', async () => {
  const { ask } = answering([{ observed: 1, wanted: 0, ready: 0 }]);
  assert.equal(await waitForDetached({ ...options, wait: 60 }, ask, 1), 0);
});

for (const [what, answer, expected] of [
  ['nodes that are missing are counted', { observed: 1, wanted: 3, ready: 1 }, /after 0 s, 1 of 3 nodes are detached/],
  ['a controller that does not look is said', { observed: 0, wanted: 0, ready: 0 }, /0 of an unknown number/],
  ['an API server that refuses is said', new Error('it answers 403'), /the DaemonSet rf-detach: it answers 403/],
] as const) {
  test(`when the time is over, ${what}`, async () => {
    await assert.rejects(waitForDetached({ ...options, wait: 0 }, answering([answer]).ask, 1), expected);
  });
}

test('outside a pod there is nobody to ask', async () => {
  await assert.rejects(clusterDetached({ ...options, wait: 60 }), { code: 'RF6001' });
});
