/** What nothing leads to is left out, and what points at the rest moves with it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Assembler } from './assembler.ts';
import type { Code } from './code.ts';
import { withoutUnreachable } from './unreachable.ts';

function assembled(write: (to: Assembler) => void): Code {
  const to = new Assembler();
  write(to);
  const assembly = to.assemble();
  assert.equal(assembly.kind, 'assembled');
  return assembly.kind === 'assembled' ? assembly.code : assert.fail();
}

test('code that is reached throughout stays as it is', () => {
  const code = assembled((to) => to.move('r0', 0).jumpIf('eq', 'r1', 0, 'end').move('r0', 1).label('end').exit());
  assert.equal(withoutUnreachable(code), code);
});

test('jumps, calls and labels behind what is left out keep their targets', () => {
  const span = { file: 'policy.yaml', line: 7, column: 1, endLine: 7, endColumn: 2, text: 'x' };
  const code = assembled((to) => {
    to.move('r0', 0)
      .jump('far')
      .loadImmediate64('r3', 1n << 40n)
      .callExtern('never')
      .jump('back');
    to.label('back').move('r0', 2).exit();
    to.label('far').jumpIf('eq', 'r0', 0, 'back');
    to.at(span)
      .loadImmediate64('r2', 1n << 40n)
      .callExtern('always')
      .exit();
  });
  const expected = assembled((to) => {
    to.move('r0', 0).jump('far');
    to.label('back').move('r0', 2).exit();
    to.label('far').jumpIf('eq', 'r0', 0, 'back');
    to.at(span)
      .loadImmediate64('r2', 1n << 40n)
      .callExtern('always')
      .exit();
  });
  assert.deepEqual(withoutUnreachable(code), expected);
});
