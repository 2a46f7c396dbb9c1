/** Which operators test an argument of which type. */
import {
  type ArgumentOperator,
  type ArgumentType,
  addressOperators,
  integerOperators,
  isIntegerType,
  isPathType,
  isStringType,
  portOperators,
  socketOperators,
  textOperators,
} from './model.ts';

const spellings: Readonly<Record<string, ArgumentOperator>> = { GreaterThan: 'GT', LessThan: 'LT' };

const known = new Set<string>([...integerOperators, ...textOperators, ...socketOperators]);

/** Undefined for one that the language has and Ringfence does not do yet. */
export function operatorNamed(written: string): ArgumentOperator | undefined {
  const name = Object.hasOwn(spellings, written) ? spellings[written] : written;
  return name !== undefined && isOperator(name) ? name : undefined;
}

function isOperator(name: string): name is ArgumentOperator {
  return known.has(name);
}

/** The address that a sockaddr holds is its source; it has no state, and names no protocol. */
const sockaddrOperators = ['SAddr', 'NotSAddr', 'SPort', 'NotSPort', 'SPortPriv', 'NotSportPriv', 'Family'] as const;
/** A packet has no state. */
const packetOperators = [...addressOperators, ...portOperators, 'Protocol', 'Family'] as const;

/** What `auto` turns out to be is known later: the compiler judges it. */
export function operatorsOf(type: ArgumentType): readonly ArgumentOperator[] {
  if (type === 'auto') return [...new Set([...integerOperators, ...textOperators, ...socketOperators])];
  if (isIntegerType(type)) return integerOperators;
  if (isPathType(type) || isStringType(type)) return textOperators;
  switch (type) {
    case 'sock':
      return socketOperators;
    case 'skb':
      return packetOperators;
    case 'sockaddr':
      return sockaddrOperators;
    case 'cred':
    case 'nop':
      return [];
  }
}

export type OperatorFamily = 'address' | 'port' | 'privileged' | 'protocol' | 'family' | 'state';

/** What the values of an operator on sockets are; undefined for the others. */
export function socketFamilyOf(operator: ArgumentOperator): OperatorFamily | undefined {
  switch (operator) {
    case 'SAddr':
    case 'DAddr':
    case 'NotSAddr':
    case 'NotDAddr':
      return 'address';
    case 'SPort':
    case 'DPort':
    case 'NotSPort':
    case 'NotDPort':
      return 'port';
    case 'SPortPriv':
    case 'NotSportPriv':
    case 'DPortPriv':
    case 'NotDPortPriv':
      return 'privileged';
    case 'Protocol':
      return 'protocol';
    case 'Family':
      return 'family';
    case 'State':
      return 'state';
    default:
      return undefined;
  }
}

/** Holds when none of the values does. */
export function isNegated(operator: ArgumentOperator): boolean {
  return operator.startsWith('Not');
}
