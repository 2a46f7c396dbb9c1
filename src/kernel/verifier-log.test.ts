/** What is read out of the verifier's log, as kernels write it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headAndTail, LoadRejected, readRejection } from './verifier-log.ts';

const NEWER = `0: R1=ctx() R10=fp0
; - operator: Prefix @ policy.yaml:12
0: (b4) w1 = 1                        ; R1=1
1: (63) *(u32 *)(r10 -4) = r1         ; R1=1 R10=fp0 fp-8=mmmm????
; values: ["/etc/ @ shadow"] @ policy.yaml:14
4: (18) r1 = 0xffff8881043d7800       ; R1=map_ptr(map=numbers,ks=4,vs=8)
from 4 to 6: R0=scalar() R10=fp0
6: (85) call bpf_map_lookup_elem#1    ; R0=map_value_or_null(id=1,map=numbers,ks=4,vs=8)
17: (79) r0 = *(u64 *)(r0 +0)
R0 invalid mem access 'map_value_or_null'
verification time 41 usec
stack depth 8
processed 7 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`;

const OLDER = `; matchArgs:
0: (b7) r0 = 1
1: (95) exit
At program exit the register R0 has value (0x1; 0x0) should have been in (0x0; 0x0)
processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`;

const table = [
  [
    'file and line of 6.10 and newer',
    NEWER,
    17,
    "R0 invalid mem access 'map_value_or_null'",
    ['- operator: Prefix|policy.yaml|12', 'values: ["/etc/ @ shadow"]|policy.yaml|14'],
  ],
  [
    'text only, before 6.10',
    OLDER,
    1,
    'At program exit the register R0 has value (0x1; 0x0) should have been in (0x0; 0x0)',
    ['matchArgs:|undefined|undefined'],
  ],
  ['no log', '', undefined, 'the log of the verifier is empty', []],
  [
    'refused before the first instruction',
    'attach_btf_id 5 is not a function\n',
    undefined,
    'attach_btf_id 5 is not a function',
    [],
  ],
] as const;

for (const [name, log, instruction, reason, lines] of table) {
  test(`verifier log: ${name}`, () => {
    const read = readRejection(log);
    assert.equal(read.instruction, instruction);
    assert.equal(read.reason, reason);
    assert.deepEqual(
      read.lines.map((each) => `${each.text}|${each.file}|${each.line}`),
      lines,
    );
  });
}

test('verifier log: a long one keeps its beginning and its end, and everything is read from the whole', () => {
  const log = `; first\n${'0: (b7) r0 = 1\n'.repeat(100_000)}7: (95) exit\nno room\n`;
  const error = new LoadRejected('p', { text: log, cut: false }, undefined);
  assert.equal(error.instruction, 7);
  assert.equal(error.message, 'the kernel refused program p at instruction 7: no room');
  assert.ok(error.log.length < 70_000);
  assert.match(error.log, /^; first\n/);
  assert.match(error.log, /\[\d+ characters left out\]/);
  assert.match(error.log, /no room\n$/);
});

test('verifier log: one that the kernel cut off gives no reason of its own', () => {
  const log = '; first @ policy.yaml:3\n0: (b7) r0 = 1\n; sec';
  const { instruction, reason, lines } = readRejection(log, true);
  assert.equal(instruction, undefined);
  assert.match(reason, /^the log is too long/);
  assert.equal(lines.length, 1);
  assert.equal(readRejection(NEWER, true).instruction, 17, 'a newer kernel keeps the end, which is all that counts');
});

test('verifier log: a short one is kept as it is', () => {
  assert.equal(headAndTail(NEWER), NEWER);
});

test('what is refused before it is verified leaves no log: libbpf says why', () => {
  const said = "failed to find kernel BTF type ID of 'no_such': -3";
  const error = new LoadRejected('p', { text: '\n', cut: false, said }, undefined);
  assert.equal(error.message, `the kernel refused program p: ${said}`);
  assert.equal(new LoadRejected('p', { text: '', cut: false }, undefined).reason, 'the log of the verifier is empty');
});
