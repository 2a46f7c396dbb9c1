/** From samples and figures to rows: what is added, beside what the least adds, and whether the limit is kept. */
import type { Condition, Measurement } from './measurement.ts';
import type { FigureRow, Row, WorkRow } from './rows.ts';
import type { SetName } from './sets.ts';
import { difference, type Summary, summarise } from './statistics.ts';
import { type Cell, table } from './table.ts';
import type { WorkName } from './works.ts';

/** A row is worth nothing when its batches are further apart than this part of its limit. */
const SPREAD_PART_MAX = 0.1;
/** Where the limit is nothing at all. */
const SPREAD_MIN = 1;

/** - `unsure`: its batches are too far apart to say */
export type Verdict = 'kept' | 'missed' | 'unsure' | 'told';

export type Result = {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** What the operation costs with no agent. */
  readonly alone?: number;
  /** Added by an empty program on the hook, and by a minimal one; medians. */
  readonly empty?: number;
  readonly minimal?: number;
  readonly columns: Readonly<Record<string, Measured>>;
  readonly limit?: number;
  readonly peer?: string;
};

/** What the clock of the work counts. */
export type Clock = 'instructions' | 'ns';

export type Measured = {
  readonly value: number;
  readonly spread: number;
  readonly verdict: Verdict;
  /** The batches are too far apart: the value is what the kernel's statistics of programs say. */
  readonly byPrograms?: true;
};

/** What was not measured is left out. Limits, and what the peer costs, are in instructions. */
export function resultsOf(
  rows: readonly Row[],
  columns: readonly string[],
  measurement: Measurement,
  clock: Clock = 'instructions',
): readonly Result[] {
  return rows
    .map((row) => (clock === 'ns' ? withoutLimit(row) : row))
    .map((row) =>
      row.kind === 'work'
        ? { ...workResult(row, columns, measurement), unit: clock }
        : figureResult(row, columns, measurement),
    )
    .filter(({ alone, columns: measured }) => alone !== undefined || Object.keys(measured).length > 0);
}

function withoutLimit(row: Row): Row {
  const { limit: _, peer: __, ...rest } = row;
  return rest;
}

function workResult(row: WorkRow, columns: readonly string[], measurement: Measurement): Result {
  const of = (condition: Condition, set?: SetName) => {
    const found = samplesOf(measurement, row.work, condition, set);
    return found === undefined ? undefined : summarise(found.costs);
  };
  const none = of('none');
  const added = (summary: Summary | undefined) =>
    none === undefined || summary === undefined ? undefined : difference(summary, none);
  const measured = columns.flatMap((column): [string, Measured][] => {
    const cost = added(of(`agent:${column}`, row.set));
    if (cost === undefined) return [];
    const inPrograms = samplesOf(measurement, row.work, `agent:${column}`, row.set)?.inPrograms;
    return [[column, measuredOf(cost, row.limit, inPrograms)]];
  });
  const floor = (condition: Condition) =>
    samplesOf(measurement, row.work, condition, undefined)?.inPrograms ?? added(of(condition))?.median;
  const [empty, minimal] = [floor('empty'), floor('minimal')];
  return {
    ...headOf(row, 'instructions'),
    ...(none === undefined ? {} : { alone: none.median }),
    ...(empty === undefined ? {} : { empty }),
    ...(minimal === undefined ? {} : { minimal }),
    columns: Object.fromEntries(measured),
  };
}

function figureResult(row: FigureRow, columns: readonly string[], { figures }: Measurement): Result {
  const measured = columns.flatMap((column): [string, Measured][] => {
    const found = figures.find((figure) => figure.column === column && figure.name === row.figure);
    if (found === undefined) return [];
    const { value } = found;
    return [[column, { value, spread: 0, verdict: verdictOf({ median: value, spread: 0 }, row.limit) }]];
  });
  return { ...headOf(row, row.unit), columns: Object.fromEntries(measured) };
}

function headOf({ id, title, limit, peer }: Row, unit: string) {
  return { id, title, unit, ...(limit === undefined ? {} : { limit }), ...(peer === undefined ? {} : { peer }) };
}

function measuredOf(cost: Summary, limit: number | undefined, inPrograms: number | undefined): Measured {
  const verdict = verdictOf(cost, limit);
  if (verdict !== 'unsure' || inPrograms === undefined) return { value: cost.median, spread: cost.spread, verdict };
  const told = { median: inPrograms, spread: 0 };
  return { value: inPrograms, spread: 0, verdict: verdictOf(told, limit), byPrograms: true };
}

function samplesOf({ samples }: Measurement, work: WorkName, condition: Condition, set: SetName | undefined) {
  return samples.find((each) => each.work === work && each.condition === condition && each.set === set);
}

function verdictOf({ median, spread }: Summary, limit: number | undefined): Verdict {
  if (limit === undefined) return 'told';
  const room = Math.max(SPREAD_MIN, limit * SPREAD_PART_MAX);
  if (spread > room) return 'unsure';
  return Math.round(median) <= limit ? 'kept' : 'missed';
}

const MARKS: Readonly<Record<Verdict, string>> = { kept: 'kept', missed: 'MISSED', unsure: 'spread', told: '' };

/** For people; the JSON has more. */
export function resultTable(results: readonly Result[], columns: readonly string[]): string {
  const head = [
    'added, in instructions unless said',
    'alone',
    'empty',
    'by hand',
    ...columns.flatMap((name) => [name, '±', '']),
  ];
  const rows = results.map((result): readonly Cell[] => [
    result.unit === 'instructions' ? result.title : `${result.title} (${result.unit})`,
    ...[result.alone, result.empty, result.minimal].map(numberCell),
    ...columns.flatMap((name): Cell[] => {
      const measured = result.columns[name];
      return measured === undefined
        ? ['', '', '']
        : [
            measured.value,
            measured.byPrograms ? 'programs' : numberCell(measured.spread || undefined),
            MARKS[measured.verdict],
          ];
    }),
    numberCell(result.limit),
    result.peer ?? '',
  ]);
  return table([...head, 'at most', 'peer'], rows);
}

function numberCell(value: number | undefined): Cell {
  return value ?? '';
}
