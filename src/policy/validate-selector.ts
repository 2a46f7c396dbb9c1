/** One selector: which processes, which arguments, which actions. */
import type { Span } from '#diagnostics';
import type { Findings } from './findings.ts';
import { entryOf, itemsOf, type Located, scalarOf } from './located.ts';
import {
  type ArgumentMatch,
  type ArgumentOperator,
  type BinaryMatch,
  isIntegerType,
  type Selector,
  type Spanned,
} from './model.ts';
import { insteadOf, reportUnsupportedFields } from './unsupported.ts';
import { validateActions } from './validate-actions.ts';
import type { DeclaredArgument } from './validate-hook.ts';
import { argumentValues, binaryValues } from './values.ts';

/** What a hook without selectors means. */
export function postEverything(span: Span): Selector {
  return { label: undefined, span, binaries: undefined, arguments: [], actions: [{ kind: 'post', span }] };
}

export function validateSelector(
  selector: Located,
  declared: readonly DeclaredArgument[],
  findings: Findings,
): Selector {
  reportUnsupportedFields(selector, 'selector', findings);
  const binaries = itemsOf(selector, 'matchBinaries')[0];
  const filters = itemsOf(selector, 'matchArgs').map((filter) => argumentMatch(filter, declared, findings));
  return {
    label: scalarOf(selector, 'label')?.written,
    span: selector.span,
    binaries: binaries === undefined ? undefined : binaryMatch(binaries, findings),
    arguments: filters.filter((filter) => filter !== undefined),
    actions: validateActions(selector, findings),
  };
}

function binaryMatch(filter: Located, findings: Findings): BinaryMatch | undefined {
  reportUnsupportedFields(filter, 'binaryFilter', findings);
  const operator = scalarOf(filter, 'operator');
  if (operator === undefined) return undefined;
  const { value, span } = operator;
  if (value !== 'In' && value !== 'NotIn') {
    const what = `the operator ${operator.written} of matchBinaries`;
    return findings.report('RF1203', span, { what, instead: insteadOf.binaryOperator });
  }
  if (itemsOf(filter, 'values').length === 0) return findings.report('RF1305', span, { operator: value });
  return { operator: { value, span }, values: binaryValues(filter, findings), span: filter.span };
}

function argumentMatch(
  filter: Located,
  declared: readonly DeclaredArgument[],
  findings: Findings,
): ArgumentMatch | undefined {
  const operator = operatorOf(filter, findings);
  const position = positionOf(filter, declared, findings);
  const type = position === undefined ? undefined : declared[position]?.type;
  if (operator === undefined || position === undefined || type === undefined) return undefined;
  if (isIntegerType(type.value) && operator.value !== 'Equal') {
    return findings.report('RF1304', operator.span, {
      operator: operator.value,
      type: type.value,
      operators: 'Equal',
    });
  }
  if (itemsOf(filter, 'values').length === 0) {
    return findings.report('RF1305', operator.span, { operator: operator.value });
  }
  const values = argumentValues(filter, operator.value, type.value, findings);
  return { argument: position, operator, values, span: filter.span };
}

function operatorOf(filter: Located, findings: Findings): Spanned<ArgumentOperator> | undefined {
  const operator = scalarOf(filter, 'operator');
  if (operator === undefined) return undefined;
  const { value, span } = operator;
  if (value === 'Equal' || value === 'Prefix' || value === 'Postfix') return { value, span };
  const what = `the operator ${operator.written}`;
  return findings.report('RF1203', span, { what, instead: insteadOf.argumentOperator });
}

/** `args` counts in the list of the policy and wins; `index` is that of the argument of the hook. */
function positionOf(filter: Located, declared: readonly DeclaredArgument[], findings: Findings): number | undefined {
  const positions = itemsOf(filter, 'args');
  if (positions.length > 1) {
    const operator = scalarOf(filter, 'operator')?.written ?? '';
    const span = entryOf(filter, 'args')?.key ?? filter.span;
    return findings.report('RF1303', span, { operator, count: positions.length });
  }
  const named = positions[0] ?? scalarOf(filter, 'index');
  const number = named?.kind === 'scalar' ? Number(named.value) : 0;
  const position = positions.length === 1 ? number : declared.findIndex((argument) => argument.index.value === number);
  if (position >= 0 && position < declared.length) return position;
  return findings.report('RF1302', named?.span ?? filter.span, {
    reference: positions.length === 1 ? `position ${number}` : `index ${number}`,
    declared: declared.length === 0 ? 'none' : `with index ${declared.map((each) => each.index.value).join(', ')}`,
  });
}
