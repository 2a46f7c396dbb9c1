/** What a test of a number asks, as a text: the same for tests that ask the same. */
import type { IntegerTest } from './plan.ts';

export function questionOf({ fact, shape: { bits, signed }, negated, how }: IntegerTest): string {
  return `${negated ? 'not ' : ''}${fact.number} as ${signed ? 'int' : 'uint'}${bits}: ${valuesOf(how)}`;
}

function valuesOf(how: IntegerTest['how']): string {
  switch (how.kind) {
    case 'ranges':
      return how.ranges.map(({ minimum, maximum }) => `${minimum}..${maximum}`).join(' ');
    case 'mask':
      return `& ${how.masks.map(({ value }) => value).join(' ')}`;
    case 'set':
      return `bit ${how.bit} of set ${how.set}`;
  }
}
