import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COUNTS, linesOf, plotRows, svgOf } from './plot.ts';

const line = {
  name: 'open <6.12>',
  colour: '#123456',
  dashed: false,
  points: [
    { x: 0, y: 0 },
    { x: 100, y: 1_000 },
  ],
};
const plot = { title: 'cost', x: 'policies', y: 'instructions', lines: [line] };

test('a line goes from the origin to the corner', () => {
  assert.match(svgOf(plot), /<path d="M70\.0 370\.0L590\.0 40\.0" fill="none" stroke="#123456"/);
});

test('names are escaped, and a dashed line is', () => {
  const svg = svgOf({ ...plot, lines: [{ ...line, dashed: true }] });
  assert.match(svg, />open &lt;6\.12&gt;<\/text>/);
  assert.match(svg, /stroke-dasharray/);
});

test('less than nothing lies on the axis, and every element is closed', () => {
  const svg = svgOf({
    ...plot,
    lines: [
      {
        ...line,
        points: [
          { x: 0, y: -3 },
          { x: 1, y: 4 },
        ],
      },
    ],
  });
  assert.match(svg, /M70\.0 370\.0L/);
  assert.equal([...svg.matchAll(/<[a-z]/g)].length, [...svg.matchAll(/\/>|<\/[a-z]/g)].length);
});

test('each number of policies is measured once for each work', () => {
  const names = plotRows().map(({ id }) => id);
  assert.equal(new Set(names).size, 3 * COUNTS.length);
  assert.ok(names.includes('read x 50'));
});

test('a line has the numbers of policies that were measured', () => {
  const columns = { ours: { value: 7, spread: 0, verdict: 'told' } } as const;
  const results = [{ id: 'read x 5', title: '', unit: 'instructions', columns }];
  const { lines } = linesOf(
    [
      { kernel: '6.1', results },
      { kernel: '6.12', results: [] },
    ],
    'ours',
  );
  assert.equal(lines.length, 6);
  assert.deepEqual(lines.find(({ name }) => name === 'read, 6.1')?.points, [{ x: 5, y: 7 }]);
  assert.equal(lines.find(({ name }) => name === 'read, 6.12')?.dashed, true);
});
