/** The budget of the verifier: how much of it large policies take, and what becomes of the one that is too much. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Diagnostic, hasErrors, renderDiagnostic } from '#diagnostics';
import { probeTarget, programInfoById } from '#kernel';
import { type ArgumentMatch, type Policy, parsePolicies } from '#policy';
import { BaseSensor, PolicySensor, readHostNamespaces } from '#sensors';
import { known } from '#std';
import { policyOf, repository } from './harness/index.ts';

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'budget-')));
const short = join(directory, 'short');
writeFileSync(short, '');
after(() => rmSync(directory, { recursive: true }));

const fileArgument = { hook: 'file_open', args: [{ index: 0, type: 'file' }] };

/** Of the million that it walks; see docs/performance.md. */
const VERIFIED_MAX = 300_000;
const POLICIES = 20;
const SELECTORS = 50;
/** Ten thousand in all; more are only more entries of the set, which the verifier does not see. */
const VALUES_EACH = 10;

const budgets = [
  ['paths', {}],
  ['paths and binaries', { matchBinaries: [{ operator: 'NotIn', values: ['/usr/bin/backup'] }] }],
] as const;

for (const [what, more] of budgets) {
  test(`${POLICIES} policies of ${SELECTORS} selectors, ${what}: at most ${VERIFIED_MAX} verified instructions`, (context) => {
    using sensors = new Sensors();
    const policy = wide(more);
    const policies = Array.from({ length: POLICIES }, (_, index) => renamed(policy, index));
    assert.deepEqual(errors(sensors.policies.replace(policies)), []);
    const verified = known(verifiedInstructions('rf_0_file_open'), 'count of verified instructions');
    context.diagnostic(`${what}: ${verified} verified instructions`);
    assert.ok(verified <= VERIFIED_MAX, `${verified} verified instructions`);
  });
}

function wide(more: object): Policy {
  const selectors = Array.from({ length: SELECTORS }, (_, index) => {
    const values = Array.from({ length: VALUES_EACH }, (_, value) => `/srv/${index}/${value}`);
    const operator = index % 2 === 0 ? 'Equal' : 'Prefix';
    const matchActions = [{ action: 'Override', argError: -13 }];
    return { ...more, matchArgs: [{ index: 0, operator, values }], matchActions };
  });
  return parsed(policyOf('wide', { lsmhooks: [{ ...fileArgument, selectors }] }), 'wide');
}

/** The same with other values: to read them all from YAML would take an emulated machine too long. */
function renamed(policy: Policy, index: number): Policy {
  const other = (match: ArgumentMatch): ArgumentMatch => ({
    ...match,
    values: match.values.map((value) => {
      if (value.kind !== 'string') return value;
      const text = `${value.text}/${index}`;
      return { ...value, text, bytes: new TextEncoder().encode(text) };
    }),
  });
  return {
    ...policy,
    name: `${policy.name}-${index}`,
    hooks: policy.hooks.map((hook) => ({
      ...hook,
      selectors: hook.selectors.map((selector) => ({ ...selector, arguments: selector.arguments.map(other) })),
    })),
  };
}

/**
 * Each of these compares a text that is too long for a set, eight bytes at a time. So many can one kernel keep in mind
 * at once (BPF_COMPLEXITY_LIMIT_JMP_SEQ, 8192), and with one more policy it is one comparison too many.
 */
const LONG_BYTES = 3_847;
const LONG_POLICIES = 17;

test('a policy that is too much for the verifier is refused on its line, and the others are loaded', () => {
  using sensors = new Sensors();
  const policies = Array.from({ length: LONG_POLICIES }, (_, index) => long(index));
  const found = errors(sensors.policies.replace([exactly('short', short), ...policies]));
  assert.deepEqual(
    found.map(({ code, span }) => `${code} ${span?.file}:${span?.line}`),
    [`RF2203 long-${LONG_POLICIES - 1}.yaml:${long(0).hooks[0]?.name.span.line}`],
    found.map(renderDiagnostic).join('\n'),
  );
  assert.equal(sensors.policies.counts().length, LONG_POLICIES);
  assert.throws(() => readFileSync(short), { code: 'EACCES' });
});

test('a policy that is too much for a program is refused on its line, and what is loaded goes on', () => {
  using sensors = new Sensors();
  assert.deepEqual(errors(sensors.policies.replace([exactly('short', short)])), []);
  const policies = Array.from({ length: LONG_POLICIES + 1 }, (_, index) => long(index));
  const found = errors(sensors.policies.replace([exactly('short', short), ...policies]));
  assert.deepEqual(
    found.map(({ code, span }) => `${code} ${span?.file}`),
    [`RF2101 long-${LONG_POLICIES}.yaml`],
  );
  assert.throws(() => readFileSync(short), { code: 'EACCES' });
});

function long(index: number): Policy {
  const path = `/${String(index).padStart(LONG_BYTES - 1, 'a')}`;
  return exactly(`long-${index}`, path);
}

function exactly(name: string, path: string): Policy {
  const matchArgs = [{ index: 0, operator: 'Equal', values: [path] }];
  const selectors = [{ matchArgs, matchActions: [{ action: 'Override', argError: -13 }] }];
  return parsed(policyOf(name, { lsmhooks: [{ ...fileArgument, selectors }] }), name);
}

function parsed(text: string, name: string): Policy {
  const { policies, diagnostics } = parsePolicies(text, `${name}.yaml`);
  assert.ok(!hasErrors(diagnostics), diagnostics.map(renderDiagnostic).join('\n'));
  return known(policies[0], 'policy');
}

function errors(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.filter(({ severity }) => severity === 'error');
}

/** In this process, to see what it is told, and what the kernel made of it. */
class Sensors {
  readonly base: BaseSensor;
  readonly policies: PolicySensor;

  constructor() {
    const objects = join(repository, 'kprobes/build');
    this.base = new BaseSensor({ image: readFileSync(join(objects, 'base.bpf.o')) });
    this.policies = new PolicySensor({
      ...{ base: this.base, target: probeTarget(), hostNamespaces: readHostNamespaces() },
      runtime: readFileSync(join(objects, 'runtime.bpf.o')),
    });
  }

  [Symbol.dispose](): void {
    this.policies[Symbol.dispose]();
    this.base[Symbol.dispose]();
  }
}

/** Of the program of that name. */
function verifiedInstructions(name: string): number | undefined {
  const { status, stdout, stderr } = spawnSync('bpftool', ['--json', 'prog', 'list'], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const programs = JSON.parse(stdout) as readonly { readonly id: number; readonly name?: string }[];
  const program = programs.find((each) => each.name === name);
  return program === undefined ? undefined : programInfoById(program.id).verifiedInstructions;
}
