/** Paths, strings and buffers against the values of a filter: byte by byte, and as far as they are known. */
import type { StringValue } from './model.ts';
import { type Answer, answer, any } from './semantics-answer.ts';
import type { FileIdentity, ObservedText } from './semantics-observation.ts';

export type TextPart = 'whole' | 'start' | 'end';

/** Which part of a text the operator looks at. */
export function textPart(operator: string): TextPart {
  if (operator.endsWith('Prefix')) return 'start';
  return operator.endsWith('Postfix') ? 'end' : 'whole';
}

export type TextMatch = {
  readonly part: TextPart;
  readonly negated: boolean;
  readonly values: readonly StringValue[];
  /** The files that had the names of the values when the policy was loaded, where they count. */
  readonly identities: readonly FileIdentity[];
};

export function textAnswer(match: TextMatch, observed: ObservedText): Answer {
  const listed = any([
    ...match.identities.map((identity) => answer(isFile(identity, observed.identity))),
    ...match.values.map((value) => valueAnswer(value.bytes, match.part, observed)),
  ]);
  if (listed === 'unknown') return 'unknown';
  if (!match.negated) return listed;
  // There is no path of which to say that it is none of them. A string that is empty is a string.
  const isNothing = observed.kind === 'path' && observed.bytes.length === 0;
  return answer(listed === 'no' && !isNothing);
}

function isFile(expected: FileIdentity, observed: FileIdentity | undefined): boolean {
  return observed !== undefined && observed.device === expected.device && observed.inode === expected.inode;
}

function valueAnswer(value: Uint8Array, part: TextPart, { kind, bytes, truncated }: ObservedText): Answer {
  if (bytes === 'unreadable') return 'unknown';
  if (kind === 'path' && bytes.length === 0) return 'no';
  if (truncated && !isKnown(value, bytes, part, kind)) return 'unknown';
  switch (part) {
    case 'whole':
      return answer(!truncated && equal(bytes, value));
    case 'start':
      return answer(equal(bytes.subarray(0, value.length), value));
    case 'end':
      return answer(equal(bytes.subarray(Math.max(0, bytes.length - value.length)), value));
  }
}

/** Of a path that is too long the end is kept, of a string the beginning. All of it is longer than what is kept. */
function isKnown(value: Uint8Array, kept: Uint8Array, part: TextPart, kind: ObservedText['kind']): boolean {
  return value.length <= kept.length && (part === 'whole' || part === (kind === 'path' ? 'end' : 'start'));
}

export function equal(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, position) => byte === right[position]);
}
