/** Sets of numbers as ranges, and ranges as the prefixes of a trie. */
import type { IntegerShape } from '#policy';
import type { Range } from './plan.ts';

export type Bounds = { readonly minimum: bigint; readonly maximum: bigint };

/** What a value of this shape can be. */
export function boundsOf({ bits, signed }: IntegerShape): Bounds {
  const width = BigInt(bits);
  if (signed) return { minimum: -(2n ** (width - 1n)), maximum: 2n ** (width - 1n) - 1n };
  return { minimum: 0n, maximum: 2n ** width - 1n };
}

/** Sorted, within the bounds, none touching the next. The span of a range that takes in others is its first one's. */
export function disjoint(ranges: readonly Range[], bounds: Bounds): readonly Range[] {
  const inside = ranges
    .map(({ minimum, maximum, span }) => ({
      minimum: within(minimum, bounds),
      maximum: within(maximum, bounds),
      outside: minimum > bounds.maximum || maximum < bounds.minimum || minimum > maximum,
      span,
    }))
    .filter(({ outside }) => !outside)
    .map(({ minimum, maximum, span }) => ({ minimum, maximum, span }))
    .sort((a, b) => (a.minimum < b.minimum ? -1 : a.minimum > b.minimum ? 1 : 0));
  const merged: Range[] = [];
  for (const range of inside) {
    const last = merged.at(-1);
    if (last === undefined || range.minimum > last.maximum + 1n) merged.push(range);
    else if (range.maximum > last.maximum) merged[merged.length - 1] = { ...last, maximum: range.maximum };
  }
  return merged;
}

function within(value: bigint, { minimum, maximum }: Bounds): bigint {
  if (value < minimum) return minimum;
  return value > maximum ? maximum : value;
}

/** The fewest prefixes of 64-bit numbers that together are the range: at most 126. */
export function prefixesOf({ minimum, maximum }: Bounds): readonly { readonly value: bigint; readonly bits: number }[] {
  const prefixes: { readonly value: bigint; readonly bits: number }[] = [];
  let at = minimum;
  while (at <= maximum) {
    let free = at === 0n ? 64 : trailingZeroes(at);
    while (at + (1n << BigInt(free)) - 1n > maximum) free -= 1;
    prefixes.push({ value: at, bits: 64 - free });
    at += 1n << BigInt(free);
  }
  return prefixes;
}

function trailingZeroes(value: bigint): number {
  let zeroes = 0;
  while ((value >> BigInt(zeroes)) % 2n === 0n) zeroes += 1;
  return zeroes;
}

/** Eight bytes in network order whose order is that of the numbers: the sign bit of signed ones is turned over. */
export function orderedKey(value: bigint, signed: boolean): bigint {
  return BigInt.asUintN(64, signed ? value ^ (1n << 63n) : value);
}
