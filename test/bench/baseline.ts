/** Whether what was measured is dearer than what is committed in test/bench/baseline.json. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Result } from './report.ts';

const FILE = join(import.meta.dirname, 'baseline.json');
/** Of what is committed. */
const GROWTH_MAX = 0.05;
/** Less than one instruction, or event, is nothing. */
const LEAST = 1;

export type Known = { readonly value: number; readonly spread: number };
/** By the id of the row. */
export type KernelBaseline = Readonly<Record<string, Known>>;
export type Baseline = Readonly<Record<string, KernelBaseline>>;

/** - `unknown`: the row is new; - `gone`: it was not measured */
export type Change =
  | { readonly id: string; readonly kind: 'same' | 'better' | 'worse'; readonly was: number; readonly is: number }
  | { readonly id: string; readonly kind: 'unknown'; readonly is: number }
  | { readonly id: string; readonly kind: 'gone'; readonly was: number };

export function readBaseline(): Baseline {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Baseline;
}

/** Kernels that were not measured keep what they had. */
export function writeBaseline(of: Baseline): void {
  writeFileSync(FILE, `${JSON.stringify({ ...readBaseline(), ...of }, undefined, 2)}\n`);
}

/** Of the rows that this column has. */
export function baselineOf(results: readonly Result[], column: string): KernelBaseline {
  const entries = results.flatMap(({ id, columns }): [string, Known][] => {
    const measured = columns[column];
    return measured === undefined ? [] : [[id, { value: rounded(measured.value), spread: rounded(measured.spread) }]];
  });
  return Object.fromEntries(entries);
}

/** `asked`: rows that should have been measured. */
export function compare(before: KernelBaseline, after: KernelBaseline, asked: readonly string[]): readonly Change[] {
  return asked.flatMap((id): readonly Change[] => {
    const [was, is] = [before[id], after[id]];
    if (is === undefined) return was === undefined ? [] : [{ id, kind: 'gone', was: was.value }];
    if (was === undefined) return [{ id, kind: 'unknown', is: is.value }];
    return [{ id, kind: kindOf(was, is), was: was.value, is: is.value }];
  });
}

/** What differs by no more than the batches of either run do, does not differ. */
function kindOf(was: Known, is: Known): 'same' | 'better' | 'worse' {
  const room = Math.max(LEAST, GROWTH_MAX * was.value, was.spread, is.spread);
  if (is.value - was.value > room) return 'worse';
  return was.value - is.value > room ? 'better' : 'same';
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

export function changeText(change: Change): string {
  switch (change.kind) {
    case 'unknown':
      return `${change.id}: ${change.is}, which the baseline does not have`;
    case 'gone':
      return `${change.id}: not measured; it was ${change.was}`;
    default:
      return `${change.id}: ${change.kind}, ${change.was} -> ${change.is}`;
  }
}
