/** The filters of a selector on one argument, or on what the call returned. */
import { known } from '#std';
import {
  type Argument,
  type ArgumentMatch,
  type Hook,
  type IntegerShape,
  integerTypes,
  isIntegerType,
  type Policy,
} from './model.ts';
import type { Answer } from './semantics-answer.ts';
import { integerAnswer, type NumberOfSyscall } from './semantics-integer.ts';
import type { FileIdentity, Observation, ObservedArgument, ObservedText } from './semantics-observation.ts';
import { socketAnswer } from './semantics-socket.ts';
import { type TextMatch, textAnswer, textPart } from './semantics-text.ts';

/** What the meaning of a policy takes from the machine. */
export type Machine = {
  /** The file that had a name when the policy was loaded; undefined when there was none. */
  readonly identityOf: (name: string) => FileIdentity | undefined;
  readonly numberOf: NumberOfSyscall;
};

/** An observation, and the hook that it is of. */
export type Case = {
  readonly policy: Policy;
  readonly hook: Hook;
  readonly observation: Observation;
  readonly machine: Machine;
};

const resultPosition = -1;

/** What could not be read is neither yes nor no. */
export function argumentAnswer(match: ArgumentMatch, at: Case): Answer {
  const isResult = match.argument === resultPosition;
  const observed = isResult ? at.observation.result : at.observation.arguments.get(match.argument);
  const declared = known(isResult ? returnArgumentOf(at.hook) : at.hook.arguments[match.argument], 'declared argument');
  return observed === undefined ? 'unknown' : observedAnswer(match, declared, observed, at);
}

function returnArgumentOf(hook: Hook): Argument | undefined {
  return hook.kind === 'kprobe' ? hook.returnArgument : undefined;
}

function observedAnswer(match: ArgumentMatch, declared: Argument, observed: ObservedArgument, at: Case): Answer {
  switch (observed.kind) {
    case 'integer':
      return integerAnswer(match, observed.value, observed.shape ?? shapeOf(declared), at.machine.numberOf);
    case 'path':
    case 'string':
      return textAnswer(textMatch(match, observed, at), observed);
    case 'socket':
      return socketAnswer(match, observed);
    case 'unreadable':
      return 'unknown';
    case 'credentials':
      throw new TypeError('credentials are not tested');
  }
}

function shapeOf({ type }: Argument): IntegerShape {
  if (!isIntegerType(type.value)) throw new TypeError(`${type.value} is no type of a number`);
  return integerTypes[type.value];
}

/** An Equal or NotEqual on a file means the file too, where the policy says so. */
function textMatch({ operator, values }: ArgumentMatch, observed: ObservedText, { policy, machine }: Case): TextMatch {
  const part = textPart(operator.value);
  const texts = values.filter((value) => value.kind === 'string');
  const byIdentity = policy.fileIdentity === 'inode' && part === 'whole' && observed.kind === 'path';
  const identities = byIdentity ? texts.flatMap(({ text }) => machine.identityOf(text) ?? []) : [];
  return { part, negated: operator.value.startsWith('Not'), values: texts, identities };
}
