/** What a handful of batches says. */
import { assert, known } from '#std';

export type Summary = {
  readonly median: number;
  /** How far apart the batches of the middle half are. */
  readonly spread: number;
};

export function summarise(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: quantile(sorted, 0.5), spread: quantile(sorted, 0.75) - quantile(sorted, 0.25) };
}

/** Of both together: what is between them is no surer than either. */
export function difference(of: Summary, from: Summary): Summary {
  return { median: of.median - from.median, spread: of.spread + from.spread };
}

/** Between neighbours by the distance to each. */
function quantile(sorted: readonly number[], part: number): number {
  assert(sorted.length > 0, 'there is a batch');
  const position = (sorted.length - 1) * part;
  const [below, above] = [known(sorted[Math.floor(position)], 'batch'), known(sorted[Math.ceil(position)], 'batch')];
  return below + (above - below) * (position - Math.floor(position));
}
