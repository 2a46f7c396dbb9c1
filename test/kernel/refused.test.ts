/** What the kernel refuses of a change takes nothing away: the links of what enforces are the same ones all the time. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Diagnostic, hasErrors } from '#diagnostics';
import { probeTarget } from '#kernel';
import { type Policy, parsePolicies } from '#policy';
import { BaseSensor, PolicySensor, readHostNamespaces } from '#sensors';
import { compileOrSpoil, crowd, kernelObjects, policyText, repository, SPOILED } from './harness/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'refused-'));
const secret = join(directory, 'secret');
const other = join(directory, 'other');
const objects = join(repository, 'kprobes/build');

function policy(name: string, path: string, file = `${name}.yaml`): Policy {
  const { policies, diagnostics } = parsePolicies(
    policyText({ name, hooks: ['file_open'], rules: [{ paths: [path], action: { override: 1 } }] }),
    file,
  );
  const [parsed] = policies;
  assert.ok(!hasErrors(diagnostics) && parsed !== undefined);
  return parsed;
}

const isDenied = (path: string) => /not permitted/.test(spawnSync('cat', [path], { encoding: 'utf8' }).stderr);
/** Links to programs of policies. */
function ours(): readonly number[] {
  const programs = new Set(kernelObjects('prog').flatMap(({ id, name = '' }) => (/^rf_\d+_/.test(name) ? id : [])));
  return kernelObjects('link').flatMap(({ id, prog_id: program }) => (programs.has(program ?? 0) ? id : []));
}

const errorsOf = (diagnostics: readonly Diagnostic[]) =>
  diagnostics.filter(({ severity }) => severity === 'error').map(({ code, span }) => `${code} ${span?.file}`);

describe('refused', () => {
  const kept = policy('kept', secret);
  let base: BaseSensor;
  let sensor: PolicySensor;
  let links: readonly number[];
  before(() => {
    for (const path of [secret, other]) writeFileSync(path, 'secret');
    base = new BaseSensor({ image: readFileSync(join(objects, 'base.bpf.o')) });
    sensor = new PolicySensor({
      ...{ base, target: probeTarget(), hostNamespaces: readHostNamespaces(), compile: compileOrSpoil },
      runtime: readFileSync(join(objects, 'runtime.bpf.o')),
    });
    base.seed(() => undefined);
    assert.deepEqual(sensor.replace([kept]), []);
    links = ours();
  });
  after(() => {
    sensor[Symbol.dispose]();
    base[Symbol.dispose]();
    rmSync(directory, { recursive: true });
  });

  const names = () => sensor.policies.map(({ name }) => name);

  /** A link that was let go of has another number when it is made again. */
  function checkUntouched(): void {
    assert.deepEqual(ours(), links);
    assert.deepEqual([isDenied(secret), isDenied(other)], [true, false]);
  }

  test('no room to attach: the former programs stay, and what is new is refused', () => {
    using full = crowd({ kind: 'lsm', hook: 'file_open' });
    assert.deepEqual(errorsOf(sensor.replace([kept, policy('fresh', other)])).toSorted(), [
      'RF2202 fresh.yaml',
      'RF2202 kept.yaml',
    ]);
    assert.deepEqual(names(), ['kept']);
    checkUntouched();
    const next = policy('kept', secret, 'next.yaml');
    const version = { ...next, text: `${next.text}# later\n` };
    assert.ok(errorsOf(sensor.replace([version])).includes('RF2202 next.yaml'));
    assert.deepEqual(sensor.policies, [kept]);
    checkUntouched();
    full[Symbol.dispose]();
    assert.deepEqual(sensor.replace([kept, policy('fresh', other)]), []);
    assert.deepEqual(names(), ['kept', 'fresh']);
    assert.ok(isDenied(other));
    assert.deepEqual(sensor.replace([kept]), []);
    links = ours();
  });

  test('all or nothing: of a change with one that the verifier refuses, nothing is attached', () => {
    const prepared = sensor.prepare([kept, policy('good', other), policy('bad', other, SPOILED)]);
    const { diagnostics } = sensor.install(prepared, { whole: true });
    assert.deepEqual(errorsOf(diagnostics), [`RF2201 ${SPOILED}`]);
    assert.deepEqual(names(), ['kept']);
    assert.ok(!isDenied(other));
    checkUntouched();
  });

  test('more that the verifier refuses than can be looked for: in a bounded number of attempts the others go on', (t) => {
    const bad = Array.from({ length: 25 }, (_, at) => policy(`bad-${at}`, other, SPOILED));
    const startedMs = performance.now();
    const errors = errorsOf(sensor.replace([kept, ...bad.slice(0, 12), policy('good', other), ...bad.slice(12)]));
    t.diagnostic(`25 of 27 are refused within ${Math.round(performance.now() - startedMs)} ms`);
    assert.equal(errors.filter((each) => each.endsWith(SPOILED)).length, 25);
    assert.ok(errors.includes(`RF2204 ${SPOILED}`), 'some were not tried by themselves');
    assert.ok(names().includes('kept'));
    assert.equal(isDenied(secret), true);
  });
});
