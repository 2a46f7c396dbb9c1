/** What a hook passes, parameter by parameter: from BTF, from a tracepoint's format, or not known at all. */
import type { BtfView } from '#bpf';
import { type IntegerShape, integerTypes } from '#policy';
import type { BtfTypeId } from '#std';
import type { Source } from './plan.ts';

/** `user`: what it points to is in the memory of the process. */
export type Passed =
  | { readonly kind: 'integer'; readonly shape: IntegerShape }
  | { readonly kind: 'object'; readonly object: KernelObject }
  | { readonly kind: 'sockaddr'; readonly user: boolean }
  /** A struct msghdr of the kernel's: what is sent, and to whom. */
  | { readonly kind: 'message' }
  | { readonly kind: 'characters'; readonly user: boolean }
  | { readonly kind: 'address'; readonly user: boolean }
  /** A register whose type nobody knows: what the policy declares is believed, but a process passes no kernel objects. */
  | { readonly kind: 'unknown'; readonly user: boolean }
  /** `user`: an address in the memory of the process, of something that is not read. */
  | { readonly kind: 'other'; readonly user: boolean };

/** Objects that the runtime can read, by the name of their struct. */
export const KERNEL_OBJECTS = [
  'file',
  'path',
  'dentry',
  'linux_binprm',
  'sock',
  'socket',
  'sk_buff',
  'cred',
  'filename',
] as const;
export type KernelObject = (typeof KERNEL_OBJECTS)[number];

export function kernelObject(struct: string): KernelObject | undefined {
  return KERNEL_OBJECTS.find((object) => object === struct);
}

/** One parameter of a hook; `source` is undefined when no program can get at it. */
export type Slot = {
  /** As C declares it. */
  readonly declaration: string;
  readonly name: string;
  readonly passed: Passed;
  readonly source: Source | undefined;
};

/** A socket address by any of these, all of which begin with the family. */
export const SOCKET_ADDRESSES: readonly string[] = [
  'sockaddr',
  'sockaddr_storage',
  'sockaddr_in',
  'sockaddr_in6',
  'sockaddr_unsized',
];

const MESSAGE = 'msghdr';

export type Prototype = {
  readonly slots: readonly Slot[];
  /** Registers that the parameters take; one is passed by value in two when it is a struct of more than 8 bytes. */
  readonly words: number;
  readonly result: BtfTypeId;
  /** A parameter that no trampoline passes (a large struct, a union, dots), or a result that none returns. */
  readonly odd: boolean;
};

export type PrototypeOptions = {
  /** Parameters at the start that programs are not given. */
  readonly skip?: number;
  readonly from: 'context' | 'register';
  /** How many words can be read. */
  readonly limit: number;
  /** Positions of pointers into user memory, where BTF does not say it. */
  readonly userPointers?: readonly number[];
};

const WORD_BYTES = 8;

/** Of a `func` or `func_proto`. */
export function prototypeOf(btf: BtfView, id: BtfTypeId, options: PrototypeOptions): Prototype {
  const result = btf.functionReturn(id);
  const slots: Slot[] = [];
  let words = 0;
  let odd = !['void', 'int', 'enum', 'enum64', 'ptr'].includes(btf.type(btf.skipModifiers(result)).kind);
  for (const [position, { name, typeId }] of btf
    .functionParameters(id)
    .slice(options.skip ?? 0)
    .entries()) {
    const type = btf.type(btf.skipModifiers(typeId));
    const taken = type.kind === 'struct' ? Math.ceil(type.size / WORD_BYTES) : 1;
    odd ||= taken > 2 || !['int', 'enum', 'enum64', 'ptr', 'struct'].includes(type.kind);
    const user = options.userPointers?.includes(position) ?? false;
    slots.push({
      declaration: declare(btf.describe(typeId), name),
      name,
      passed: passedBy(btf, typeId, user),
      source: words < options.limit ? { kind: options.from, index: words } : undefined,
    });
    words += taken;
  }
  return { slots, words, result, odd };
}

export function declare(type: string, name: string): string {
  return name === '' ? type : `${type}${type.endsWith('*') ? '' : ' '}${name}`;
}

export function passedBy(btf: BtfView, typeId: BtfTypeId, user: boolean): Passed {
  const type = btf.type(btf.skipModifiers(typeId));
  switch (type.kind) {
    case 'ptr':
      return passedByPointer(btf, type.typeId, user || isTaggedUser(btf, type.typeId));
    case 'int':
      return { kind: 'integer', shape: { bits: bitsOf(type.size), signed: type.encoding === 'signed' } };
    case 'enum':
    case 'enum64':
      return { kind: 'integer', shape: { bits: bitsOf(type.size), signed: true } };
    case 'struct':
      return wrapped(btf, type);
    default:
      return other;
  }
}

const other: Passed = { kind: 'other', user: false };

/** `kuid_t` and its like: a number in a struct, so that the compiler tells it from others. */
function wrapped(
  btf: BtfView,
  { members, size }: { readonly members: readonly { readonly typeId: BtfTypeId }[]; readonly size: number },
): Passed {
  const [only, ...others] = members;
  if (only === undefined || others.length > 0 || size > WORD_BYTES) return other;
  const inner = btf.type(btf.skipModifiers(only.typeId));
  return inner.kind === 'int'
    ? { kind: 'integer', shape: { bits: bitsOf(inner.size), signed: inner.encoding === 'signed' } }
    : other;
}

function passedByPointer(btf: BtfView, pointeeId: BtfTypeId, user: boolean): Passed {
  const pointee = btf.type(btf.skipModifiers(pointeeId));
  switch (pointee.kind) {
    case 'struct':
    case 'fwd': {
      if (SOCKET_ADDRESSES.includes(pointee.name)) return { kind: 'sockaddr', user };
      if (pointee.name === MESSAGE && !user) return { kind: 'message' };
      const object = user ? undefined : kernelObject(pointee.name);
      return object === undefined ? { kind: 'other', user } : { kind: 'object', object };
    }
    case 'int':
      return pointee.size === 1 ? { kind: 'characters', user } : { kind: 'other', user };
    case 'void':
      return { kind: 'address', user };
    default:
      return { kind: 'other', user };
  }
}

/** Compilers that know the attribute leave a tag where the kernel writes `__user`. */
function isTaggedUser(btf: BtfView, id: BtfTypeId): boolean {
  let current = btf.type(id);
  while (current.kind === 'type_tag' || current.kind === 'const' || current.kind === 'volatile') {
    if (current.kind === 'type_tag' && current.name === 'user') return true;
    current = btf.type(current.typeId);
  }
  return false;
}

function bitsOf(size: number): IntegerShape['bits'] {
  return size === 1 ? 8 : size === 2 ? 16 : size === 4 ? 32 : 64;
}

/** What the text of a C type says, as formats of tracepoints have it. Integers that it does not know have `size`. */
export function passedByText(
  type: string,
  field: { readonly size: number; readonly signed: boolean },
  user: boolean,
): Passed {
  const plain = type
    .replaceAll(/\b(const|volatile|__user)\b/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const pointer = /^(?:struct )?(?<to>[\w ]+?) ?\*$/.exec(plain)?.groups?.to;
  if (pointer !== undefined) {
    if (SOCKET_ADDRESSES.includes(pointer)) return { kind: 'sockaddr', user };
    if (pointer === MESSAGE && !user) return { kind: 'message' };
    if (['char', 'unsigned char', 'u8', '__u8'].includes(pointer)) return { kind: 'characters', user };
    if (pointer === 'void') return { kind: 'address', user };
    const object = user ? undefined : kernelObject(pointer);
    return object === undefined ? { kind: 'other', user } : { kind: 'object', object };
  }
  if (/[*[(]|__data_loc|^(struct|union) /.test(plain)) return { kind: 'other', user: user && plain.endsWith('*') };
  const shape = Object.hasOwn(C_INTEGERS, plain) ? C_INTEGERS[plain] : undefined;
  if (shape !== undefined) return { kind: 'integer', shape };
  return [1, 2, 4, 8].includes(field.size)
    ? { kind: 'integer', shape: { bits: bitsOf(field.size), signed: field.signed } }
    : other;
}

/** Fields of the tracepoints of system calls are eight bytes wide whatever they hold: their types tell how much counts. */
const C_INTEGERS: Readonly<Record<string, IntegerShape>> = {
  int: integerTypes.int32,
  'unsigned int': integerTypes.uint32,
  unsigned: integerTypes.uint32,
  short: integerTypes.int16,
  'unsigned short': integerTypes.uint16,
  u32: integerTypes.uint32,
  __u32: integerTypes.uint32,
  s32: integerTypes.int32,
  __s32: integerTypes.int32,
  umode_t: integerTypes.uint16,
  pid_t: integerTypes.int32,
  uid_t: integerTypes.uint32,
  gid_t: integerTypes.uint32,
  qid_t: integerTypes.uint32,
  key_serial_t: integerTypes.int32,
  clockid_t: integerTypes.int32,
  timer_t: integerTypes.int32,
  mqd_t: integerTypes.int32,
  rwf_t: integerTypes.int32,
};
