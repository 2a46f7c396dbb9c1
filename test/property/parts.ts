/** Parsed policies on a place as the compiler takes them: what resolving against a kernel would have found. */

import type { Phase, ResolvedArgument, ResolvedPart, ResolvedPolicy, SocketReader, TextReader } from '#compiler';
import {
  type Argument,
  type ArgumentType,
  type Hook,
  type IntegerShape,
  integerTypes,
  isIntegerType,
  type Policy,
} from '#policy';
import { known } from '#std';
import { type Parameter, type Place, seenShape } from './place.ts';

/** The hook at hand is the last one of its policy. */
export function hookOf(policy: Policy): Hook {
  return known(policy.hooks.at(-1), 'hook');
}

export function entryOf(policy: Policy): number {
  return policy.hooks.length - 1;
}

/** `guard`: only a call of this system call is meant. */
export function resolvedPolicy(
  policy: Policy,
  slot: number,
  place: Place,
  phase: Phase,
  guard: bigint | undefined,
): ResolvedPolicy {
  const hook = hookOf(policy);
  const part: ResolvedPart = {
    hook,
    entry: entryOf(policy),
    point: { kind: 'test' },
    phase,
    denies: place.denies,
    guard,
    arguments: hook.arguments.map((declared) => resolvedArgument(declared, place)),
    result: phase === 'entry' ? undefined : resultOf(hook, place),
  };
  return { policy, slot, parts: [part] };
}

function resolvedArgument(declared: Argument, place: Place): ResolvedArgument | undefined {
  if (declared.type.value === 'nop') return undefined;
  const index = declared.index.value;
  const source = { kind: 'context', index } as const;
  const parameter = known(place.parameters[index], 'parameter');
  return { declared, source, type: declared.type.value, ...readingOf(declared.type.value, parameter) };
}

/** The first parameter is the length of all that has one. */
const size = { source: { kind: 'context', index: 0 }, shape: { bits: 64, signed: true } } as const;

function readingOf(declared: ArgumentType, parameter: Parameter): Pick<ResolvedArgument, 'value' | 'told'> {
  switch (parameter.kind) {
    case 'integer':
      return { value: { kind: 'integer', ...seenShape(declared, parameter.shape) }, told: 'integer' };
    case 'path':
      return { value: textOf(pathReaders[parameter.type], true), told: 'path' };
    case 'string':
      return parameter.type === 'char_buf'
        ? { value: { ...textOf('bytes', false), size }, told: 'bytes' }
        : { value: textOf(parameter.type, false), told: 'string' };
    case 'socket': {
      const reader: SocketReader = parameter.type;
      const length = parameter.type === 'sockaddr' ? size : undefined;
      return { value: { kind: 'socket', reader, size: length }, told: 'socket' };
    }
    case 'credentials':
      return { value: { kind: 'credentials' }, told: 'credentials' };
  }
}

const pathReaders = { file: 'file', path: 'path', dentry: 'dentry', fd: 'fd', linux_binprm: 'binprm' } as const;

function textOf(reader: TextReader, isPath: boolean) {
  return { kind: 'text', reader, isPath, size: undefined } as const;
}

function resultOf(hook: Hook, { parameters }: Place): ResolvedArgument | undefined {
  const declared = hook.kind === 'kprobe' ? hook.returnArgument : undefined;
  if (declared === undefined || !isIntegerType(declared.type.value)) return undefined;
  const source = { kind: 'result', index: parameters.length } as const;
  const shape: IntegerShape = integerTypes[declared.type.value];
  return { declared, source, told: 'integer', type: declared.type.value, value: { kind: 'integer', ...shape } };
}
