/** Each policy in policies/examples does, as it is, what its first lines promise. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { attackPrograms } from '../attacks/build.ts';
import { type Agent, attack, attackDirectly, pathsOf, repository, Scene, startAgent } from './harness/index.ts';

type Example = {
  /** How the intruder tries, and what the policy is to keep from it. */
  readonly way: string;
  readonly path: string;
  /** Made, when it is not there, from a text or from one of the attack programs; removed in the end. */
  readonly content: { readonly text: string } | { readonly program: keyof typeof attackPrograms };
  readonly hook: string;
  readonly verdict: 'killed' | 'denied';
  /** A program that the policy lets through; a copy of the intruder is put in its place when it is not there. */
  readonly allowed: string | undefined;
};

const examples: Readonly<Record<string, Example>> = {
  'quickstart.yaml': {
    ...{ way: 'openat', path: '/srv/ringfence-demo/secret', content: { text: 'the demo secret\n' } },
    ...{ hook: 'file_open', verdict: 'killed', allowed: '/usr/bin/cat' },
  },
  'no-read-shadow.yaml': {
    ...{ way: 'openat', path: '/etc/gshadow', content: { text: 'root:*::\n' } },
    ...{ hook: 'file_open', verdict: 'denied', allowed: '/usr/sbin/unix_chkpwd' },
  },
  'deny-exec.yaml': {
    ...{ way: 'exec', path: '/usr/bin/ncat', content: { program: 'target' } },
    ...{ hook: 'bprm_check_security', verdict: 'denied', allowed: undefined },
  },
};

/** Tested by single deeds: examples-NAME.test.ts. Here they are loaded beside the others. */
const elsewhere: Readonly<Record<string, string>> = {
  'no-kernel-modules.yaml': 'kernel',
  'no-memory-exec.yaml': 'programs',
  'no-ptrace.yaml': 'kernel',
  'no-public-egress.yaml': 'network',
  'no-setuid-copies.yaml': 'files',
  'no-shell-in-containers.yaml': 'programs',
  'no-write-etc.yaml': 'files',
  'protect-credentials.yaml': 'files',
};

const directory = join(repository, 'policies/examples');
const files = readdirSync(directory).filter((name) => name.endsWith('.yaml'));
const scene = new Scene('tmpfs');
const made: string[] = [];

after(() => {
  for (const path of made) rmSync(path);
  scene.remove();
});

test('there are examples, and each has a test', () => {
  assert.ok(files.length > 0);
  assert.deepEqual(files.toSorted(), [...Object.keys(examples), ...Object.keys(elsewhere)].toSorted());
  for (const [file, name] of Object.entries(elsewhere)) {
    const tests = readFileSync(join(import.meta.dirname, `examples-${name}.test.ts`), 'utf8');
    assert.ok(tests.includes(`policy: '${file.replace('.yaml', '')}'`), `${file} is tested`);
  }
});

for (const enforced of [true, false]) {
  describe(enforced ? 'examples: enforced' : 'examples: detected only', () => {
    let agent: Agent;
    before(async () => {
      for (const example of Object.values(examples)) prepare(example);
      const policies = files.map((file) => readFileSync(join(directory, file), 'utf8'));
      agent = await startAgent({ policies, detect: !enforced });
      assert.deepEqual(agent.refusals, [], 'all policies are loaded');
    });
    after(() => agent.stop());

    for (const [file, example] of Object.entries(examples)) {
      test(`${file}: ${enforced ? `the intruder is ${example.verdict}` : 'the control gets through'}`, async () => {
        const { way, path, verdict, hook } = example;
        const outcome = await attackDirectly(scene, { way, path });
        assert.deepEqual(outcome.evidence, enforced ? Buffer.alloc(0) : contentOf(example));
        assert.equal(outcome.signal, enforced && verdict === 'killed' ? 'SIGKILL' : null);
        const [event] = await agent.eventsWhere(
          `${hook} on ${path}`,
          ({ process_lsm: lsm }) => lsm?.process?.pid === outcome.pid && lsm.function_name === hook,
        );
        assert.equal(event?.ringfence?.verdict, enforced ? verdict : 'would');
        assert.deepEqual(pathsOf(event?.process_lsm ?? {}), [path]);
        assert.equal(event?.process_lsm?.process?.binary, scene.intruder);
      });

      test(`${file}: others are left alone`, async () => {
        const { evidence } = await attackDirectly(scene, { way: 'openat', path: scene.neighbour.path });
        assert.deepEqual(evidence, scene.neighbour.content);
        await checkAllowed(example);
      });
    }
  });
}

function prepare({ path, content, allowed }: Example): void {
  make(path, () => {
    if ('text' in content) writeFileSync(path, content.text);
    else copyFileSync(attackPrograms[content.program], path);
  });
  if (allowed !== undefined) make(allowed, () => copyFileSync(attackPrograms.intruder, allowed));
}

function make(path: string, create: () => void): void {
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  create();
  chmodSync(path, 0o755);
  made.push(path);
}

/** Of a program, the one byte that it writes when it runs. */
function contentOf({ content, path }: Example): Buffer {
  return 'program' in content ? Buffer.of(0xee) : readFileSync(path);
}

/** With a program of the system, that it succeeds is all that can be seen; with ours, what it got. */
async function checkAllowed({ allowed, path, way, content }: Example): Promise<void> {
  if (allowed === undefined || !('text' in content)) return;
  if (made.includes(allowed)) {
    const { report } = await attack(scene, { way, path, program: allowed });
    assert.deepEqual([report.obtained, report.killed, report.errors], [1, 0, {}]);
    return;
  }
  const { stdout, status } = spawnSync(allowed, [path], { encoding: 'utf8' });
  assert.deepEqual([status, stdout], [0, content.text]);
}
