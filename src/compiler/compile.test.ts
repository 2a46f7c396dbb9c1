/** Programs as text for every example policy, and what the compiler refuses, on the policy's own line. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { disassemble, ElfView, readFunctions } from '#bpf';
import { place } from '#diagnostics';
import { parsePolicies } from '#policy';
import { known } from '#std';
import { type CompileResult, compile } from './compile.ts';
import { smallTarget } from './fixtures.ts';
import type { Identities } from './lower.ts';

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

for (const name of readdirSync(examples).filter((each) => each.endsWith('.yaml'))) {
  test(`the program of policies/examples/${name} is the golden one`, () => {
    const { programs, diagnostics } = compileText(readFileSync(join(examples, name), 'utf8'), name);
    assert.deepEqual(diagnostics, []);
    const text = programs.map(({ section, code }) => `${section}\n${disassemble(code)}\n`).join('\n');
    const file = join(golden, name.replace('.yaml', '.asm'));
    if (process.env.RINGFENCE_UPDATE_GOLDEN === '1') writeFileSync(file, text);
    assert.equal(text, readFileSync(file, 'utf8'));
  });
}

const enforceFile =
  '[{ matchArgs: [{ index: 0, operator: Equal, values: ["/x"] }], matchActions: [{ action: Sigkill }] }]';
const post = '[{ matchActions: [{ action: Post }] }]';

const refused = [
  ['a hook that the kernel lacks', 'file_opens', '[{ index: 0, type: file }]', enforceFile, 'RF2001 policy.yaml:6:11'],
  [
    'denying where there is no result',
    'bprm_committed_creds',
    '[{ index: 0, type: linux_binprm }]',
    enforceFile,
    'RF2002 policy.yaml:8:94',
  ],
  ['an argument that the hook has not', 'file_open', '[{ index: 1, type: file }]', post, 'RF2003 policy.yaml:7:21'],
  ['a type that the argument has not', 'file_open', '[{ index: 0, type: path }]', post, 'RF2004 policy.yaml:7:30'],
  ['an integer that is a pointer', 'file_open', '[{ index: 0, type: int }]', post, 'RF2004 policy.yaml:7:30'],
  ['an argument without a form', 'inode_permission', '[{ index: 0, type: file }]', post, 'RF2005 policy.yaml:7:30'],
  [
    'more paths than slots',
    'three_paths',
    '[{ index: 0, type: path }, { index: 1, type: path }, { index: 2, type: path }]',
    post,
    'RF2006 policy.yaml:7:64',
  ],
  [
    'text for what the kernel passes as a number',
    'file_permission',
    '[{ index: 1 }]',
    '[{ matchArgs: [{ index: 1, operator: Equal, values: ["/x"] }] }]',
    'RF2007 policy.yaml:8:69',
  ],
  [
    'a number for what the kernel passes as a file',
    'file_open',
    '[{ index: 0 }]',
    '[{ matchArgs: [{ index: 0, operator: Equal, values: ["4"] }] }]',
    'RF2007 policy.yaml:8:69',
  ],
  [
    'more bytes than a program holds',
    'file_open',
    '[{ index: 0, type: file }]',
    `[{ matchArgs: [{ index: 0, operator: Equal, values: [${manyPaths(1000, 100)}] }] }]`,
    'RF2101 policy.yaml:8:31',
  ],
  [
    'a jump that does not reach',
    'file_open',
    '[{ index: 0, type: file }]',
    `[{ matchArgs: [{ index: 0, operator: Equal, values: [${manyPaths(5000, 12)}] }] }]`,
    'RF2102',
  ],
] as const;

function manyPaths(count: number, length: number): string {
  return Array.from({ length: count }, (_, index) => `"/${String(index).padStart(length - 1, 'p')}"`).join(', ');
}

for (const [name, hook, args, selectors, expected] of refused) {
  test(`refused: ${name}`, () => {
    const { image, diagnostics } = compileText(policy(hook, args, selectors));
    assert.equal(image, undefined);
    const brief = diagnostics.map((each) => `${each.code} ${each.span === undefined ? '' : place(each.span)}`);
    assert.ok(
      brief.some((each) => each.startsWith(expected)),
      brief.join('; '),
    );
  });
}

function asm(text: string, identities: Identities = new Map()): string {
  const { programs, diagnostics } = compileText(text, 'policy.yaml', identities);
  assert.deepEqual(diagnostics, []);
  return disassemble(known(programs[0], 'program').code);
}

test('integers are compared at the width that the kernel passes', () => {
  const text = (type: string, value: string) =>
    policy(
      'file_permission',
      `[{ index: 1, type: ${type} }]`,
      `[{ matchArgs: [{ index: 1, operator: Equal, values: ["${value}"] }] }]`,
    );
  assert.match(asm(text('int', '-4')), /r2 <<= 0x20\n.*r2 s>>= 0x20\n.*\n?.*if r2 != -0x4 goto/);
  assert.match(asm(text('uint8', '4')), /r2 <<= 0x38\n.*r2 >>= 0x38\n.*\n?.*if r2 != 0x4 goto/);
  assert.match(
    asm(text('uint64', '0xffffffff')),
    /r2 <<= 0x20\n.*r2 >>= 0x20\n[\s\S]*r5 = 0xffffffff ll\n.*if r2 != r5 goto/,
  );
});

test('an unsigned 64-bit value beyond the signed range is compared whole', () => {
  const text = policy(
    'mmap_file',
    '[{ index: 3, type: uint64 }]',
    '[{ matchArgs: [{ index: 3, operator: Equal, values: ["0xffffffffffffffff"] }] }]',
  );
  assert.match(asm(text), /if r2 != -0x1 goto/);
});

test('an identity is tried before the name, and needs no readable name', () => {
  const text = policy('file_open', '[{ index: 0, type: file }]', enforceFile).replace(
    'metadata: { name: test }',
    'metadata: { name: test, annotations: { ringfence.io/file-identity: inode } }',
  );
  const code = asm(text, new Map([['/x', { inode: 77n, device: 0x1a }]]));
  assert.match(code, /r5 = 0x4d ll[\s\S]*if w4 != 0x1a goto[\s\S]*if r0 != 0x0 goto \S+ <unreadable/);
  assert.doesNotMatch(
    asm(policy('file_open', '[{ index: 0, type: file }]', enforceFile), new Map([['/x', { inode: 77n, device: 1 }]])),
    /0x4d ll/,
  );
});

test('policies on the same hook share one program, and each has its slot', () => {
  const one = policy('file_open', '[{ index: 0, type: file }]', enforceFile);
  const two = one.replace('name: test', 'name: other');
  const { image, programs } = compileText(`${one}---\n${two}`);
  assert.equal(programs.length, 1);
  assert.deepEqual(image?.hooks[0]?.policies, [
    { name: 'test', slot: 0 },
    { name: 'other', slot: 1 },
  ]);
  assert.equal(image?.hooks[0]?.enforces, true);
});

test('hooks without an enforcing selector do not claim to enforce', () => {
  const { image } = compileText(policy('file_open', '[{ index: 0, type: file }]', post));
  assert.equal(image?.hooks[0]?.enforces, false);
});

test('the object is one that our own reader takes, with a line of the policy for every instruction', () => {
  const { image } = compileText(policy('file_open', '[{ index: 0, type: file }]', enforceFile));
  const elf = new ElfView(known(image, 'image').object);
  const [program] = readFunctions(elf);
  assert.equal(program?.name, 'rf_0_file_open');
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
      `[{ matchArgs: [{ index: 1, operator: Prefix, values: ["/mnt/"] }] }]`,
    ),
  );
  const calls = [...code.matchAll(/r2 = (0x[01])\n.*\n.*call rf_path_of_path/g)].map((match) => match[1]);
  assert.deepEqual(calls.slice(0, 2), ['0x1', '0x0']);
});
