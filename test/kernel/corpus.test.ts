/** Policies that others wrote: each that is read is loaded and attached here, or refused for the reason that stands here. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Diagnostic, hasErrors, renderDiagnostic } from '#diagnostics';
import { probeTarget } from '#kernel';
import { type Policy, parsePolicies } from '#policy';
import { BaseSensor, PolicySensor, readHostNamespaces } from '#sensors';
import { repository } from './harness/index.ts';

/** Where guests have it: test/lab/payload.ts puts it there, if it is on the machine that starts them. */
const corpus = join(repository, 'corpus');
const skip = existsSync(corpus)
  ? false
  : 'no policy corpus in this guest: it lies beside the repository, or where RINGFENCE_CORPUS says';

/** What is read and cannot be loaded; above each, why. */
const refused: Readonly<Record<string, RegExp>> = {
  /** Inlined, or there under another name, since it became a wrapper. */
  'policies/tracingpolicy/dev_queue_xmit.yaml': /^RF20(11|13) .*"dev_queue_xmit"/,
  /** Written for kernel 5.4: since 5.10 the function has other arguments. */
  'policies/tracingpolicy/tty_54.yaml': /^RF200[35] .*"tty_write"/,
  /** The argument is a message, and no packet yet. */
  'wild/001-block-imds-udp.yaml': /^RF2004 .*"udp_sendmsg" is `struct msghdr \*msg`, not skb/,
  /** For machines of another architecture. */
  'wild/021-oc-ks-exec.yaml': /^RF2016 "__arm64_sys_/,
  'wild/023-oc-priv-ops.yaml': /^RF2016 "__arm64_sys_/,
};

/** Of the policies that are read; src/policy/corpus.test.ts says why others are not. */
const expected = { loaded: 47, refused: Object.keys(refused).length };

test('policies of the corpus are loaded and attached, or refused for a known reason', { skip }, (context) => {
  using sensors = new Sensors();
  const counts = { loaded: 0, refused: 0 };
  const surprises: string[] = [];
  for (const [name, policies] of readable()) {
    const found = errors(sensors.policies.replace(policies));
    counts[found.length === 0 ? 'loaded' : 'refused'] += 1;
    if (!isExpected(found, refused[name]))
      surprises.push(`${name}: ${found.map(renderDiagnostic).join('\n') || 'loaded'}`);
    assert.deepEqual(sensors.policies.replace([]), []);
  }
  context.diagnostic(`corpus: ${counts.loaded} policies loaded, ${counts.refused} refused`);
  assert.equal(surprises.join('\n\n'), '');
  assert.deepEqual(counts, expected);
});

function isExpected(found: readonly Diagnostic[], reason: RegExp | undefined): boolean {
  if (reason === undefined) return found.length === 0;
  return found.length > 0 && found.every(({ code, message }) => reason.test(`${code} ${message}`));
}

function readable(): readonly (readonly [name: string, policies: readonly Policy[]])[] {
  const names = ['policies', 'wild'].flatMap((folder) =>
    readdirSync(join(corpus, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  );
  return names
    .filter((name) => /\.ya?ml$/.test(name))
    .toSorted()
    .flatMap((name) => {
      const { policies, diagnostics } = parsePolicies(readFileSync(join(corpus, name), 'utf8'), name);
      return hasErrors(diagnostics) ? [] : [[name, policies] as const];
    });
}

function errors(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.filter(({ severity }) => severity === 'error');
}

/** They watch, and enforce nothing: some would end whatever else runs here. */
class Sensors {
  readonly base: BaseSensor;
  readonly policies: PolicySensor;

  constructor() {
    const objects = join(repository, 'kprobes/build');
    this.base = new BaseSensor({ image: readFileSync(join(objects, 'base.bpf.o')) });
    this.base.setMode('monitor');
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
