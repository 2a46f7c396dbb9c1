/** Programs as text for some example policies, and what the compiler refuses, on the policy's own line. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchLayout } from '#abi';
import { disassemble, ElfView, readFunctions } from '#bpf';
import { place } from '#diagnostics';
import { parsePolicies } from '#policy';
import { known } from '#std';
import { type CompileResult, compile } from './compile.ts';
import { dumpPlan } from './dump.ts';
import { smallTarget } from './fixtures.ts';
import type { Identities } from './lower-match.ts';

const target = smallTarget();
const examples = join(import.meta.dirname, '../../policies/examples');
const golden = join(import.meta.dirname, 'testdata');

function compileText(text: string, file = 'policy.yaml', identities: Identities = new Map()): CompileResult {
  const { policies, diagnostics } = parsePolicies(text, file);
  assert.deepEqual(
    diagnostics.filter((each) => each.severity === 'error').map((each) => each.message),
    [],
  );
  return compile({ policies: policies.map((policy, slot) => ({ policy, slot })), target, identities });
}

/** A policy with one hook, for tests that change one thing. */
function policy(hook: string, args: string, selectors: string): string {
  return [
    'apiVersion: cilium.io/v1alpha1',
    'kind: TracingPolicy',
    'metadata: { name: test }',
    'spec:',
    '  lsmhooks:',
    `  - hook: ${hook}`,
    `    args: ${args}`,
    `    selectors: ${selectors}`,
    '',
  ].join('\n');
}

/** Small ones, in full; what becomes of all examples on real kernels is in examples.test.ts. */
for (const [folder, name] of [
  [examples, 'deny-exec.yaml'],
  [examples, 'no-read-shadow.yaml'],
  [examples, 'quickstart.yaml'],
  [golden, 'workloads.yaml'],
] as const) {
  test(`the plan and the program of ${name} are the golden ones`, () => {
    const { programs, diagnostics } = compileText(readFileSync(join(folder, name), 'utf8'), name);
    assert.deepEqual(
      diagnostics.map(({ code }) => code),
      name === 'quickstart.yaml' ? ['RF2405'] : [],
    );
    const plans = programs.map(({ plan }) => dumpPlan(plan)).join('\n');
    const code = programs.map(({ section, code: each }) => `${section}\n${disassemble(each)}\n`).join('\n');
    for (const [suffix, text] of [
      ['.ir', plans],
      ['.asm', code],
    ] as const) {
      const file = join(golden, name.replace('.yaml', suffix));
      if (process.env.RINGFENCE_UPDATE_GOLDEN === '1') writeFileSync(file, text);
      assert.equal(text, readFileSync(file, 'utf8'));
    }
  });
}

const kill = 'matchActions: [{ action: Sigkill }]';
const enforceFile = `[{ matchArgs: [{ index: 0, operator: Equal, values: ["/x"] }], ${kill} }]`;

function paths(count: number, length: number): string {
  return Array.from({ length: count }, (_, index) => `"/${String(index).padStart(length - 1, 'p')}"`).join(', ');
}

function matches(operator: string, values: string, index = 0): string {
  return `{ index: ${index}, operator: ${operator}, values: [${values}] }`;
}

const file = '[{ index: 0, type: file }]';
const fileAndMask = '[{ index: 0, type: file }, { index: 1, type: int }]';

const refused = [
  [
    'text for what the kernel passes as a number',
    policy('file_permission', '[{ index: 1 }]', `[{ matchArgs: [${matches('Equal', '"/x"', 1)}] }]`),
    'RF2007 policy.yaml:8:69',
  ],
  [
    'a number for what the kernel passes as a file',
    policy('file_open', '[{ index: 0 }]', `[{ matchArgs: [${matches('Equal', '"4"')}] }]`),
    'RF2007 policy.yaml:8:69',
  ],
  [
    'a number that the kernel cannot pass',
    policy(
      'file_permission',
      '[{ index: 1, type: int64 }]',
      `[{ matchArgs: [${matches('Equal', '"4294967296"', 1)}] }]`,
    ),
    'RF2108 policy.yaml:8:69',
  ],
  [
    'more bytes than a program holds',
    policy('file_open', file, `[{ matchArgs: [${matches('Equal', paths(300, 300))}] }]`),
    'RF2101 policy.yaml:8:31',
  ],
] as const;

for (const [name, text, expected] of refused) {
  test(`refused: ${name}`, () => {
    const { image, diagnostics } = compileText(text);
    const brief = diagnostics.map((each) => `${each.code} ${each.span === undefined ? '' : place(each.span)}`);
    assert.equal(image, undefined);
    assert.ok(
      brief.some((each) => each.startsWith(expected)),
      brief.join('; '),
    );
  });
}

/** That some processes are not killed is warned of in report-critical.test.ts. */
function compiled(text: string, identities: Identities = new Map()): CompileResult {
  const result = compileText(text, 'policy.yaml', identities);
  assert.deepEqual(
    result.diagnostics.filter(({ code }) => code !== 'RF2405').map(({ message }) => message),
    [],
  );
  return result;
}

function asm(text: string, identities?: Identities): string {
  return disassemble(known(compiled(text, identities).programs[0], 'program').code);
}

test('integers are compared at the width that the kernel passes', () => {
  const text = (type: string, value: string) =>
    policy(
      'file_permission',
      `[{ index: 1, type: ${type} }]`,
      `[{ matchArgs: [${matches('Equal', `"${value}"`, 1)}] }]`,
    );
  assert.match(asm(text('int', '-4')), /r2 <<= 0x20\n.*r2 s>>= 0x20\n.*\n?.*if r2 != -0x4 goto/);
  assert.match(
    asm(text('uint8', '4')),
    new RegExp(`r2 = \\*\\(u8 \\*\\)\\(r7 \\+ 0x${scratchLayout.arguments.toString(16)}\\)\n.*\n?.*if r2 != 0x4 goto`),
  );
  assert.match(asm(text('uint64', '0xffffffff')), /r5 = 0xffffffff ll\n.*if r2 != r5 goto/);
});

test('a call that its numbers rule out costs ten instructions and no scratch', () => {
  const selectors = `[{ matchArgs: [${matches('Mask', '"2"', 1)}, ${matches('Prefix', '"/etc/"')}] }]`;
  const code = asm(policy('file_permission', fileAndMask, selectors));
  const before = known(code.split('rf_scratch_claim')[0], 'what stands before the scratch');
  assert.match(before, /r2 = \*\(u64 \*\)\(r6 \+ 0x8\)[\s\S]*if r2 & r5 goto[\s\S]*r0 = 0x0\n.*exit/);
  const open = asm(policy('file_permission', fileAndMask, `[{ matchArgs: [${matches('NotPrefix', '"/etc/"')}] }]`));
  assert.doesNotMatch(known(open.split('rf_scratch_claim')[0], 'beginning'), /exit/);
});

test('an unsigned 64-bit value beyond the signed range is compared whole', () => {
  const selectors = `[{ matchArgs: [${matches('Equal', '"0xffffffffffffffff"', 3)}] }]`;
  assert.match(asm(policy('mmap_file', '[{ index: 3, type: uint64 }]', selectors)), /if r2 != -0x1 goto/);
});

test('an identity is tried before the name, and needs no readable name', () => {
  const byInode = policy('file_open', file, enforceFile).replace(
    'metadata: { name: test }',
    'metadata: { name: test, annotations: { ringfence.io/file-identity: inode } }',
  );
  const files: Identities = new Map([['/x', { inode: 77n, device: 0x1a }]]);
  assert.match(asm(byInode, files), /r5 = 0x4d ll[\s\S]*if w4 != 0x1a goto[\s\S]*if r0 != 0x0 goto \S+ <unreadable/);
  assert.doesNotMatch(asm(policy('file_open', file, enforceFile), files), /0x4d ll/);
});

test('policies on the same hook share one program, and each has its slot', () => {
  const one = policy('file_open', file, enforceFile);
  const { image, programs } = compiled(`${one}---\n${one.replace('name: test', 'name: other')}`);
  assert.equal(programs.length, 1);
  assert.deepEqual(image?.hooks[0]?.policies, [
    { name: 'test', slot: 0, entry: 0 },
    { name: 'other', slot: 1, entry: 0 },
  ]);
  assert.equal(image?.hooks[0]?.enforces, true);
});

test('hooks without an enforcing selector do not claim to enforce', () => {
  const { image } = compiled(policy('file_open', file, '[{ matchActions: [{ action: Post }] }]'));
  assert.equal(image?.hooks[0]?.enforces, false);
});

test('few values stay in the code, many are one lookup that all policies share', () => {
  const few = compiled(policy('file_open', file, `[{ matchArgs: [${matches('Prefix', paths(16, 20))}] }]`));
  assert.deepEqual(few.image?.sets, []);
  const many = Array.from({ length: 20 }, (_, index) =>
    policy('file_open', file, `[{ matchArgs: [${matches('Prefix', `"/srv/${index}/"`)}], ${kill} }]`).replace(
      'name: test',
      `name: test${index}`,
    ),
  ).join('---\n');
  const { image, programs } = compiled(many);
  const [set, ...others] = known(image, 'image').sets;
  assert.equal(others.length, 0);
  assert.equal(set?.entries.length, 20);
  const code = disassemble(known(programs[0], 'program').code);
  assert.match(code, /if w1 & 0xfffff goto/, 'one test passes over all twenty');
});

test('a list of 10,000 paths is one set, each with its end', () => {
  const { image } = compiled(policy('file_open', file, `[{ matchArgs: [${matches('Equal', paths(10_000, 60))}] }]`));
  const [set] = known(image, 'image').sets;
  assert.equal(set?.entries.length, 10_000);
  assert.equal(set?.keyBytes, 260);
  const [first] = known(set, 'set').entries;
  assert.equal(new DataView(known(first, 'entry').key.buffer).getUint32(0, true), 61 * 8);
});

test('values too long for a set stay in the code beside it', () => {
  const long = `"/${'x'.repeat(400)}"`;
  const { image, programs } = compiled(
    policy('file_open', file, `[{ matchArgs: [${matches('Equal', `${paths(100, 20)}, ${long}`)}] }]`),
  );
  assert.equal(image?.sets[0]?.entries.length, 100);
  assert.match(disassemble(known(programs[0], 'program').code), /if r2 != 0x191 goto/);
});

test('the object is one that our own reader takes, with a line of the policy for every instruction', () => {
  const { image } = compiled(
    policy('file_open', file, `[{ matchArgs: [${matches('Equal', paths(100, 20))}], ${kill} }]`),
  );
  const elf = new ElfView(known(image, 'image').object);
  const [program] = readFunctions(elf);
  assert.equal(program?.name, 'rf_0_file_open');
  assert.ok(elf.symbols.some(({ name }) => name === 'rf_set_0_0'));
  const spans = known(image?.hooks[0], 'hook').spans;
  assert.ok(spans.length > 30);
  assert.deepEqual(
    spans.filter((span) => span === undefined),
    [],
  );
});

test('paths that only the event needs are read after the match', () => {
  const code = asm(
    policy(
      'move_mount',
      '[{ index: 0, type: path }, { index: 1, type: path }]',
      `[{ matchArgs: [${matches('Prefix', '"/mnt/"', 1)}] }]`,
    ),
  );
  const [tested, acted] = code.split('call rf_match');
  assert.equal([...known(tested, 'tests').matchAll(/call rf_read_path/g)].length, 1);
  assert.equal([...known(acted, 'act').matchAll(/call rf_read_path/g)].length, 2);
});

test('who calls is looked up only when a test or an event needs it', () => {
  const byFile = asm(policy('file_open', file, enforceFile));
  assert.ok(byFile.indexOf('rf_process_current') > byFile.indexOf('rf_read_file'));
  const binaries = `[{ matchBinaries: [{ operator: In, values: ["/a"] }], ${kill} }]`;
  const byBinary = asm(policy('file_open', file, binaries));
  assert.ok(byBinary.indexOf('rf_process_current') < byBinary.indexOf('rf_match'));
});
