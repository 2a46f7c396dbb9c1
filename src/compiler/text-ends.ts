/**
 * The first and the last bytes of the values of a text: few words, one of which a text must have to match. Of many
 * values fewer bytes are taken, so that there are few words of them.
 */
import type { Span } from '#diagnostics';
import type { BytesValue, TextOperator, TextTest } from './plan.ts';

/** Eight bytes as the machine loads them; those in the mask count. */
export type EndWord = { readonly value: bigint; readonly mask: bigint; readonly span: Span };

/** A text begins with one of `heads` and ends with one of `tails`; undefined: as it likes, but not both. */
export type Ends = {
  readonly heads: readonly EndWord[] | undefined;
  readonly tails: readonly EndWord[] | undefined;
};

type Side = keyof Ends;

const WORD_BYTES = 8;
const WORDS_MAX = 24;
/** Every path begins with the same byte. */
const BYTES_MIN: Readonly<Record<Side, number>> = { heads: 2, tails: 1 };
const SIDES: Readonly<Record<TextOperator, readonly Side[]>> = {
  equal: ['heads', 'tails'],
  prefix: ['heads'],
  postfix: ['tails'],
};

/** Undefined when a text that matches may begin and end with too much. */
export function endsOf(tests: readonly TextTest[]): readonly Ends[] | undefined {
  const all = Array.from(
    Map.groupBy(tests, ({ operator }) => operator),
    ([operator, own]): Ends => {
      const values = own.flatMap(({ values, listed = [] }) => [...values, ...listed]);
      const of = (side: Side) => (SIDES[operator].includes(side) ? wordsOf(values, operator, side) : undefined);
      return { heads: of('heads'), tails: of('tails') };
    },
  );
  return all.every(({ heads, tails }) => heads !== undefined || tails !== undefined) ? all : undefined;
}

function wordsOf(values: readonly BytesValue[], operator: TextOperator, side: Side): readonly EndWord[] | undefined {
  for (let bytes = WORD_BYTES; bytes >= BYTES_MIN[side]; bytes -= 1) {
    const words = new Map<string, EndWord>();
    for (const value of values) {
      const word = side === 'heads' ? headOf(value, operator, bytes) : tailOf(value, bytes);
      words.set(`${word.mask} ${word.value}`, word);
    }
    if (words.size <= WORDS_MAX) return [...words.values()];
  }
  return undefined;
}

/** Behind the end of a short text there are zeros. */
function headOf({ bytes, span }: BytesValue, operator: TextOperator, most: number): EndWord {
  const word = new Uint8Array(WORD_BYTES);
  word.set(bytes.subarray(0, most));
  const whole = operator === 'equal' && bytes.length < most;
  return { value: wordOf(word), mask: lowest(whole ? most : Math.min(most, bytes.length)), span };
}

function tailOf({ bytes, span }: BytesValue, most: number): EndWord {
  const word = new Uint8Array(WORD_BYTES);
  const used = Math.min(most, bytes.length);
  word.set(bytes.subarray(bytes.length - used), WORD_BYTES - used);
  return { value: wordOf(word), mask: BigInt.asUintN(64, ~lowest(WORD_BYTES - used)), span };
}

function wordOf(bytes: Uint8Array): bigint {
  return new DataView(bytes.buffer).getBigUint64(0, true);
}

function lowest(bytes: number): bigint {
  return BigInt.asUintN(64, (1n << BigInt(8 * bytes)) - 1n);
}
