import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BtfTypeId, known } from '#std';
import { VOID } from './btf.ts';
import { BtfBuilder } from './btf-builder.ts';
import { copyTypes } from './btf-copy.ts';
import { declareExterns } from './btf-extern.ts';
import { BtfView } from './btf-view.ts';

/** `struct file { struct inode *inode; struct path path; }`, where `struct inode` points back, and what uses it. */
function kernel(): { readonly view: BtfView; readonly open: BtfTypeId; readonly file: BtfTypeId } {
  const btf = new BtfBuilder();
  const int = btf.int('int', 4, 'signed');
  const file = btf.reserve();
  const inode = btf.struct('inode', 16, [
    { name: 'owner', typeId: btf.ptr(file), offset: 0 },
    { name: 'mode', typeId: btf.typedef('umode_t', int), offset: 8 },
  ]);
  const path = btf.struct('path', 8, [{ name: 'mnt', typeId: btf.ptr(btf.fwd('vfsmount')), offset: 0 }]);
  const members = [btf.string('inode'), btf.ptr(inode), 0, btf.string('path'), path, 64];
  btf.record([btf.string('file'), 0x0400_0002, 16, ...members], file);
  const prototype = btf.funcProto(int, [
    { name: 'file', typeId: btf.ptr(btf.const(file)) },
    { name: 'path', typeId: path },
  ]);
  const open = btf.func('open', prototype, 'global');
  const map = btf.struct('', 16, [
    { name: 'key', typeId: btf.ptr(int), offset: 0 },
    { name: 'value', typeId: btf.ptr(inode), offset: 8 },
  ]);
  const count = btf.var('count', int, 'global');
  btf.datasec('.maps', 0, [{ typeId: btf.var('inodes', map, 'global'), offset: 0, size: 16 }]);
  btf.datasec('.data', 0, [{ typeId: count, offset: 0, size: 4 }]);
  return { view: new BtfView(btf.toBytes()), open, file };
}

/** Every type reachable from `root`, as C declarations: two graphs that say the same mean the same. */
function spellOut(view: BtfView, root: BtfTypeId, seen = new Set<BtfTypeId>()): string[] {
  if (root === VOID || seen.has(root)) return [];
  seen.add(root);
  const type = view.type(root);
  const next =
    'members' in type
      ? type.members.map((each) => each.typeId)
      : 'parameters' in type
        ? [...type.parameters.map((each) => each.typeId), type.returnTypeId]
        : 'typeId' in type
          ? [type.typeId]
          : [];
  const members = 'members' in type ? type.members.map((each) => `${each.name}@${each.bitOffset}`) : [];
  return [`${type.kind} ${view.describe(root)} ${members}`, ...next.flatMap((each) => spellOut(view, each, seen))];
}

test('a graph with circles is copied whole', () => {
  const { view, open } = kernel();
  const into = new BtfBuilder();
  into.int('long', 8, 'signed'); // so that ids differ
  const copy = known(copyTypes(view, [open], into).get(open), 'copy');
  assert.deepEqual(spellOut(new BtfView(into.toBytes()), copy), spellOut(view, open));
});

test('what was copied is found again', () => {
  const { view, open, file } = kernel();
  const into = new BtfBuilder();
  const first = copyTypes(view, [open, file], into);
  const count = into.typeCount;
  assert.deepEqual(copyTypes(view, [file, open], into), new Map([...first].reverse()));
  assert.equal(into.typeCount, count);
});

test('types that the builder already has are not added twice', () => {
  const { view } = kernel();
  const into = new BtfBuilder();
  const int = into.int('int', 4, 'signed');
  const source = known(view.find('int', 'int'), 'int');
  assert.equal(copyTypes(view, [source], into).get(source), int);
  assert.equal(into.typeCount, 1);
});

test('void stays void', () => {
  const { view } = kernel();
  const into = new BtfBuilder();
  assert.equal(copyTypes(view, [VOID], into).get(VOID), VOID);
  assert.equal(into.typeCount, 0);
});

test('with forward pointees, what is pointed at is named, what is held is whole', () => {
  const { view, open } = kernel();
  const into = new BtfBuilder();
  const copy = known(copyTypes(view, [open], into, { pointees: 'forward' }).get(open), 'copy');
  const copied = new BtfView(into.toBytes());
  assert.equal(copied.describe(copy), view.describe(open));
  assert.equal(copied.findStruct('file'), undefined);
  assert.equal(copied.findStruct('inode'), undefined);
  assert.notEqual(copied.find('fwd', 'file'), undefined);
  assert.notEqual(copied.findStruct('path'), undefined);
});

test('a struct first named and then wanted whole is whole', () => {
  const { view, open, file } = kernel();
  const into = new BtfBuilder();
  copyTypes(view, [open], into, { pointees: 'forward' });
  const whole = known(copyTypes(view, [file], into).get(file), 'copy');
  assert.deepEqual(spellOut(new BtfView(into.toBytes()), whole), spellOut(view, file));
});

test('a chain of fifty thousand pointers is copied', () => {
  const from = new BtfBuilder();
  let id = VOID;
  for (let depth = 0; depth < 50_000; depth += 1) id = from.ptr(id);
  const into = new BtfBuilder();
  copyTypes(new BtfView(from.toBytes()), [id], into);
  assert.equal(into.typeCount, 50_000);
});

test('externs are declared with the types of their definitions', () => {
  const { view } = kernel();
  const into = new BtfBuilder();
  assert.deepEqual(declareExterns(view, ['open', 'inodes', 'nowhere', 'count', 'file'], into), ['nowhere', 'file']);
  const copied = new BtfView(into.toBytes());
  const open = known(copied.findFunction('open'), 'open');
  assert.equal(copied.describe(open), 'int open(const struct file *file, struct path path)');
  const type = copied.type(open);
  assert.equal(type.kind === 'func' && type.linkage, 'extern');
  const maps = copied.type(known(copied.find('datasec', '.maps'), '.maps'));
  const inodes = known(copied.find('var', 'inodes'), 'inodes');
  assert.deepEqual(maps, {
    kind: 'datasec',
    name: '.maps',
    size: 0,
    entries: [{ typeId: inodes, offset: 0, size: 16 }],
  });
  assert.notEqual(copied.findStruct('inode'), undefined, 'the value of a map is whole');
  assert.notEqual(copied.find('datasec', '.data'), undefined);
});
