import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CpuProfile, foldProfile } from './cpu-profile.ts';
import { flameGraph } from './flame-graph.ts';

const frame = (functionName: string, url = '', lineNumber = 0) => ({ functionName, url, lineNumber });

const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(root)'), children: [2, 4] },
    { id: 2, callFrame: frame('drain', 'file:///src/ring.ts', 6), children: [3] },
    { id: 3, callFrame: frame('decode<T>', 'file:///src/decode.ts') },
    { id: 4, callFrame: frame('(idle)') },
  ],
  samples: [2, 3, 4, 3],
  timeDeltas: [10, 20, 500, 30],
};

test('a profile is folded to the time of each stack; sleep is no time', () => {
  assert.deepEqual(foldProfile(profile), [
    { frames: ['drain ring.ts:7'], micros: 10 },
    { frames: ['drain ring.ts:7', 'decode<T> decode.ts:1'], micros: 50 },
  ]);
});

test('a box is as wide as the time in it and in what it called, and stands on its caller', () => {
  const svg = flameGraph('events', foldProfile(profile));
  const boxes = [...svg.matchAll(/<title>([^<]*)<\/title>\n<rect x="([\d.]+)" y="(\d+)" width="([\d.]+)"/g)];
  assert.deepEqual(
    boxes.map(([, title, x, y, width]) => [title, Number(x), Number(y), Number(width)]),
    [
      ['all: 100.0 %', 0, 66, 1200],
      ['drain ring.ts:7: 100.0 %', 0, 50, 1200],
      ['decode&lt;T&gt; decode.ts:1: 83.3 %', 0, 34, 1000],
    ],
  );
});

test('nothing that ran is a picture too', () => {
  assert.match(flameGraph('events', []), /^<svg [\s\S]*<\/svg>\n$/);
});
