/** Fits what a policy declares of an argument to what the hook passes: where its value is, how it is read, how wide it is. */
import { type Diagnostic, diagnostic } from '#diagnostics';
import { type Argument, type ArgumentType, type IntegerShape, integerTypes, isIntegerType } from '#policy';
import type { SocketReader, Source, TextReader, ToldKind } from './plan.ts';
import type { KernelObject, Passed, Slot } from './resolve-passed.ts';
import type { Length, ResolvedArgument } from './resolved.ts';

export type Value = ResolvedArgument['value'];

/** What a hook passes, and what it is called in a sentence. */
export type Parameters = {
  readonly hook: string;
  readonly slots: readonly Slot[];
  /** Which numbers of the hook are those of system calls, by position; they can be declared as syscall64. */
  readonly syscallNumbers?: readonly number[];
};

/** One for each argument, in order, undefined for one of type `nop`; nothing at all when a diagnostic says why not. */
export function resolveArguments(
  declared: readonly Argument[],
  parameters: Parameters,
  diagnostics: Diagnostic[],
): readonly (ResolvedArgument | undefined)[] | undefined {
  let complete = true;
  const resolved = declared.map((argument) => {
    if (argument.type.value === 'nop') return undefined;
    const found = resolveArgument(argument, parameters, diagnostics);
    if (found === undefined) complete = false;
    return found;
  });
  return complete ? resolved : undefined;
}

export function resolveArgument(
  declared: Argument,
  parameters: Parameters,
  diagnostics: Diagnostic[],
): ResolvedArgument | undefined {
  const index = declared.index.value;
  const slot = parameters.slots[index];
  if (slot === undefined) {
    const has = parameters.slots.map((each, at) => `${at} ${each.declaration}`).join(', ') || 'none';
    diagnostics.push(diagnostic('RF2003', declared.index.span, { hook: parameters.hook, index, has }));
    return undefined;
  }
  if (slot.source === undefined) {
    diagnostics.push(diagnostic('RF2018', declared.index.span, { hook: parameters.hook, index }));
    return undefined;
  }
  if (declared.type.value === 'syscall64' && parameters.syscallNumbers?.includes(index) === true) {
    const source: Source = { kind: 'syscall64', of: slot.source };
    return {
      declared,
      source,
      told: 'integer',
      type: 'syscall64',
      value: { kind: 'integer', ...integerTypes.syscall64 },
    };
  }
  const type = declared.type.value === 'auto' ? typeOf(slot.passed) : declared.type.value;
  const value = type === undefined ? undefined : fit(type, slot, declared, parameters, diagnostics);
  if (value === 'refused') return undefined;
  if (type !== undefined && value !== undefined) {
    return { declared, source: slot.source, told: toldOf(value), type, value };
  }
  const fits = typeOf(slot.passed);
  const common = { hook: parameters.hook, index, wanted: declared.type.value, declaration: slot.declaration };
  diagnostics.push(
    fits === undefined
      ? diagnostic('RF2005', declared.type.span, common)
      : diagnostic('RF2004', declared.type.span, { ...common, fits }),
  );
  return undefined;
}

const OBJECT_TYPES: Readonly<Record<KernelObject, ArgumentType>> = {
  file: 'file',
  path: 'path',
  dentry: 'dentry',
  linux_binprm: 'linux_binprm',
  sock: 'sock',
  socket: 'sock',
  sk_buff: 'skb',
  cred: 'cred',
  filename: 'filename',
};

/** What `auto` stands for. */
function typeOf(passed: Passed): ArgumentType | undefined {
  switch (passed.kind) {
    case 'integer':
      return integerName(passed.shape);
    case 'object':
      return OBJECT_TYPES[passed.object];
    case 'sockaddr':
    case 'message':
      return 'sockaddr';
    case 'characters':
      return 'string';
    default:
      return undefined;
  }
}

function integerName({ bits, signed }: IntegerShape): ArgumentType {
  return `${signed ? 'int' : 'uint'}${bits}`;
}

/** Undefined when the type is not one for what is passed; `refused` when a diagnostic has said more. */
function fit(
  type: ArgumentType,
  slot: Slot,
  declared: Argument,
  parameters: Parameters,
  diagnostics: Diagnostic[],
): Value | 'refused' | undefined {
  const { passed } = slot;
  if (type === 'syscall64') return undefined;
  if (isIntegerType(type)) return integerValue(integerTypes[type], passed);
  switch (type) {
    case 'fd':
      return accepts(passed, 'integer') ? text('fd', true) : undefined;
    case 'string':
      return accepts(passed, 'characters') ? text(isUser(passed) ? 'string_user' : 'string', false) : undefined;
    case 'char_buf': {
      if (!accepts(passed, 'characters') && passed.kind !== 'address') return undefined;
      const size = bufferSize(declared, parameters, diagnostics);
      return size === undefined ? 'refused' : text(isUser(passed) ? 'bytes_user' : 'bytes', false, size);
    }
    case 'sockaddr': {
      if (passed.kind === 'message') return messageValue(declared, parameters, diagnostics);
      if (!accepts(passed, 'sockaddr')) return undefined;
      const size = addressSize(declared, parameters, diagnostics);
      if (size === undefined) return 'refused';
      return { kind: 'socket', reader: isUser(passed) ? 'sockaddr_user' : 'sockaddr', size };
    }
    default:
      return objectValue(type, passed);
  }
}

/** The length of a socket address that a process passes is known of a few system calls only; see their slots. */
function accepts(passed: Passed, kind: 'integer' | 'characters' | 'sockaddr'): boolean {
  return passed.kind === kind || (passed.kind === 'unknown' && !(passed.user && kind === 'sockaddr'));
}

function isUser(passed: Passed): boolean {
  return 'user' in passed && passed.user;
}

function text(reader: TextReader, isPath: boolean, size?: Length): Value {
  return { kind: 'text', reader, isPath, size };
}

/**
 * A wider declaration than what the kernel passes would read garbage above it: a wider signed one
 * holds all values of what is passed unsigned, so these have no sign. An address that a process passes is a
 * number too; addresses of the kernel are nobody's business.
 */
function integerValue(declared: IntegerShape, passed: Passed): Value | undefined {
  if (passed.kind === 'unknown') return { kind: 'integer', ...declared };
  if (passed.kind !== 'integer')
    return isUser(passed) && declared.bits === 64 ? { kind: 'integer', ...declared } : undefined;
  if (declared.bits < passed.shape.bits) return { kind: 'integer', ...declared };
  const { bits, signed } = passed.shape;
  return { kind: 'integer', bits, signed: declared.signed && (signed || declared.bits === bits) };
}

const TEXT_READERS: Readonly<Partial<Record<KernelObject, TextReader>>> = {
  file: 'file',
  path: 'path',
  dentry: 'dentry',
  linux_binprm: 'binprm',
  filename: 'filename',
};

const SOCKET_READERS: Readonly<Partial<Record<KernelObject, SocketReader>>> = {
  sock: 'sock',
  socket: 'socket',
  sk_buff: 'skb',
};

/** Where nothing is known of the argument, `sock` is a struct sock. */
const DECLARED_OBJECTS: Readonly<Partial<Record<ArgumentType, KernelObject>>> = {
  file: 'file',
  path: 'path',
  dentry: 'dentry',
  linux_binprm: 'linux_binprm',
  filename: 'filename',
  sock: 'sock',
  skb: 'sk_buff',
  cred: 'cred',
};

function objectValue(type: ArgumentType, passed: Passed): Value | undefined {
  const believed = (passed.kind === 'unknown' || passed.kind === 'address') && !passed.user;
  const object = believed ? DECLARED_OBJECTS[type] : passed.kind === 'object' ? passed.object : undefined;
  if (object === undefined || OBJECT_TYPES[object] !== type) return undefined;
  if (object === 'cred') return { kind: 'credentials' };
  const reader = TEXT_READERS[object];
  if (reader !== undefined) return text(reader, object !== 'filename');
  const socket = SOCKET_READERS[object];
  return socket === undefined ? undefined : { kind: 'socket', reader: socket, size: undefined };
}

function bufferSize(declared: Argument, parameters: Parameters, diagnostics: Diagnostic[]): Length | undefined {
  const { sizeIndex } = declared;
  const slot = sizeIndex === undefined ? undefined : parameters.slots[sizeIndex.value];
  if (slot?.source !== undefined && accepts(slot.passed, 'integer')) {
    return { source: slot.source, shape: slot.passed.kind === 'integer' ? slot.passed.shape : wholeRegister };
  }
  diagnostics.push(
    diagnostic('RF2019', sizeIndex?.span ?? declared.type.span, {
      hook: parameters.hook,
      index: declared.index.value,
      type: 'char_buf',
      size: sizeIndex === undefined ? 'none is named' : `argument ${sizeIndex.value} is no number that it passes`,
    }),
  );
  return undefined;
}

/** Where nothing is known of a length. */
const wholeRegister: IntegerShape = { bits: 64, signed: true };

/** Of a socket address: its readers take an int out of the register, as the kernel does everywhere. */
export function addressLength(source: Source): Length {
  return { source, shape: wholeRegister };
}

/** Wherever the kernel passes a socket address it passes its length next. */
function addressSize(declared: Argument, parameters: Parameters, diagnostics: Diagnostic[]): Length | undefined {
  const index = declared.index.value;
  const next = parameters.slots[index + 1];
  if (next?.source !== undefined && accepts(next.passed, 'integer')) return addressLength(next.source);
  diagnostics.push(
    diagnostic('RF2019', declared.type.span, {
      hook: parameters.hook,
      index,
      type: 'sockaddr',
      size: `argument ${index + 1} is no number that it passes`,
    }),
  );
  return undefined;
}

/** Wherever the kernel passes a message it passes the socket before: without a name the data goes to its other end. */
function messageValue(declared: Argument, parameters: Parameters, diagnostics: Diagnostic[]): Value | 'refused' {
  const index = declared.index.value;
  const { source, passed } = parameters.slots[index - 1] ?? {};
  const object = passed?.kind === 'object' ? passed.object : undefined;
  if (source !== undefined && (object === 'sock' || object === 'socket')) {
    return { kind: 'socket', reader: `msghdr_${object}`, size: { source, shape: wholeRegister } };
  }
  diagnostics.push(diagnostic('RF2028', declared.type.span, { hook: parameters.hook, index }));
  return 'refused';
}

function toldOf(value: Value): ToldKind {
  switch (value.kind) {
    case 'integer':
      return 'integer';
    case 'socket':
      return 'socket';
    case 'credentials':
      return 'credentials';
    case 'text':
      if (value.isPath) return 'path';
      return value.reader === 'bytes' || value.reader === 'bytes_user' ? 'bytes' : 'string';
  }
}
