/** Filters of one selector that leave no value: it can never match. */
import type { Span } from '#diagnostics';
import { boundsOf } from './integer-values.ts';
import { complement, type Interval, type Intervals, intersection, union } from './intervals.ts';
import {
  type Argument,
  type ArgumentMatch,
  type ArgumentOperator,
  type ArgumentValue,
  isIntegerType,
  type Selector,
  type StringValue,
} from './model.ts';
import { vocabularies } from './network-names.ts';
import { isNegated, socketFamilyOf } from './operators.ts';

/** Where the first filter stands that leaves nothing to the others. */
export function contradictionIn(selector: Selector, declared: readonly Argument[]): Span | undefined {
  return contradictionOfNumbers(selector, declared) ?? contradictionOfTexts(selector);
}

/** All filters that look at the same number must leave something of it. */
function contradictionOfNumbers({ arguments: filters }: Selector, declared: readonly Argument[]): Span | undefined {
  const left = new Map<string, Intervals>();
  for (const filter of filters) {
    const all = everything(filter, declared[filter.argument]);
    const holds = intervalsOf(filter, all);
    if (holds === undefined) continue;
    const number = `${filter.argument} ${fieldOf(filter.operator.value)}`;
    const both = intersection(left.get(number) ?? [all], holds);
    if (both.length === 0) return filter.operator.span;
    left.set(number, both);
  }
  return undefined;
}

/** Which number of the argument: a socket has several. */
function fieldOf(operator: ArgumentOperator): string {
  const family = socketFamilyOf(operator);
  if (family !== 'port' && family !== 'privileged') return family ?? 'itself';
  return operator.replace(/^Not/, '').startsWith('S') ? 'source port' : 'destination port';
}

function everything(filter: ArgumentMatch, declared: Argument | undefined): Interval {
  const family = socketFamilyOf(filter.operator.value);
  if (family === undefined || family === 'address') {
    const type = declared?.type.value ?? 'auto';
    return boundsOf(isIntegerType(type) ? type : undefined);
  }
  const { minimum, maximum } = vocabularies[family === 'privileged' ? 'port' : family];
  return { minimum: BigInt(minimum), maximum: BigInt(maximum) };
}

/** The numbers that satisfy the filter; undefined where it is not about numbers in a row. */
function intervalsOf({ operator, values }: ArgumentMatch, all: Interval): Intervals | undefined {
  const intervals: Interval[] = [];
  for (const value of values) {
    const interval = intervalOf(value, operator.value, all);
    if (interval === undefined) return undefined;
    intervals.push(interval);
  }
  const any = union(intervals);
  return isNegated(operator.value) ? complement(any, all) : any;
}

function intervalOf(value: ArgumentValue, operator: ArgumentOperator, all: Interval): Interval | undefined {
  if (value.kind === 'range') return value;
  if (value.kind !== 'integer') return undefined;
  switch (operator) {
    case 'GT':
      return { minimum: value.value + 1n, maximum: all.maximum };
    case 'LT':
      return { minimum: all.minimum, maximum: value.value - 1n };
    case 'Equal':
    case 'NotEqual':
      return { minimum: value.value, maximum: value.value };
    default:
      return undefined;
  }
}

/** Value sets too large to be compared pair by pair get no warning: it is a courtesy, and must not cost seconds. */
const comparisonsMax = 1_000_000;

/** Of the texts of an Equal filter at least one must satisfy every other filter of the same argument. */
function contradictionOfTexts({ arguments: filters }: Selector): Span | undefined {
  for (const filter of filters) {
    const texts = textsOf(filter);
    if (filter.operator.value !== 'Equal' || texts.length === 0) continue;
    const others = filters.filter((other) => other !== filter && other.argument === filter.argument);
    const comparisons = others.reduce((sum, other) => sum + other.values.length, 0) * texts.length;
    if (comparisons > comparisonsMax) continue;
    if (!texts.some((text) => others.every((other) => accepts(other, text)))) return filter.operator.span;
  }
  return undefined;
}

function textsOf(filter: ArgumentMatch): readonly StringValue[] {
  return filter.values.filter((value) => value.kind === 'string');
}

function accepts(filter: ArgumentMatch, candidate: StringValue): boolean {
  const any = textsOf(filter).some((value) => satisfies(candidate.text, filter.operator.value, value.text));
  return isNegated(filter.operator.value) ? !any : any;
}

function satisfies(candidate: string, operator: ArgumentOperator, value: string): boolean {
  if (operator.endsWith('Prefix')) return candidate.startsWith(value);
  return operator.endsWith('Postfix') ? candidate.endsWith(value) : candidate === value;
}
