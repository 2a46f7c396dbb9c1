/** Sets of integers as intervals: in order, none touching the next. */

export type Interval = { readonly minimum: bigint; readonly maximum: bigint };
export type Intervals = readonly Interval[];

export function union(intervals: Intervals): Intervals {
  const joined: Interval[] = [];
  for (const next of intervals.toSorted((a, b) => (a.minimum < b.minimum ? -1 : a.minimum > b.minimum ? 1 : 0))) {
    const last = joined.at(-1);
    if (last === undefined || next.minimum > last.maximum + 1n) joined.push(next);
    else if (next.maximum > last.maximum) joined[joined.length - 1] = { minimum: last.minimum, maximum: next.maximum };
  }
  return joined;
}

/** What of `all` is not in `intervals`, which are in order. */
export function complement(intervals: Intervals, all: Interval): Intervals {
  const gaps: Interval[] = [];
  let from = all.minimum;
  for (const { minimum, maximum } of intervals) {
    if (minimum > from) gaps.push({ minimum: from, maximum: minimum - 1n });
    if (maximum >= from) from = maximum + 1n;
  }
  if (from <= all.maximum) gaps.push({ minimum: from, maximum: all.maximum });
  return gaps;
}

export function intersection(left: Intervals, right: Intervals): Intervals {
  const common: Interval[] = [];
  for (let l = 0, r = 0; ; ) {
    const a = left[l];
    const b = right[r];
    if (a === undefined || b === undefined) return common;
    const startsLater = a.minimum > b.minimum ? a : b;
    const endsEarlier = a.maximum < b.maximum ? a : b;
    if (startsLater.minimum <= endsEarlier.maximum) {
      common.push({ minimum: startsLater.minimum, maximum: endsEarlier.maximum });
    }
    if (endsEarlier === a) l += 1;
    else r += 1;
  }
}
