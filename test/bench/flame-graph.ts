/** A flame graph: a box for each function, as wide as the time in it and in what it called, above the one that called it. */
import type { FoldedStack } from './cpu-profile.ts';

type Box = { readonly name: string; micros: number; readonly inner: Map<string, Box> };

const WIDTH = 1_200;
const ROW = 16;
const TOP = 34;
const LETTER = 6.4;
/** Narrower ones say nothing to the eye. */
const NARROWEST = 0.5;
/** So narrow that no letter fits in: no text. */
const NARROWEST_NAMED = 3 * LETTER;

export function flameGraph(title: string, stacks: readonly FoldedStack[]): string {
  const root = grown(stacks);
  const scale = root.micros === 0 ? 0 : WIDTH / root.micros;
  const rows = depthOf(root, scale);
  const height = TOP + rows * ROW + 4;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="monospace" font-size="11">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="8" y="20" font-size="14" font-family="sans-serif" fill="#222">${escaped(title)}</text>`,
    ...drawn(root, { x: 0, row: 0 }, { scale, bottom: height - 4, total: root.micros }),
    '</svg>',
    '',
  ].join('\n');
}

function grown(stacks: readonly FoldedStack[]): Box {
  const root: Box = { name: 'all', micros: 0, inner: new Map() };
  for (const { frames, micros } of stacks) {
    let box = root;
    box.micros += micros;
    for (const name of frames) {
      const inner: Box = box.inner.get(name) ?? { name, micros: 0, inner: new Map() };
      box.inner.set(name, inner);
      inner.micros += micros;
      box = inner;
    }
  }
  return root;
}

function depthOf(box: Box, scale: number): number {
  const wide = [...box.inner.values()].filter(({ micros }) => micros * scale >= NARROWEST);
  return 1 + Math.max(0, ...wide.map((inner) => depthOf(inner, scale)));
}

type Canvas = { readonly scale: number; readonly bottom: number; readonly total: number };

function drawn(box: Box, at: { readonly x: number; readonly row: number }, canvas: Canvas): readonly string[] {
  const { scale, bottom, total } = canvas;
  const width = box.micros * scale;
  if (width < NARROWEST) return [];
  const y = bottom - (at.row + 1) * ROW;
  const percent = ((100 * box.micros) / total).toFixed(1);
  const lines = [
    `<g><title>${escaped(box.name)}: ${percent} %</title>`,
    `<rect x="${at.x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 1}" fill="${colourOf(box.name)}"/>`,
  ];
  if (width >= NARROWEST_NAMED) {
    const letters = Math.floor((width - 4) / LETTER);
    lines.push(
      `<text x="${(at.x + 2).toFixed(1)}" y="${y + 11}" fill="#222">${escaped(box.name.slice(0, letters))}</text>`,
    );
  }
  lines.push('</g>');
  let { x } = at;
  for (const inner of [...box.inner.values()].sort((left, right) => (left.name < right.name ? -1 : 1))) {
    lines.push(...drawn(inner, { x, row: at.row + 1 }, canvas));
    x += inner.micros * scale;
  }
  return lines;
}

/** The same for the same name, in every picture; what is the engine's own is grey. */
function colourOf(name: string): string {
  if (name.startsWith('(')) return '#ccc';
  let hash = 0;
  for (const character of name) hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) >>> 0;
  return `hsl(${10 + (hash % 45)} 85% ${62 + (hash % 13)}%)`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
