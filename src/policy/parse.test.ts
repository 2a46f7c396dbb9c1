/** From text to model: what is defaulted, what is kept, where it stands, and what only hostile files do. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { place } from '#diagnostics';
import { known } from '#std';
import { killBudgetText } from './annotations.ts';
import { parsed, policyText } from './fixtures.ts';
import type { ArgumentValue, Hook } from './model.ts';
import { parsePolicies, parsePolicyFiles } from './parse.ts';

function policyWith(hooks: string, metadata = ''): string {
  return policyText(`  lsmhooks:\n${hooks}`, metadata);
}

function firstHook(text: string): Hook {
  return known(parsed(text).hooks[0], 'hook');
}

test('a hook without selectors posts everything, and a selector without actions posts', () => {
  const bare = firstHook(policyWith('  - hook: file_open\n'));
  assert.deepEqual(
    bare.selectors.map((selector) => selector.actions.map((action) => action.kind)),
    [['post']],
  );
  const selected = firstHook(policyWith('  - hook: file_open\n    selectors:\n    - label: all\n'));
  assert.deepEqual(
    selected.selectors.map((selector) => [selector.label, selector.actions.map((action) => action.kind)]),
    [['all', ['post']]],
  );
});

test('a filter names its argument by the index of the hook, or by the position in the list', () => {
  const hook = firstHook(
    policyWith(`  - hook: file_receive
    args:
    - index: 3
      type: int
    - index: 1
      type: file
    selectors:
    - matchArgs:
      - index: 1
        operator: Equal
        values: [/tmp/x]
      - args: [0]
        index: 1
        operator: Equal
        values: ["7"]
`),
  );
  assert.deepEqual(
    hook.selectors[0]?.arguments.map((filter) => filter.argument),
    [1, 0],
  );
});

test('spans point at names, types and values', () => {
  const policy = parsed(
    policyWith(`  - hook: file_open
    args:
    - index: 0
      type: file
    selectors:
    - matchArgs:
      - index: 0
        operator: Postfix
        values: [ /id_rsa ]
`),
  );
  const hook = known(policy.hooks[0], 'hook');
  const filter = known(hook.selectors[0]?.arguments[0], 'filter');
  assert.deepEqual(
    [policy.span, hook.name.span, hook.arguments[0]?.type.span, filter.operator.span, filter.values[0]?.span].map(
      (span) => place(known(span, 'span')),
    ),
    ['policy.yaml:4:9', 'policy.yaml:7:11', 'policy.yaml:10:13', 'policy.yaml:14:19', 'policy.yaml:15:19'],
  );
  assert.equal(filter.values[0]?.span.endColumn, 26);
  assert.equal(filter.values[0]?.span.text, '        values: [ /id_rsa ]');
});

const numbers = [
  ['decimal', 'uint64', '18446744073709551615', 18_446_744_073_709_551_615n],
  ['base 16', 'uint32', '0xFFFFFFFF', 4_294_967_295n],
  ['base 8', 'int', '0755', 493n],
  ['zero', 'int', '0', 0n],
  ['negative', 'int64', '-9223372036854775808', -9_223_372_036_854_775_808n],
  ['negative base 16', 'sint8', '-0x80', -128n],
  ['with a plus', 'int16', '+1', 1n],
  ['of a size', 'size_t', '0xffffffffffffffff', 18_446_744_073_709_551_615n],
  ['of no declared type', 'auto', '-1', -1n],
] as const;

function valuesOf(type: string, value: string): readonly ArgumentValue[] {
  const text = policyWith(`  - hook: mmap_addr
    args:
    - index: 0
      type: ${type}
    selectors:
    - matchArgs:
      - operator: Equal
        values: [${JSON.stringify(value)}]
`);
  return known(firstHook(text).selectors[0]?.arguments[0], 'filter').values;
}

for (const [name, type, text, expected] of numbers) {
  test(`a number ${name}`, () => {
    const [value] = valuesOf(type, text);
    assert.deepEqual(value?.kind === 'integer' && value.value, expected);
  });
}

test('a path is kept as its UTF-8 bytes', () => {
  const [value] = valuesOf('file', '/srv/ä€😀');
  assert.ok(value?.kind === 'string');
  assert.deepEqual(Buffer.from(value.bytes), Buffer.from('/srv/ä€😀'));
});

test('a path is told from a number where the type is not declared', () => {
  assert.deepEqual(
    ['/etc/shadow', '0x10'].map((value) => valuesOf('auto', value)[0]?.kind),
    ['string', 'integer'],
  );
});

test('values in an alias are read as if they were written out', () => {
  const hook = firstHook(
    policyWith(`  - hook: file_open
    args:
    - &first
      index: 0
      type: file
    selectors:
    - matchArgs:
      - operator: Equal
        values: &paths [/tmp/x, /tmp/y]
    - matchArgs:
      - operator: Postfix
        values: *paths
  - hook: file_permission
    args: [*first]
`),
  );
  assert.deepEqual(
    hook.selectors[1]?.arguments[0]?.values.map((value) => value.kind === 'string' && value.text),
    ['/tmp/x', '/tmp/y'],
  );
});

const options = 'options:\n  - name: policy-mode\n    value: ';
const settings = [
  ['nothing', policyWith('  - hook: file_open\n'), 'enforce', 'path'],
  ['monitor', policyWith(`  - hook: file_open\n  ${options}monitor\n`), 'monitor', 'path'],
  ['enforce', policyWith(`  - hook: file_open\n  ${options}enforce\n`), 'enforce', 'path'],
  [
    'inode identity',
    policyWith('  - hook: file_open\n', '  annotations:\n    ringfence.io/file-identity: inode\n'),
    'enforce',
    'inode',
  ],
] as const;

for (const [name, text, mode, fileIdentity] of settings) {
  test(`settings: ${name}`, () => {
    const policy = parsed(text);
    assert.deepEqual([policy.mode, policy.fileIdentity], [mode, fileIdentity]);
  });
}

const killing = `  - hook: file_open
    args: [{ index: 0, type: file }]
    selectors:
    - matchBinaries: [{ operator: In, values: [/srv/x] }]
      matchActions: [{ action: Sigkill }]
`;

const budgets = [
  ['10/m', { kills: 10, windowMs: 60_000 }],
  ['1/s', { kills: 1, windowMs: 1000 }],
  ['1000000/h', { kills: 1_000_000, windowMs: 3_600_000 }],
] as const;

for (const [written, expected] of budgets) {
  test(`a kill budget: ${written}`, () => {
    const metadata = `  annotations:\n    ringfence.io/kill-budget: ${written}\n`;
    const { killBudget } = parsed(policyWith(killing, metadata));
    assert.deepEqual(killBudget, expected);
    assert.equal(killBudget && killBudgetText(killBudget), written);
  });
}

test('a policy has no kill budget unless it says so', () => {
  assert.equal(parsed(policyWith('  - hook: file_open\n')).killBudget, undefined);
});

for (const written of ['0/m', '"10"', '10/d', '1000001/m', '-1/m', '1.5/m', '010/m', '10 / m', 'm', '""', '10/m ago']) {
  test(`no kill budget: ${written}`, () => {
    const metadata = `  annotations:\n    ringfence.io/kill-budget: ${written}\n`;
    const { diagnostics } = parsePolicies(policyWith('  - hook: file_open\n', metadata), 'policy.yaml');
    const [first] = diagnostics;
    assert.deepEqual([first?.code, first?.severity], ['RF1205', 'error']);
    assert.match(first?.span?.text.slice((first.span.column ?? 0) - 1) ?? '', new RegExp(`^${written}`));
  });
}

test('a kill budget of a policy that kills nothing is warned of, at the annotation', () => {
  const metadata = '  annotations:\n    ringfence.io/kill-budget: 5/m\n';
  const codesOf = (action: string) =>
    parsePolicies(
      policyWith(`  - hook: file_open\n    selectors:\n    - matchActions:\n      - action: ${action}\n`, metadata),
      'policy.yaml',
    ).diagnostics.flatMap(({ code, span }) => (code === 'RF1506' ? [span?.text.trim()] : []));
  assert.deepEqual(codesOf('Post'), ['ringfence.io/kill-budget: 5/m']);
  assert.deepEqual(codesOf('Sigkill'), []);
});

test('what kubectl prints can be read back', () => {
  const metadata = `  annotations:
    kubectl.kubernetes.io/last-applied-configuration: "{}"
  creationTimestamp: "2026-01-01T00:00:00Z"
  generation: 1
  resourceVersion: "12"
  uid: 0b5c1e0e-0000-4000-8000-000000000000
`;
  assert.equal(parsed(policyWith('  - hook: file_open\n', metadata)).name, 'example');
});

test('one bad document does not hide the good ones, and CRLF and a BOM are let through', () => {
  const good = policyWith('  - hook: file_open\n').replaceAll('\n', '\r\n');
  const { policies, diagnostics } = parsePolicies(`\uFEFF${good}---\r\na: [\r\n---\r\nkind: Pod\r\n`, 'policy.yaml');
  assert.deepEqual(
    policies.map((policy) => policy.name),
    ['example'],
  );
  assert.deepEqual(new Set(diagnostics.map((each) => each.code)), new Set(['RF1007', 'RF1101']));
});

test('a name that two files have is refused once, at the second', () => {
  const text = policyWith('  - hook: file_open\n');
  const { policies, diagnostics } = parsePolicyFiles([
    { file: 'a.yaml', text },
    { file: 'b.yaml', text },
  ]);
  assert.deepEqual(
    policies.map((policy) => policy.source),
    ['a.yaml'],
  );
  assert.deepEqual(
    diagnostics.map((each) => [each.code, each.span?.file]),
    [['RF1114', 'b.yaml']],
  );
});

test('every hook that gives files other names silences the warning about parts of names', () => {
  const hooks = ['path_link', 'path_rename', 'sb_mount', 'move_mount'].map((hook) => `  - hook: ${hook}\n`).join('');
  const enforcing = `  - hook: file_open
    args:
    - index: 0
      type: file
    selectors:
    - matchArgs:
      - operator: Prefix
        values: [/srv/secret/]
      matchActions:
      - action: Sigkill
`;
  assert.equal(parsed(policyWith(enforcing + hooks)).hooks.length, 5);
  const { diagnostics } = parsePolicies(policyWith(enforcing), 'policy.yaml');
  assert.deepEqual(
    diagnostics.map((each) => each.code),
    ['RF1505'],
  );
});

const examples = new URL('../../policies/examples/', import.meta.url);
/** That it decides by a part of a name is said of these, and their comments say why it is so. */
const byPartOfName: readonly string[] = ['no-kernel-modules.yaml', 'no-memory-exec.yaml', 'protect-credentials.yaml'];
for (const name of readdirSync(examples)) {
  const expected = byPartOfName.includes(name) ? ['RF1505'] : [];
  test(`example ${name}: ${expected.length === 0 ? 'nothing' : expected} is to be said about it`, () => {
    const { policies, diagnostics } = parsePolicies(readFileSync(new URL(name, examples), 'utf8'), name);
    assert.deepEqual([...new Set(diagnostics.map(({ code }) => code))], expected);
    assert.deepEqual(
      policies.map((policy) => `${policy.name}.yaml`),
      [name],
    );
  });
}

const manyValues = (value: string): string =>
  policyWith(`  - hook: file_open
    args:
    - type: file
    selectors:
    - matchArgs:
      - operator: Equal
        values: [${`${value},`.repeat(40_000)}]
`);

test('many warnings do not crowd out an error', () => {
  const repeated = policyWith(`  - hook: file_open
    args:
    - type: file
    selectors:
    - matchArgs:
      - operator: Equal
        values: [${'/tmp/x,'.repeat(9_000)}]
    - matchArgs:
      - operator: Equal
        values: [relative]
`);
  const { policies, diagnostics } = parsePolicies(repeated, 'policy.yaml');
  assert.deepEqual(policies, []);
  assert.ok(diagnostics.some((each) => each.code === 'RF1308'));
});

/** Each ends at once, refused: the test runner's own limit would tell a hang. */
const hostile = [
  ['open brackets', 'a: ['.repeat(100_000)],
  ['open maps', '{'.repeat(500_000)],
  ['nested blocks', Array.from({ length: 900 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')],
  ['nested lists on one line', '- '.repeat(100_000)],
  ['explicit keys', '? '.repeat(100_000)],
  ['many keys', Array.from({ length: 100_000 }, (_, count) => `k${count}:\n`).join('')],
  ['one key very often', 'k: 1\n'.repeat(150_000)],
  ['many anchors and aliases', 'a: [&x 1, *x]\n'.repeat(50_000)],
  [
    'billion laughs',
    Array.from({ length: 30 }, (_, count) =>
      `a${count}: &a${count} [${`*a${count - 1},`.repeat(9)}]`.replaceAll('*a-1', 'x'),
    ).join('\n'),
  ],
  ['values of a wrong type', manyValues('1')],
  ['too many values', manyValues('a')],
  ['nulls', `[${','.repeat(1_000_000)}]`],
  ['commas and keys', `{${'a,'.repeat(400_000)}}`],
  ['quotes', '"'.repeat(1_000_000)],
  ['backslashes', `"${'\\\\'.repeat(500_000)}`],
  ['colons', ': '.repeat(500_000)],
  ['comments', '#\n'.repeat(500_000)],
  ['directives', '%YAML 1.2\n'.repeat(100_000)],
  ['tags', '!a '.repeat(300_000)],
  ['anchors', '&a '.repeat(300_000)],
  ['tabs', '\t'.repeat(1_000_000)],
  ['spaces', ' '.repeat(1_000_000)],
  ['new lines', '\n'.repeat(1_000_000)],
  ['carriage returns', '\r'.repeat(1_000_000)],
  ['a long plain text', `a: ${'b '.repeat(500_000)}`],
  ['a long block text', `a: |\n${' b\n'.repeat(300_000)}`],
  ['a folded text', `a: >\n${' b\n\n'.repeat(200_000)}`],
  ['a text of many lines in a list', `[${'a\n '.repeat(300_000)}`],
  ['NUL characters', '\0'.repeat(1_000_000)],
  ['surrogates', '\ud800'.repeat(300_000)],
] as const;

for (const [name, text] of hostile) {
  test(`a hostile file is refused: ${name}`, () => {
    const { policies, diagnostics } = parsePolicies(text, 'hostile.yaml');
    assert.deepEqual(policies, []);
    assert.ok(diagnostics.length > 0 && diagnostics.length <= 100, `${diagnostics.length} diagnostics`);
  });
}
