/** What the compiler refuses although the kernel has the hook: on the line that asks for it, and the least more passes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { place } from '#diagnostics';
import { parsePolicies } from '#policy';
import { known } from '#std';
import { savedTarget } from '../../test/targets/index.ts';
import { type CompileInput, compile, compileResolved } from './compile.ts';
import { Findings } from './findings.ts';
import { resolvePolicy } from './resolve.ts';
import type { ResolvedPolicy } from './resolved.ts';

const target = savedTarget('6.12');

type Options = Partial<Pick<CompileInput, 'identities' | 'hostNamespaces'>>;

function codesOf(text: string, options: Options = {}): readonly string[] {
  const { policies, diagnostics } = parsePolicies(text, 'policy.yaml');
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    [],
  );
  const input = policies.map((policy, slot) => ({ policy, slot }));
  const found = compile({ policies: input, target, identities: new Map(), ...options }).diagnostics;
  return found
    .filter(({ severity }) => severity === 'error')
    .map(({ code, span }) => `${code} ${span ? place(span) : ''}`);
}

function policy(spec: string, { name = 'test', annotations = '{}' } = {}): string {
  const metadata = `metadata: { name: ${name}, annotations: ${annotations} }`;
  return `apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\n${metadata}\nspec:\n${spec}\n`;
}

const open = (selectors: string) =>
  `  lsmhooks:\n  - hook: file_open\n    args: [{ index: 0, type: file }]\n    selectors: [${selectors}]`;

/** No set answers for ports. */
const ports = JSON.stringify(Array.from({ length: 9_000 }, (_, index) => `${2 * index}`));
const connect = (selectors: number, name = 'test') => {
  const selector = `{ matchArgs: [{ index: 0, operator: DPort, values: ${ports} }] }`;
  const list = Array.from({ length: selectors }, () => selector).join(', ');
  return policy(
    `  kprobes:\n  - call: tcp_connect\n    syscall: false\n    args: [{ index: 0, type: sock }]\n    selectors: [${list}]`,
    { name },
  );
};

test('code that is too long: RF2102', () => {
  assert.deepEqual(
    codesOf(connect(3)).map((each) => each.split(' ')[0]),
    ['RF2102'],
  );
  assert.deepEqual(codesOf(connect(1)), []);
});

/** Longer than a key of a set: they are compared. */
const compared = (name: string, count: number) => {
  const values = Array.from({ length: count }, (_, index) => `/${name}/${'x'.repeat(300)}${index}`);
  return policy(open(`{ matchArgs: [{ index: 0, operator: Equal, values: ${JSON.stringify(values)} }] }`), { name });
};
const wrong = policy('  lsmhooks:\n  - hook: no_such_hook', { name: 'wrong' });

/** The policies by their position, which are refused although all parse. */
const refusals: readonly (readonly [
  name: string,
  policies: readonly string[],
  refused: readonly number[],
  codes: string,
])[] = [
  ['what is wrong by itself', [compared('a', 1), wrong, compared('b', 1)], [1], 'RF2001'],
  ['what is too much by itself', [compared('a', 100), compared('b', 250), compared('c', 1)], [1], 'RF2101'],
  [
    'what is too much beside those before it',
    [compared('a', 100), compared('b', 150), compared('c', 50), compared('d', 150)],
    [1, 3],
    'RF2101 RF2101',
  ],
  ['what is too long by itself', [connect(1), connect(3, 'long'), connect(1, 'other')], [1], 'RF2102'],
];

for (const [name, policies, refused, codes] of refusals) {
  test(`refused: ${name}, and the others are not`, () => {
    const parsed = parsePolicies(policies.join('---\n'), 'policy.yaml');
    assert.equal(parsed.policies.length, policies.length);
    const input = parsed.policies.map((each, slot) => ({ policy: each, slot }));
    const compileThese = (some: typeof input) => compile({ policies: some, target, identities: new Map() });
    const result = compileThese(input);
    assert.deepEqual(result.refused, refused);
    assert.equal(result.image, undefined);
    const errors = result.diagnostics.filter(({ severity }) => severity === 'error');
    assert.equal(errors.map(({ code }) => code).join(' '), codes);
    const others = compileThese(input.filter(({ slot }) => !refused.includes(slot)));
    assert.deepEqual([others.refused, others.image === undefined], [[], false]);
  });
}

const read = (actions: string) =>
  `  kprobes:\n  - call: sys_read\n    return: true\n    returnArg: { index: 0, type: int64 }\n    selectors:\n    - ${actions}`;

test('NoPost, and something to be done at the return: RF2104', () => {
  const both = 'matchActions: [{ action: NoPost }]\n      matchReturnActions: [{ action: Sigkill }]';
  assert.deepEqual(codesOf(policy(read(both))), ['RF2104 policy.yaml:10:22']);
  assert.deepEqual(codesOf(policy(read('matchReturnActions: [{ action: Sigkill }]'))), []);
});

test('more lists to follow than bits: RF2106', () => {
  const following = (count: number) =>
    Array.from({ length: count }, (_, index) =>
      policy(open(`{ matchBinaries: [{ operator: In, values: ["/bin/${index}"], followChildren: true }] }`), {
        name: `test${index}`,
      }),
    ).join('---\n');
  assert.deepEqual(codesOf(following(64)), []);
  assert.deepEqual(
    codesOf(following(65)).map((each) => each.split(' ')[0]),
    ['RF2106'],
  );
});

test('a namespace that process 1 has not: RF2107', () => {
  const text = policy(open('{ matchNamespaces: [{ namespace: Time, operator: In, values: [host_ns] }] }'));
  assert.deepEqual(codesOf(text, { hostNamespaces: { uts: 1 } }), ['RF2107 policy.yaml:8:37']);
  assert.deepEqual(codesOf(text, { hostNamespaces: { time: 1 } }), []);
});

test('a mask of bits that are not passed: RF2108', () => {
  const masked = (mask: string) =>
    policy(
      `  lsmhooks:\n  - hook: file_permission\n    args: [{ index: 1 }]\n    selectors: [{ matchArgs: [{ index: 1, operator: Mask, values: ["${mask}"] }] }]`,
    );
  assert.deepEqual(codesOf(masked('0x100000000')), ['RF2108 policy.yaml:8:68']);
  assert.deepEqual(codesOf(masked('0x80000000')), []);
});

test('a system call that is in no table: RF2109', () => {
  const listed = (name: string) =>
    policy(
      [
        `  lists: [{ name: calls, type: syscalls, values: [${name}] }]`,
        '  tracepoints:',
        '  - subsystem: raw_syscalls',
        '    event: sys_enter',
        '    args: [{ index: 4, type: syscall64 }]',
        '    selectors: [{ matchArgs: [{ index: 4, operator: InMap, values: ["list:calls"] }] }]',
      ].join('\n'),
    );
  assert.deepEqual(
    codesOf(listed('sys_nothing')).map((each) => each.split(' ')[0]),
    ['RF2109'],
  );
  assert.deepEqual(codesOf(listed('sys_openat')), []);
});

/** No hook of today's kernels has so many. */
test('more different values of one call than an invocation holds: RF2110', () => {
  const arguments_ = Array.from({ length: 5 }, () => '{ index: 0, type: file }').join(', ');
  const text = policy(`  lsmhooks:\n  - hook: file_open\n    args: [${arguments_}]`);
  const { policies } = parsePolicies(text, 'policy.yaml');
  const first = known(policies[0], 'policy');
  const { resolved } = resolvePolicy(first, 0, target, []);
  const [part] = resolved.parts;
  const apart = (start: number, slot: number): ResolvedPolicy => ({
    policy: first,
    slot,
    parts: [
      {
        ...known(part, 'part'),
        arguments: known(part, 'part').arguments.map((argument, index) =>
          argument === undefined ? undefined : { ...argument, source: { kind: 'context', index: start + index } },
        ),
      },
    ],
  });
  const codes = (count: number) => {
    const some = Array.from({ length: count }, (_, index) => apart(index * 5, index));
    const { diagnostics } = compileResolved({ policies: some, arch: 'x86_64', identities: new Map() }, new Findings());
    return diagnostics.map(({ code, span }) => `${code} ${span ? place(span) : ''}`);
  };
  assert.deepEqual(codes(3), []);
  assert.deepEqual(
    codes(4),
    [...Array(4).keys()].map((index) => `RF2110 policy.yaml:7:${38 + index * 26}`),
  );
});
