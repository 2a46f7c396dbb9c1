/** What the compiler refuses although the kernel has the hook: on the line that asks for it, and the least more passes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { place } from '#diagnostics';
import { parsePolicies } from '#policy';
import { known } from '#std';
import { savedTarget } from '../../test/targets/index.ts';
import { type CompileInput, compile, compileResolved } from './compile.ts';
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

test('a value that a set cannot hold, and code that is too long: RF2102', () => {
  const names = Array.from({ length: 6000 }, (_, index) => `/srv/${index}`);
  const identities = new Map(names.map((name, index) => [name, { inode: BigInt(index), device: 1 }]));
  const values = JSON.stringify(names);
  const text = policy(open(`{ matchArgs: [{ index: 0, operator: Equal, values: ${values} }] }`), {
    annotations: '{ ringfence.io/file-identity: inode }',
  });
  assert.deepEqual(
    codesOf(text, { identities }).map((each) => each.split(' ')[0]),
    ['RF2102'],
  );
  assert.deepEqual(codesOf(text), [], 'without inodes all of it is one set');
});

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
    const { diagnostics } = compileResolved({ policies: some, arch: 'x86_64', identities: new Map() }, []);
    return diagnostics.map(({ code, span }) => `${code} ${span ? place(span) : ''}`);
  };
  assert.deepEqual(codes(3), []);
  assert.deepEqual(
    codes(4),
    [...Array(4).keys()].map((index) => `RF2110 policy.yaml:7:${38 + index * 26}`),
  );
});
