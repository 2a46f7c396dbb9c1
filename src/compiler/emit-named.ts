/** Whom a selector names, as the runtime is told; see kprobes/include/ringfence/critical.h. */
import { assertNever } from '#std';
import type { Named } from './plan.ts';

const NOBODY = 0;
const ALL = 1;
const LISTED = 2;

export function namesWord(names: Named): number {
  switch (names.kind) {
    case 'nobody':
      return NOBODY;
    case 'all':
      return ALL;
    case 'listed':
      return LISTED + names.bit;
    default:
      return assertNever(names);
  }
}
