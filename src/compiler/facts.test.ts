/** How wide the values of a call are: numbers as in the register, lengths as the kernel takes them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { disassemble } from '#bpf';
import { parsePolicies } from '#policy';
import { known } from '#std';
import { savedTarget } from '../../test/targets/index.ts';
import { compile } from './compile.ts';
import { dumpPlan } from './dump.ts';

const target = savedTarget('6.12');

/** The plan's facts, and how often the program narrows a register. */
function compiled(
  call: string,
  args: readonly object[],
): { readonly facts: readonly string[]; readonly shifts: number } {
  const policy = {
    ...{ apiVersion: 'cilium.io/v1alpha1', kind: 'TracingPolicy', metadata: { name: 'test' } },
    spec: { kprobes: [{ call, args }] },
  };
  const { policies } = parsePolicies(JSON.stringify(policy), 'policy.yaml');
  const input = policies.map((each, slot) => ({ policy: each, slot }));
  const { programs } = compile({ policies: input, target, identities: new Map() });
  const { plan, code } = known(programs[0], 'program');
  const facts = dumpPlan(plan)
    .split('\n')
    .filter((line) => line.startsWith('  f'));
  return { facts, shifts: disassemble(code).match(/ s>>= 0x20\b/g)?.length ?? 0 };
}

const buffer = { index: 1, type: 'char_buf', sizeArgIndex: 3 };

const table = [
  [
    'a length of 32 bits is narrowed',
    ['sys_syslog', [buffer]],
    ['f0 = number, int32 from syscall 2', 'f1 = bytes_user (slot 0, size f0) from syscall 1'],
    1,
  ],
  [
    'who looks at the same number finds it as it is',
    ['sys_syslog', [buffer, { index: 2, type: 'int' }]],
    [
      'f0 = number, int32 from syscall 2',
      'f1 = bytes_user (slot 0, size f0) from syscall 1',
      'f2 = number from syscall 2',
    ],
    2, // and where it is told of
  ],
  [
    'a length of 64 bits is the number that others look at',
    ['sys_write', [{ index: 2, type: 'size_t' }, buffer]],
    ['f0 = number from syscall 2', 'f1 = bytes_user (slot 0, size f0) from syscall 1'],
    0,
  ],
] as const;

for (const [name, [call, args], facts, shifts] of table) {
  test(`lengths: ${name}`, () => {
    assert.deepEqual(compiled(call, args), { facts: facts.map((each) => `  ${each}`), shifts });
  });
}
