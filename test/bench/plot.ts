/** A picture of what an operation costs with more and more policies on its hook: lines in an SVG, written by hand. */
import type { Result } from './report.ts';
import type { WorkRow } from './rows.ts';
import type { CrowdName } from './sets.ts';
import type { WorkName } from './works.ts';

export const COUNTS = [0, 1, 5, 20, 50, 100] as const;

const WORKS: Readonly<Record<CrowdName, WorkName>> = { open: 'open-short', read: 'read', connect: 'connect' };

/** What has to be measured: each work with each number of policies on its hook. */
export function plotRows(): readonly WorkRow[] {
  return Object.entries(WORKS).flatMap(([group, work]) =>
    COUNTS.map((count): WorkRow => {
      const crowd = group as CrowdName;
      const title = `${crowd}, ${count} policies`;
      return { kind: 'work', id: pointName(crowd, count), group: crowd, work, set: `${crowd} x ${count}`, title };
    }),
  );
}

export const CROWD_NAMES = Object.keys(WORKS) as readonly CrowdName[];

export function pointName(crowd: CrowdName, count: number): string {
  return `${crowd} x ${count}`;
}

export type Point = { readonly x: number; readonly y: number };
export type Line = {
  readonly name: string;
  readonly points: readonly Point[];
  readonly colour: string;
  readonly dashed: boolean;
};

export type Plot = { readonly title: string; readonly x: string; readonly y: string; readonly lines: readonly Line[] };

/** By kernel a colour for each work; the second kernel is dashed. */
const COLOURS: Readonly<Record<CrowdName, string>> = { open: '#1f77b4', read: '#2ca02c', connect: '#d62728' };

type MeasuredKernel = { readonly kernel: string; readonly results: readonly Result[] };

export function linesOf(kernels: readonly MeasuredKernel[], column: string): Plot {
  const lines = kernels.flatMap(({ kernel, results }, index) =>
    CROWD_NAMES.map((crowd): Line => {
      const points = COUNTS.flatMap((count): Point[] => {
        const measured = results.find(({ id }) => id === pointName(crowd, count))?.columns[column];
        return measured === undefined ? [] : [{ x: count, y: measured.value }];
      });
      return { name: `${crowd}, ${kernel}`, points, colour: COLOURS[crowd], dashed: index > 0 };
    }),
  );
  const title = 'Instructions that policies add to an operation, when nothing matches';
  return { title, x: 'policies on the hook', y: 'instructions added', lines };
}

const WIDTH = 760;
const HEIGHT = 420;
const MARGIN = { left: 70, right: 170, top: 40, bottom: 50 };
const TICKS = 5;

/** Both axes begin at nothing. */
export function svgOf({ title, x, y, lines }: Plot): string {
  const points = lines.flatMap((line) => line.points);
  const most = {
    x: roundUp(Math.max(1, ...points.map((point) => point.x))),
    y: roundUp(Math.max(1, ...points.map((point) => point.y))),
  };
  const place = (point: Point): Point => ({
    x: MARGIN.left + (point.x / most.x) * (WIDTH - MARGIN.left - MARGIN.right),
    y: HEIGHT - MARGIN.bottom - (Math.max(0, point.y) / most.y) * (HEIGHT - MARGIN.top - MARGIN.bottom),
  });
  const [origin, end] = [place({ x: 0, y: 0 }), place(most)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text({ x: MARGIN.left, y: 22 }, title, 'start', 'font-size="14"'),
    ...ticks(most.y).flatMap((value) => {
      const at = place({ x: 0, y: value });
      return [
        `<path d="M${at.x} ${at.y.toFixed(1)}H${end.x}" stroke="#ddd"/>`,
        text({ x: at.x - 6, y: at.y + 4 }, value.toLocaleString('en'), 'end'),
      ];
    }),
    ...ticks(most.x).map((value) =>
      text({ x: place({ x: value, y: 0 }).x, y: origin.y + 18 }, String(value), 'middle'),
    ),
    `<path d="M${origin.x} ${end.y}V${origin.y}H${end.x}" fill="none" stroke="#444"/>`,
    text({ x: (origin.x + end.x) / 2, y: HEIGHT - 12 }, x, 'middle'),
    text({ x: 16, y: (origin.y + end.y) / 2 }, y, 'middle', `transform="rotate(-90 16 ${(origin.y + end.y) / 2})"`),
    ...lines.flatMap((line, index) => drawn(line, place, end.x + 14, MARGIN.top + 10 + index * 20)),
    '</svg>',
    '',
  ].join('\n');
}

function drawn(line: Line, place: (point: Point) => Point, legendX: number, legendY: number): readonly string[] {
  const stroke = `stroke="${line.colour}" stroke-width="2"${line.dashed ? ' stroke-dasharray="5 4"' : ''}`;
  const at = line.points.map(place);
  const path = at.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
  return [
    `<path d="${path}" fill="none" ${stroke}/>`,
    ...at.map(({ x, y }) => `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3" fill="${line.colour}"/>`),
    `<path d="M${legendX} ${legendY - 4}h24" ${stroke}/>`,
    text({ x: legendX + 30, y: legendY }, line.name, 'start'),
  ];
}

function ticks(most: number): readonly number[] {
  return Array.from({ length: TICKS + 1 }, (_, index) => (most * index) / TICKS);
}

/** To one, two or five with noughts. */
function roundUp(value: number): number {
  const unit = 10 ** Math.floor(Math.log10(value));
  return unit * ([1, 2, 5].find((each) => each * unit >= value) ?? 10);
}

function text({ x, y }: Point, content: string, anchor: 'start' | 'middle' | 'end', more = ''): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="#222" ${more}>${escaped}</text>`.replace(
    ' >',
    '>',
  );
}
