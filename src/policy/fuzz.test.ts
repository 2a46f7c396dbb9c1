/** Mutated policies: whatever the text, the parser returns, and what it says has its place inside the text. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { hasErrors } from '#diagnostics';
import { known } from '#std';
import type { Argument, ArgumentMatch, Hook, Policy, Selector } from './model.ts';
import { maskedNetwork } from './network-address.ts';
import { operatorsOf } from './operators.ts';
import { parsePolicies } from './parse.ts';

const seconds = Number(process.env.RINGFENCE_FUZZ_SECONDS ?? 2);
const seed = Number(process.env.RINGFENCE_FUZZ_SEED ?? Date.now() % 1_000_000_007);

const corpus = process.env.RINGFENCE_CORPUS ?? fileURLToPath(new URL('../../../shared/corpus', import.meta.url));
const folders = [
  fileURLToPath(new URL('../../policies/examples', import.meta.url)),
  fileURLToPath(new URL('testdata/diagnostics', import.meta.url)),
  ...(existsSync(corpus) ? [corpus] : []),
];

function seeds(): readonly string[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ya?ml|policy)$/.test(name))
      .map((name) => readFileSync(`${folder}/${name}`, 'utf8')),
  );
}

/** mulberry32: small, and the same everywhere for the same seed. */
function randomFrom(start: number): (below: number) => number {
  let state = start >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const fragments = [
  ...[
    '\n',
    '\t',
    '\r',
    ' ',
    '  ',
    '- ',
    ': ',
    '? ',
    '# ',
    '|\n',
    '>-\n',
    '---\n',
    '...\n',
    '%YAML 1.1\n',
    '\0',
    '\uFEFF',
  ],
  ...['[', ']', '{', '}', ',', '"', "'", '\\', '&a ', '*a', '<<: *a\n', '!!str ', '!!binary ', '!x ', '@', '`', '~'],
  ...[
    'null',
    'true',
    'on',
    '010',
    '0x10',
    '1e999',
    '-1',
    '.nan',
    '99999999999999999999',
    '\ud800',
    '😀',
    '__proto__: 1\n',
  ],
  ...[
    'toString: 1\n',
    'constructor',
    'spec:\n',
    'lsmhooks:\n',
    'operator: Prefix\n',
    'action: Override\n',
    'values: []\n',
    'kprobes:\n',
    'tracepoints:\n',
    'syscall: false\n',
    'return: true\n',
    'list:a',
    '::ffff:1.2.3.4/100',
    '1:2',
    'type: sock\n',
    'type: capability\n',
    'operator: InMap\n',
    'operator: DAddr\n',
    'matchReturnArgs:\n',
    'CAP_SYS_ADMIN',
    'host_ns',
  ],
];

type Random = ReturnType<typeof randomFrom>;

function mutate(text: string, others: readonly string[], random: Random): string {
  let mutated = text;
  for (let count = random(4) + 1; count > 0; count -= 1) {
    const at = random(mutated.length + 1);
    const length = random(40);
    const other = known(others[random(others.length)], 'seed');
    const from = random(other.length + 1);
    const inserts = [
      '',
      known(fragments[random(fragments.length)], 'fragment'),
      known(fragments[random(fragments.length)], 'fragment').repeat(random(50)),
      other.slice(from, from + random(200)),
      mutated.slice(at, at + length).repeat(2),
      String.fromCharCode(random(0x250)),
    ];
    const keep = random(2) === 0 ? 0 : length;
    mutated = mutated.slice(0, at) + known(inserts[random(inserts.length)], 'insert') + mutated.slice(at + keep);
  }
  return mutated;
}

/** Returns how many policies there are in the text. */
function check(text: string): number {
  const lines = text.split('\n');
  const { policies, diagnostics } = parsePolicies(text, 'fuzz.yaml');
  assert.ok(policies.length > 0 || hasErrors(diagnostics), 'neither a policy nor an error');
  assert.ok(diagnostics.length <= 101, 'too many diagnostics');
  for (const { span } of diagnostics) {
    if (span === undefined) continue;
    assert.ok(span.line >= 1 && span.line <= lines.length && span.column >= 1, `line ${span.line} of ${lines.length}`);
    assert.ok(span.endLine > span.line || (span.endLine === span.line && span.endColumn >= span.column), 'ends first');
  }
  for (const policy of policies) checkPolicy(policy);
  return policies.length;
}

/** What the types of the model promise beyond what a type can say. */
function checkPolicy(policy: Policy): void {
  assert.ok(policy.hooks.length > 0);
  const checked = new Set<readonly Selector[]>();
  for (const hook of policy.hooks) {
    if (hook.kind === 'kprobe') assert.equal(hook.returns, hook.returnArgument !== undefined);
    // The hooks of a list share their selectors.
    if (checked.has(hook.selectors)) continue;
    checked.add(hook.selectors);
    assert.ok(hook.selectors.length > 0);
    for (const selector of hook.selectors) checkSelector(selector, hook);
  }
}

function checkSelector(selector: Selector, hook: Hook): void {
  assert.ok(selector.actions.length > 0);
  assert.notEqual(selector.binaries?.values.length, 0);
  for (const { values } of selector.pids) assert.equal(new Set(values).size, values.length || Number.NaN);
  for (const { values } of selector.namespaces) assert.ok(values.length > 0);
  for (const { mask } of selector.capabilities) assert.ok(mask > 0n);
  for (const filter of selector.arguments) checkFilter(filter, hook.arguments[filter.argument]);
  const returned = hook.kind === 'kprobe' ? hook.returnArgument : undefined;
  for (const filter of selector.returnArguments) {
    assert.equal(filter.argument, -1);
    checkFilter(filter, returned);
  }
}

function checkFilter({ operator, values }: ArgumentMatch, declared: Argument | undefined): void {
  assert.ok(declared !== undefined && operatorsOf(declared.type.value).includes(operator.value));
  assert.equal(new Set(values.map((value) => value.kind)).size, 1);
  for (const value of values) {
    if (value.kind === 'range') assert.ok(value.minimum <= value.maximum);
    if (value.kind !== 'address') continue;
    assert.equal(value.bytes.length, value.version === 4 ? 4 : 16);
    assert.deepEqual(maskedNetwork(value).bytes, value.bytes);
  }
}

test(`mutated policies for ${seconds} s`, (context) => {
  const texts = seeds();
  // Most are refused as they are: what is behind the refusals is reached only from those that are not.
  const valid = texts.filter((text) => parsePolicies(text, 'fuzz.yaml').policies.length > 0);
  const random = randomFrom(seed);
  const end = Date.now() + seconds * 1000;
  const counts = { runs: 0, accepted: 0, slowestMs: 0 };
  context.diagnostic(`seed ${seed} (RINGFENCE_FUZZ_SEED repeats it)`);
  for (; Date.now() < end; counts.runs += 1) {
    const from = random(2) === 0 ? texts : valid;
    const text = mutate(known(from[random(from.length)], 'seed'), texts, random);
    const started = performance.now();
    try {
      counts.accepted += check(text);
    } catch (error) {
      throw new Error(`seed ${seed}, run ${counts.runs}: ${JSON.stringify(text)}`, { cause: error });
    }
    counts.slowestMs = Math.max(counts.slowestMs, Math.round(performance.now() - started));
  }
  context.diagnostic(JSON.stringify(counts));
});
