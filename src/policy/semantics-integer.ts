/** Numbers against the values of a filter, in the width and signedness of their type. */
import type { ArgumentMatch, ArgumentOperator, ArgumentValue, IntegerShape, SyscallValue } from './model.ts';
import { type Answer, answer } from './semantics-answer.ts';

/** The number of a system call in the machine's table, as the type syscall64 has it; undefined when there is none. */
export type NumberOfSyscall = (call: SyscallValue) => bigint | undefined;

/** `register`: what is above the width of the type is not part of the number. */
export function integerAnswer(
  { operator, values }: ArgumentMatch,
  register: bigint,
  shape: IntegerShape,
  numberOf: NumberOfSyscall,
): Answer {
  const number = narrowed(register, shape);
  const negated = operator.value.startsWith('Not');
  const listed = values.some((value) => holds(operator.value, value, number, shape, numberOf));
  return answer(listed !== negated);
}

/** The number that the type sees. */
export function narrowed(register: bigint, { bits, signed }: IntegerShape): bigint {
  return signed ? BigInt.asIntN(bits, register) : BigInt.asUintN(bits, register);
}

function holds(
  operator: ArgumentOperator,
  value: ArgumentValue,
  number: bigint,
  shape: IntegerShape,
  numberOf: NumberOfSyscall,
): boolean {
  switch (value.kind) {
    case 'integer':
      return compares(operator, value.value, number, shape);
    case 'range':
      return value.minimum <= number && number <= value.maximum;
    case 'syscall':
      return numberOf(value) === number;
    default:
      throw new TypeError(`a ${value.kind} is no value of a number`);
  }
}

function compares(operator: ArgumentOperator, value: bigint, number: bigint, { bits }: IntegerShape): boolean {
  switch (operator) {
    case 'GT':
      return number > value;
    case 'LT':
      return number < value;
    case 'Mask':
      return (BigInt.asUintN(bits, number) & BigInt.asUintN(bits, value)) !== 0n;
    default:
      return number === value;
  }
}
