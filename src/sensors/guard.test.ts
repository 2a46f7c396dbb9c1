/** That the levels have the programs of the object, each of them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { BpfObject } from '#kernel';
import { guardPrograms } from './guard.ts';

const image = readFileSync(new URL('../../kprobes/build/guard.bpf.o', import.meta.url));

test('every program of the guard belongs to a level', () => {
  const object = BpfObject.open(image, { name: 'guard' });
  try {
    const names = object.programs.map(({ name }) => name);
    assert.deepEqual(guardPrograms('strict').toSorted(), names.toSorted());
  } finally {
    object.close();
  }
});

test('a lower level has less, and only what the higher one has', () => {
  const [maps, agent, strict] = (['maps', 'agent', 'strict'] as const).map(guardPrograms);
  assert.deepEqual(agent, strict);
  assert.ok((maps?.length ?? 0) < (agent?.length ?? 0));
  assert.deepEqual(
    maps?.filter((name) => !agent?.includes(name)),
    [],
  );
});
