/** What the builder builds, the view reads; and what is not BTF is refused with one error. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssertionFailed, type BtfTypeId, btfTypeId, known } from '#std';
import { BTF_HEADER_BYTES, type BtfType, fieldAt, MalformedBtf, VOID } from './btf.ts';
import { BtfBuilder } from './btf-builder.ts';
import { BtfView } from './btf-view.ts';
import { ByteWriter } from './byte-writer.ts';

type Build = (btf: BtfBuilder) => BtfTypeId;

const int: Build = (btf) => btf.int('int', 4, 'signed');
const path: Build = (btf) => btf.struct('path', 16, [{ name: 'mnt', typeId: btf.ptr(btf.fwd('vfsmount')), offset: 0 }]);
const callback: Build = (btf) => btf.ptr(btf.funcProto(int(btf), [{ name: 'data', typeId: btf.ptr(VOID) }]));

/** Each type as C would write it, its size, and as the view gives it (types it refers to are described). */
const types: readonly (readonly [string, number | undefined, Build, BtfType['kind']])[] = [
  ['int', 4, int, 'int'],
  ['bool', 1, (btf) => btf.int('bool', 1, 'bool'), 'int'],
  ['void *', 8, (btf) => btf.ptr(VOID), 'ptr'],
  ['const struct path *', 8, (btf) => btf.ptr(btf.const(path(btf))), 'ptr'],
  ['struct path *const', 8, (btf) => btf.const(btf.ptr(path(btf))), 'const'],
  ['volatile int', 4, (btf) => btf.volatile(int(btf)), 'volatile'],
  ['u32', 4, (btf) => btf.typedef('u32', btf.int('unsigned int', 4, 'unsigned')), 'typedef'],
  ['int [3]', 12, (btf) => btf.array(int(btf), 3), 'array'],
  ['int [2][3]', 24, (btf) => btf.array(btf.array(int(btf), 3), 2), 'array'],
  ['int *[3]', 24, (btf) => btf.array(btf.ptr(int(btf)), 3), 'array'],
  ['int (*)[3]', 8, (btf) => btf.ptr(btf.array(int(btf), 3)), 'ptr'],
  ['struct path', 16, path, 'struct'],
  ['union {...}', 4, (btf) => btf.union('', 4, [{ name: 'a', typeId: int(btf), offset: 0 }]), 'union'],
  ['struct vfsmount', undefined, (btf) => btf.fwd('vfsmount'), 'fwd'],
  ['union choice', undefined, (btf) => btf.fwd('choice', 'union'), 'fwd'],
  ['enum mode', 4, (btf) => btf.enum('mode', [{ name: 'OFF', value: -1n }]), 'enum'],
  ['enum wide', 8, (btf) => btf.enum64('wide', [{ name: 'TOP', value: 2n ** 63n }]), 'enum64'],
  ['int (*)(void *data)', 8, callback, 'ptr'],
  ['void (void)', undefined, (btf) => btf.funcProto(VOID, []), 'func_proto'],
  ['int stop(void)', undefined, (btf) => btf.func('stop', btf.funcProto(int(btf), []), 'extern'), 'func'],
  ['int count', 4, (btf) => btf.var('count', int(btf), 'global'), 'var'],
  [
    'section .maps',
    0,
    (btf) => btf.datasec('.maps', 0, [{ typeId: btf.var('m', int(btf), 'extern'), offset: 0, size: 4 }]),
    'datasec',
  ],
];

for (const [text, size, build, kind] of types) {
  test(`build and read: ${text}`, () => {
    const btf = new BtfBuilder();
    const id = build(btf);
    const view = new BtfView(btf.toBytes());
    assert.equal(view.describe(id), text);
    assert.equal(view.sizeOf(id), size);
    assert.equal(view.type(id).kind, kind);
    const count = btf.typeCount;
    assert.equal(build(btf), id, 'the same type again has the same id');
    assert.equal(btf.typeCount, count);
  });
}

test('the parts of types are read back', () => {
  const btf = new BtfBuilder();
  const intId = int(btf);
  const mode = btf.enum('mode', [
    { name: 'OFF', value: -1n },
    { name: 'ON', value: 1n },
  ]);
  const wide = btf.enum64('wide', [
    { name: 'TOP', value: 2n ** 63n },
    { name: 'LOW', value: 0n },
  ]);
  const count = btf.var('count', intId, 'global');
  const section = btf.datasec('.data', 8, [{ typeId: count, offset: 4, size: 4 }]);
  const prototype = btf.funcProto(intId, [{ name: 'mode', typeId: mode }]);
  const func = btf.func('set', prototype, 'static');
  const view = new BtfView(btf.toBytes());
  const none = { bitfieldSize: 0 };
  assert.deepEqual(view.type(intId), { kind: 'int', name: 'int', size: 4, bits: 32, encoding: 'signed' });
  assert.deepEqual(view.type(mode), {
    kind: 'enum',
    name: 'mode',
    size: 4,
    enumerators: [
      { name: 'OFF', value: -1n },
      { name: 'ON', value: 1n },
    ],
  });
  assert.deepEqual(view.type(wide), {
    kind: 'enum64',
    name: 'wide',
    size: 8,
    enumerators: [
      { name: 'TOP', value: 2n ** 63n },
      { name: 'LOW', value: 0n },
    ],
  });
  assert.deepEqual(view.type(section), {
    kind: 'datasec',
    name: '.data',
    size: 8,
    entries: [{ typeId: count, offset: 4, size: 4 }],
  });
  assert.deepEqual(view.type(func), { kind: 'func', name: 'set', typeId: prototype, linkage: 'static' });
  assert.deepEqual(view.functionParameters(func), [{ name: 'mode', typeId: mode }]);
  assert.deepEqual(view.functionParameters(prototype), [{ name: 'mode', typeId: mode }]);
  assert.equal(view.functionReturn(func), intId);
  assert.deepEqual(view.type(VOID), { kind: 'void' });

  const withPath = new BtfBuilder();
  const pathId = path(withPath);
  const [member] = new BtfView(withPath.toBytes()).members(pathId);
  assert.deepEqual(
    { ...none, ...member },
    { name: 'mnt', typeId: known(member, 'member').typeId, bitOffset: 0, ...none },
  );
});

test('bit fields are read', () => {
  const btf = new BtfBuilder();
  const intId = int(btf);
  // Kind struct with the flag that makes offsets carry widths: 3 bits at bit 5.
  const id = btf.record([btf.string('flags'), 0x8400_0001, 4, btf.string('low'), intId, (3 << 24) | 5]);
  assert.deepEqual(new BtfView(btf.toBytes()).members(id), [
    { name: 'low', typeId: intId, bitOffset: 5, bitfieldSize: 3 },
  ]);
});

test('names are found, by kind and in full', () => {
  const btf = new BtfBuilder();
  const intId = int(btf);
  const typedef = btf.typedef('file', intId);
  const struct = btf.struct('file', 0, []);
  btf.struct('profile', 0, []);
  const func = btf.func('open', btf.funcProto(intId, []), 'global');
  const view = new BtfView(btf.toBytes());
  const found = [
    view.findStruct('file'),
    view.find('typedef', 'file'),
    view.findFunction('open'),
    view.findFunction('file'),
    view.findStruct('fil'),
    view.findStruct('ile'),
    view.findStruct('file'),
  ];
  assert.deepEqual(found, [struct, typedef, func, undefined, undefined, undefined, struct]);
  assert.deepEqual([...view.ids('struct')].length, 2);
});

test('each of many names is found, also where the bytes are not aligned', () => {
  const btf = new BtfBuilder();
  const names = Array.from({ length: 3_000 }, (_, index) => `${'long_'.repeat(index % 50)}name_${index}`);
  const ids = names.map((name) => btf.struct(name, 0, []));
  const plain = btf.toBytes();
  for (const shift of [0, 1, 2]) {
    const shifted = new Uint8Array(plain.length + shift);
    shifted.set(plain, shift);
    const view = new BtfView(shifted.subarray(shift));
    assert.deepEqual(
      names.map((name) => view.findStruct(name)),
      ids,
    );
    assert.equal(view.findStruct('name_3000'), undefined);
  }
});

test('of two types with one name the first is found', () => {
  const btf = new BtfBuilder();
  const first = btf.struct('twice', 4, []);
  btf.struct('twice', 8, []);
  assert.equal(new BtfView(btf.toBytes()).findStruct('twice'), first);
});

test('a name may be the end of a longer string', () => {
  const btf = new BtfBuilder();
  const offset = btf.string('profile');
  const id = btf.record([offset + 3, 0x0400_0000, 0]);
  const view = new BtfView(btf.toBytes());
  assert.equal(view.findStruct('file'), id);
  assert.equal(view.describe(id), 'struct file');
});

test('a name is read without its type', () => {
  const btf = new BtfBuilder();
  const struct = btf.struct('file', 0, []);
  const pointer = btf.ptr(struct);
  const view = new BtfView(btf.toBytes());
  assert.deepEqual([view.name(struct), view.name(pointer), view.name(VOID)], ['file', '', '']);
});

test('members are found through anonymous structs and unions', () => {
  const btf = new BtfBuilder();
  const intId = int(btf);
  const inner = btf.struct('', 8, [
    { name: 'low', typeId: intId, offset: 0 },
    { name: 'high', typeId: intId, offset: 4 },
  ]);
  const union = btf.union('', 8, [{ name: '', typeId: btf.const(inner), offset: 0 }]);
  const outer = btf.struct('outer', 24, [
    { name: 'first', typeId: intId, offset: 0 },
    { name: '', typeId: union, offset: 16 },
  ]);
  const view = new BtfView(btf.toBytes());
  assert.equal(view.findMember(outer, 'high')?.bitOffset, (16 + 4) * 8);
  assert.equal(view.findMember(outer, 'first')?.bitOffset, 0);
  assert.equal(view.findMember(outer, 'missing'), undefined);
});

test('an index that was dropped is made again', () => {
  const btf = new BtfBuilder();
  const id = path(btf);
  const view = new BtfView(btf.toBytes());
  const before = view.describe(id);
  view.dropIndex();
  assert.equal(view.describe(id), before);
});

test('a type refers to itself through a reserved id', () => {
  const btf = new BtfBuilder();
  const node = btf.reserve();
  const next = btf.ptr(node);
  btf.record([btf.string('node'), 0x0400_0001, 8, btf.string('next'), next, 0], node);
  const view = new BtfView(btf.toBytes());
  assert.equal(view.describe(known(view.findMember(node, 'next'), 'next').typeId), 'struct node *');
});

test('the builder refuses what cannot be written', () => {
  const btf = new BtfBuilder();
  assert.throws(() => btf.string('a\0b'), AssertionFailed);
  assert.throws(() => btf.record([0, 0x0100_0000, 4]), AssertionFailed, 'an int without its fourth word');
  const id = btf.reserve();
  assert.throws(() => btf.toBytes(), AssertionFailed, 'a reserved id without a record');
  btf.record([0, 0x0200_0000, 0], id);
  assert.throws(() => btf.record([0, 0x0200_0000, 0], id), AssertionFailed, 'a record for an id that has one');
});

test('the words of records are named by their kind', () => {
  const fields = (kind: 'struct' | 'array' | 'func', count: number) =>
    Array.from({ length: count }, (_, index) => fieldAt(kind, index));
  assert.deepEqual(fields('func', 3), ['name', 'value', 'type']);
  assert.deepEqual(fields('array', 6), ['name', 'value', 'value', 'type', 'type', 'value']);
  const member = ['name', 'type', 'value'];
  assert.deepEqual(fields('struct', 9), ['name', 'value', 'value', ...member, ...member]);
});

/** `words` in place of the type records of a small BTF whose strings are "" and "a". */
function handmade(words: readonly number[], strings = '\0a\0'): Uint8Array {
  const header = [0x0001_eb9f, BTF_HEADER_BYTES, 0, words.length * 4, words.length * 4, strings.length];
  const out = new ByteWriter();
  for (const word of [...header, ...words]) out.u32(word);
  return out.bytes(Buffer.from(strings, 'latin1')).toBytes();
}

const one = btfTypeId(1);
const PTR = 0x0200_0000;
const TYPEDEF = 0x0800_0000;
const ARRAY = 0x0300_0000;
const valid = handmade([0, PTR, 0]);
const changed = (at: number, value: number) => valid.with(at, value);

const malformed: readonly (readonly [string, Uint8Array, (view: BtfView) => unknown])[] = [
  ['nothing', new Uint8Array(0), () => 0],
  ['half a header', valid.subarray(0, 20), () => 0],
  ['another magic number', changed(0, 0), () => 0],
  ['big-endian', changed(0, 0xeb).with(1, 0x9f), () => 0],
  ['another version', changed(2, 2), () => 0],
  ['a header shorter than itself', changed(4, 8), () => 0],
  ['types beyond the end', changed(12, 0xff), () => 0],
  ['strings beyond the end', changed(20, 0xff), () => 0],
  ['strings without an end', handmade([], 'abc'), () => 0],
  ['a record cut off', handmade([0, PTR]), (view) => view.typeCount],
  ['half a word', valid.with(12, 11), (view) => view.typeCount],
  ['a word and a half', handmade([0, PTR, 0, 0]).with(12, 14), (view) => view.typeCount],
  ['a struct whose members are cut off', handmade([0, 0x0400_0002, 4, 0, 0, 0]), (view) => view.typeCount],
  ['kind 0', handmade([0, 0, 0]), (view) => view.typeCount],
  ['kind 31', handmade([0, 0x1f00_0000, 0]), (view) => view.find('ptr', 'a')],
  ['a type that is not there', valid, (view) => view.type(btfTypeId(2))],
  ['a negative type', valid, (view) => view.type(btfTypeId(-1))],
  ['a name that is not there', handmade([99, TYPEDEF, 0]), (view) => view.type(one)],
  ['a typedef of itself', handmade([1, TYPEDEF, 1]), (view) => view.skipModifiers(one)],
  ['an array of itself', handmade([0, ARRAY, 0, 1, 0, 2]), (view) => view.sizeOf(one)],
  [
    'an array too large',
    handmade([0, ARRAY, 0, 2, 0, 0xffff_ffff, 0, ARRAY, 0, 3, 0, 0xffff_ffff, 0, PTR, 0]),
    (view) => view.sizeOf(one),
  ],
  ['a function without a prototype', handmade([1, 0x0c00_0000, 1]), (view) => view.functionParameters(one)],
  ['a linkage that is not known', handmade([1, 0x0c00_0009, 0]), (view) => view.type(one)],
  ['an integer encoding that is not known', handmade([1, 0x0100_0000, 4, 0x0700_0020]), (view) => view.type(one)],
  ['a pointer to nowhere', handmade([0, PTR, 9]), (view) => view.describe(one)],
];

for (const [name, bytes, use] of malformed) {
  test(`malformed BTF: ${name}`, () => {
    assert.throws(() => use(new BtfView(bytes)), MalformedBtf);
  });
}

test('a description of types that go in circles ends', () => {
  assert.match(new BtfView(handmade([0, PTR, 1])).describe(one), /^\.\.\.$/);
  const twoParameters = handmade([0, 0x0d00_0002, 1, 1, 1, 1, 1]);
  assert.ok(new BtfView(twoParameters).describe(one).length < 1000);
});

test('a search among members that go in circles ends', () => {
  const itself = handmade([1, 0x0400_0002, 4, 0, 1, 0, 0, 1, 0]);
  assert.equal(new BtfView(itself).findMember(one, 'b'), undefined);
});
