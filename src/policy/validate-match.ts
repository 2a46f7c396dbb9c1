/** One filter on an argument: which argument, which operator, which values. */
import type { Findings } from './findings.ts';
import { entryOf, itemsOf, type Located, scalarOf } from './located.ts';
import type { ArgumentMatch, ArgumentOperator, Spanned } from './model.ts';
import { operatorNamed, operatorsOf, socketFamilyOf } from './operators.ts';
import { insteadOf } from './unsupported.ts';
import type { ArgumentOwner, DeclaredArgument } from './validate-argument.ts';
import type { SelectorContext } from './validate-selector.ts';
import { argumentValues } from './values.ts';

/** An entry of matchArgs. */
export function argumentMatch(filter: Located, context: SelectorContext): ArgumentMatch | undefined {
  return matchOn(filter, context.declared, context);
}

/** An entry of matchReturnArgs, where the only argument is what the call returns. */
export function returnMatch(filter: Located, context: SelectorContext): ArgumentMatch | undefined {
  const { returned } = context;
  const match =
    returned === undefined ? undefined : matchOn(filter, [returned], { ...context, owner: 'returned value' });
  return match === undefined ? undefined : { ...match, argument: -1 };
}

type MatchContext = Pick<SelectorContext, 'owner' | 'lists' | 'findings'>;

function matchOn(
  filter: Located,
  declared: readonly DeclaredArgument[],
  context: MatchContext,
): ArgumentMatch | undefined {
  const { findings } = context;
  const operator = operatorOf(filter, findings);
  const argument = positionOf(filter, declared, context);
  const type = argument === undefined ? undefined : declared[argument]?.type;
  if (operator === undefined || argument === undefined || type === undefined) return undefined;
  const fitting = operatorsOf(type.value);
  if (!fitting.includes(operator.value)) {
    return findings.report('RF1304', operator.span, {
      operator: operator.value,
      type: type.value,
      operators: fitting.length === 0 ? 'no operator' : fitting.join(', '),
    });
  }
  const needsValues = socketFamilyOf(operator.value) !== 'privileged';
  if (needsValues && itemsOf(filter, 'values').length === 0) {
    return findings.report('RF1305', operator.span, { operator: operator.value });
  }
  return { argument, operator, values: argumentValues(filter, operator, type.value, context), span: filter.span };
}

function operatorOf(filter: Located, findings: Findings): Spanned<ArgumentOperator> | undefined {
  const written = scalarOf(filter, 'operator');
  if (written === undefined) return undefined;
  const { span } = written;
  const value = operatorNamed(written.written);
  if (value !== undefined) return { value, span };
  return findings.report('RF1203', span, {
    what: `the operator ${written.written}`,
    instead: insteadOf.argumentOperator,
  });
}

/** `args` counts in the list of the policy and wins; `index` is that of the argument of the hook. */
function positionOf(
  filter: Located,
  declared: readonly DeclaredArgument[],
  { owner, findings }: MatchContext,
): number | undefined {
  const positions = itemsOf(filter, 'args');
  if (positions.length > 1) {
    const operator = scalarOf(filter, 'operator')?.written ?? '';
    const span = entryOf(filter, 'args')?.key ?? filter.span;
    return findings.report('RF1303', span, { operator, count: positions.length });
  }
  const named = positions[0] ?? scalarOf(filter, 'index');
  const number = named?.kind === 'scalar' ? Number(named.value) : 0;
  const candidates = positions.length === 1 ? [number] : positionsMeant(number, declared, owner);
  const [position, other] = candidates.filter((candidate) => candidate >= 0 && candidate < declared.length);
  if (position !== undefined && other !== undefined) {
    return findings.report('RF1331', named?.span ?? filter.span, { index: number, first: position, second: other });
  }
  if (position !== undefined) return position;
  return findings.report('RF1302', named?.span ?? filter.span, {
    reference: positions.length === 1 ? `position ${number}` : `index ${number}`,
    declared: declared.length === 0 ? 'none' : `with index ${declared.map((each) => each.index.value).join(', ')}`,
  });
}

/** Policies for tracepoints write the index of the field, or the position in the list: the peer takes either. */
function positionsMeant(index: number, declared: readonly DeclaredArgument[], owner: ArgumentOwner): readonly number[] {
  const declaredAt = declared.findIndex((argument) => argument.index.value === index);
  if (owner !== 'tracepoint' && owner !== 'raw tracepoint') return [declaredAt];
  return declaredAt === index ? [index] : [declaredAt, index];
}
