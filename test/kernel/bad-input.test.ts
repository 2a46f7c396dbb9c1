/** What can not be done is refused as a whole, with the right exit status, and leaves nothing behind in the kernel. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { commandLine, fileSystems, freePort, policyOf, policyText, Scene, startAgent } from './harness/index.ts';

const REFUSAL_TIMEOUT_MS = 120_000;
const NOBODY = 65_534;

const scene = new Scene('tmpfs');
const directory = mkdtempSync(join(fileSystems.tmpfs, 'bad-input-'));
chmodSync(directory, 0o755);

const good = policyText({
  name: 'good',
  hooks: ['file_open'],
  rules: [{ paths: [scene.secret.path], action: { override: 1 } }],
});
const goodFile = write('good.yaml', good);

after(() => {
  scene.remove();
  rmSync(directory, { recursive: true });
});

/** Each is wrong in another way; the expectation is of standard error. */
const wrong = [
  ['no YAML', 'kind: [', /^\S+\.yaml:\d+:\d+: error RF1\d{3}: /m],
  ['an unknown field', good.replace('"hook"', '"hok"'), /^\S+\.yaml:\d+:\d+: error RF1\d{3}: [\s\S]*hint: /m],
  ['an unknown hook', good.replace('"file_open"', '"file_opne"'), /^\S+\.yaml:\d+:\d+: error RF\d{4}: [\s\S]*hint: /m],
  ['an action that is not there', good.replace('"Override"', '"Overrule"'), /^\S+\.yaml:\d+:\d+: error RF1\d{3}: /m],
  ['nothing at all', '', /error RF1\d{3}: /],
] as const;

for (const [name, text, expected] of wrong) {
  test(`a policy with ${name}: exit 2, and nothing is attached`, () => {
    const before = attached();
    const { status, stderr, stdout } = refused(['--policy', goodFile, '--policy', write('wrong.yaml', text)]);
    assert.equal(status, 2, stderr);
    assert.match(stderr, expected);
    assert.equal(stdout, '');
    assert.deepEqual(attached(), before);
  });
}

test('with --strict, a policy that another thread can get around: exit 2, and nothing is attached', () => {
  const before = attached();
  const racy = policyOf('racy', {
    kprobes: [
      {
        ...{ call: 'sys_mkdirat', args: [{ index: 1, type: 'string' }] },
        selectors: [
          {
            matchArgs: [{ index: 1, operator: 'Equal', values: [scene.secret.path] }],
            matchActions: [{ action: 'Sigkill' }],
          },
        ],
      },
    ],
  });
  const { status, stderr } = refused(['--strict', '--policy', write('racy.yaml', racy)]);
  assert.equal(status, 2, stderr);
  assert.match(stderr, /racy\.yaml:\d+:\d+: error RF2401: /);
  assert.deepEqual(attached(), before);
});

test('a policy file that is not there: exit 2 or 1, with its name', () => {
  const before = attached();
  const { status, stderr } = refused(['--policy', join(directory, 'not-there.yaml')]);
  assert.ok(status === 1 || status === 2, stderr);
  assert.match(stderr, /not-there\.yaml/);
  assert.deepEqual(attached(), before);
});

test('an unknown option: exit 2', () => {
  const { status, stderr } = refused(['--policy', goodFile, '--no-such-option']);
  assert.equal(status, 2, stderr);
  assert.match(stderr, /--no-such-option/);
});

test('NATS can not be reached: exit 1, and nothing is attached', async () => {
  const before = attached();
  const url = `nats://127.0.0.1:${await freePort()}`;
  const { status, stderr } = refused(['--policy', goodFile, '--nats', url]);
  assert.equal(status, 1, stderr);
  assert.match(stderr, /RF4\d{3}/);
  assert.ok(stderr.includes(url), `it names the server: ${stderr}`);
  assert.deepEqual(attached(), before);
});

test('not root: exit 1, and it says so', () => {
  const before = attached();
  const { status, stderr } = refused(['--policy', goodFile], { uid: NOBODY, gid: NOBODY });
  assert.equal(status, 1, stderr);
  assert.match(stderr, /RF3\d{3}/);
  assert.match(stderr, /root/);
  assert.doesNotMatch(stderr, /\n\s+at /, 'no stack trace');
  assert.deepEqual(attached(), before);
});

test('an agent that ends leaves nothing attached', async () => {
  const before = attached();
  const agent = await startAgent({ policies: [good] });
  const during = attached();
  const { status } = await agent.stop();
  assert.notDeepEqual(during, before, 'what an agent attaches is seen');
  assert.equal(status, 0);
  assert.deepEqual(attached(), before);
});

function write(name: string, text: string): string {
  const file = join(directory, name);
  writeFileSync(file, text, { mode: 0o644 });
  return file;
}

function refused(args: readonly string[], identity: { readonly uid?: number; readonly gid?: number } = {}) {
  return spawnSync(process.execPath, [commandLine, 'run', ...args], {
    encoding: 'utf8',
    timeout: REFUSAL_TIMEOUT_MS,
    cwd: directory,
    ...identity,
  });
}

/** Identities of all links and programs in the kernel; those that bpftool loads to look are gone when it ends. */
function attached(): { readonly links: readonly number[]; readonly programs: readonly string[] } {
  const links = bpftool('link') as readonly { readonly id: number }[];
  const programs = bpftool('prog') as readonly { readonly type: string; readonly name?: string }[];
  return {
    links: links.map(({ id }) => id).sort(),
    programs: programs
      .filter(({ type }) => type === 'lsm' || type === 'tracing')
      .map(({ type, name }) => `${type} ${name}`),
  };
}

function bpftool(what: 'link' | 'prog'): unknown {
  const { status, stdout, stderr } = spawnSync('bpftool', ['--json', what, 'list'], { encoding: 'utf8' });
  assert.equal(status, 0, `bpftool ${what} list: ${stderr}`);
  return JSON.parse(stdout);
}
