/** The values of a filter: of the kind that type and operator ask for, and no two equal. */
import type { Findings } from './findings.ts';
import { integerValue, isInteger, namedRange, rangeValue } from './integer-values.ts';
import { isListReference, type Lists } from './lists.ts';
import { itemsOf, type Located, type LocatedScalar } from './located.ts';
import { type ArgumentOperator, type ArgumentType, type ArgumentValue, isIntegerType, type Spanned } from './model.ts';
import { maskedNetwork, networkText, readNetwork } from './network-address.ts';
import { vocabularies } from './network-names.ts';
import { type OperatorFamily, socketFamilyOf } from './operators.ts';
import { type Impossible, withoutImpossible, withoutRepeats } from './possible-values.ts';
import { shorten } from './schema-errors.ts';
import { mayBePath, textValue } from './text-values.ts';

export type ValueContext = { readonly lists: Lists; readonly findings: Findings };

/** `values:` of a filter on an argument of `type`. */
export function argumentValues(
  filter: Located,
  operator: Spanned<ArgumentOperator>,
  type: ArgumentType,
  { lists, findings }: ValueContext,
): readonly ArgumentValue[] {
  const written = itemsOf(filter, 'values').filter((item) => item.kind === 'scalar');
  const family = socketFamilyOf(operator.value);
  if (family === 'privileged') return privilegedPorts(filter, operator, findings);
  if (isMembership(operator.value) && written.some((item) => isListReference(item.written))) {
    return lists.systemCalls(written, type, findings);
  }
  const read = (item: LocatedScalar): ArgumentValue | Impossible | undefined => {
    if (family !== undefined) return socketValue(item, family, findings);
    return ownValue(item, operator.value, type, findings);
  };
  const parsed = written.flatMap((item) => read(item) ?? []);
  const possible = withoutImpossible<ArgumentValue>(parsed, findings);
  const unlike = possible.find((value) => value.kind !== possible[0]?.kind);
  if (unlike !== undefined) findings.report('RF1316', unlike.span, { value: shorten(keyOf(unlike)) });
  return withoutRepeats(possible, keyOf, findings);
}

function keyOf(value: ArgumentValue): string {
  switch (value.kind) {
    case 'string':
      return value.text;
    case 'integer':
      return String(value.value);
    case 'range':
      return value.minimum === value.maximum ? String(value.minimum) : `${value.minimum}:${value.maximum}`;
    case 'address':
      return networkText(value);
    case 'syscall':
      return `${value.width === 32 ? 'i386/' : ''}sys_${value.name}`;
  }
}

function isMembership(operator: ArgumentOperator): boolean {
  return operator === 'InMap' || operator === 'NotInMap';
}

function ownValue(
  item: LocatedScalar,
  operator: ArgumentOperator,
  type: ArgumentType,
  findings: Findings,
): ArgumentValue | Impossible | undefined {
  const integer = isIntegerType(type) ? type : undefined;
  switch (operator) {
    case 'InRange':
    case 'NotInRange':
      return rangeValue(item, integer, findings);
    case 'InMap':
    case 'NotInMap':
      return rangeValue(item, integer, findings, operator);
    case 'GT':
    case 'LT':
    case 'Mask':
      return integerValue(item, integer, operator, findings);
    case 'Equal':
    case 'NotEqual':
      if (integer !== undefined) return integerValue(item, integer, operator, findings);
      if (type === 'auto' && !mayBePath(item.written)) {
        if (isInteger(item.written)) return integerValue(item, undefined, operator, findings);
        if (item.written !== '') return findings.report('RF1314', item.span, { value: shorten(item.written) });
      }
      return textValue(item, operator, type, findings);
    default:
      return textValue(item, operator, type, findings);
  }
}

function socketValue(item: LocatedScalar, family: OperatorFamily, findings: Findings): ArgumentValue | undefined {
  if (family === 'address' || family === 'privileged') return addressValue(item, findings);
  return namedRange(item, vocabularies[family], findings);
}

function addressValue(item: LocatedScalar, findings: Findings): ArgumentValue | undefined {
  const network = readNetwork(item.written);
  if (network === undefined) return findings.report('RF1323', item.span, { value: shorten(item.written) });
  const masked = maskedNetwork(network);
  const isSame = network.bytes.every((byte, position) => byte === masked.bytes[position]);
  if (!isSame) findings.report('RF1324', item.span, { value: item.written, network: networkText(masked) });
  return { kind: 'address', ...masked, span: item.span };
}

const privilegedPortMax = 1023n; // PROT_SOCK - 1, include/net/sock.h

function privilegedPorts(
  filter: Located,
  operator: Spanned<ArgumentOperator>,
  findings: Findings,
): readonly ArgumentValue[] {
  const surplus = itemsOf(filter, 'values')[0];
  if (surplus !== undefined) findings.report('RF1326', surplus.span, { operator: operator.value });
  return [{ kind: 'range', minimum: 0n, maximum: privilegedPortMax, span: operator.span }];
}
