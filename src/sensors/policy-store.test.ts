/** The store: what was kept comes back, what others put there does not, and a full disk changes nothing. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { fileNameOf, PolicyStore, type StoredPolicy } from './policy-store.ts';

const root = mkdtempSync(join(tmpdir(), 'ringfence-store-'));
after(() => rmSync(root, { recursive: true }));

let directory: string;
let store: PolicyStore;
let round = 0;

beforeEach(async () => {
  round += 1;
  directory = join(root, String(round), 'policies');
  store = await PolicyStore.open({ directory, policyMax: 1024 });
});

function stored(name: string, more: Partial<StoredPolicy> = {}): StoredPolicy {
  const from = { source: 'p.yaml', origin: 'control', revision: undefined, text: 'kind: TracingPolicy\n' } as const;
  return { name, namespace: undefined, ...from, enabled: true, mode: undefined, ...more };
}

async function put(...policies: readonly StoredPolicy[]): Promise<void> {
  await (await store.stage({ put: policies, remove: [] })).commit();
}

const pathOf = (policy: StoredPolicy) => join(directory, fileNameOf(policy));

test('what was kept comes back, in files for their owner only', async () => {
  const policies = [
    stored('a', { namespace: 'team', mode: 'monitor' }),
    stored('a', { text: `"quoted" \u0000 é\n` }),
    stored('b', { enabled: false, text: undefined, origin: 'file' }),
    stored('c', { origin: 'kubernetes', revision: 'uid/7' }),
  ];
  await put(...policies);
  const { policies: read, problems } = await store.read();
  const byName = (each: StoredPolicy) => fileNameOf(each);
  assert.deepEqual(
    read,
    policies.toSorted((x, y) => (byName(x) < byName(y) ? -1 : 1)),
  );
  assert.deepEqual(problems, []);
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  for (const name of readdirSync(directory)) assert.equal(statSync(join(directory, name)).mode & 0o777, 0o600);
});

test('a policy takes the place of the one before, and goes', async () => {
  await put(stored('a'));
  await put(stored('a', { text: 'other', mode: 'enforce' }));
  assert.deepEqual((await store.read()).policies, [stored('a', { text: 'other', mode: 'enforce' })]);
  await (await store.stage({ put: [], remove: [stored('a'), stored('never')] })).commit();
  assert.deepEqual(readdirSync(directory), []);
});

test('what is not committed is not there', async () => {
  await put(stored('a'));
  const staged = await store.stage({ put: [stored('a', { enabled: false }), stored('b')], remove: [] });
  await staged.discard();
  assert.deepEqual((await store.read()).policies, [stored('a')]);
  assert.equal(readdirSync(directory).length, 1);
});

test('a file from before origins were written is of the control socket, or of a file of the agent', async () => {
  await put(stored('a'), stored('b', { text: undefined, origin: 'file' }));
  for (const policy of [stored('a'), stored('b')]) {
    const { origin: _, ...rest } = JSON.parse(readFileSync(pathOf(policy), 'utf8')) as Record<string, unknown>;
    writeFileSync(pathOf(policy), JSON.stringify(rest));
  }
  const { policies } = await store.read();
  assert.deepEqual(
    new Map(policies.map(({ name, origin }) => [name, origin])),
    new Map([
      ['a', 'control'],
      ['b', 'file'],
    ]),
  );
});

test('what a crash left unfinished is cleared away', async () => {
  await put(stored('a'));
  await store.stage({ put: [stored('b')], remove: [] });
  assert.equal(readdirSync(directory).length, 2);
  const next = await PolicyStore.open({ directory, policyMax: 1024 });
  assert.deepEqual((await next.read()).policies, [stored('a')]);
  assert.equal(readdirSync(directory).length, 1);
});

test('names of all kinds stay within the directory, and apart', () => {
  const names = ['a', 'A', 'a/b', '../a', '.', '..', 'é', 'x'.repeat(300), `${'x'.repeat(300)}y`, ''];
  const files = [
    ...names.map((name) => fileNameOf({ name, namespace: undefined })),
    ...names.map((name) => fileNameOf({ name, namespace: 'cluster' })),
    fileNameOf({ name: 'b', namespace: 'a' }),
    fileNameOf({ name: 'a~b', namespace: undefined }),
  ];
  assert.equal(new Set(files).size, files.length);
  for (const file of files) assert.match(file, /^[a-z0-9_][a-z0-9._~-]{1,200}\.json$/);
});

const good = JSON.parse(`{"version":1,"name":"x","source":"p.yaml","enabled":true,"text":"t"}`) as object;
const own = fileNameOf({ name: 'x', namespace: undefined });

const foreign: readonly (readonly [name: string, reason: RegExp, make: (path: string) => void])[] = [
  ['no JSON', /damaged: .* not JSON/, (path) => writeFileSync(path, '{"version":1,')],
  ['empty', /damaged/, (path) => writeFileSync(path, '')],
  ['no object', /damaged: .* no policy/, (path) => writeFileSync(path, 'null')],
  ['a wrong field', /field is wrong/, (path) => writeFileSync(path, JSON.stringify({ ...good, enabled: 'yes' }))],
  ['a wrong mode', /field is wrong/, (path) => writeFileSync(path, JSON.stringify({ ...good, mode: 'off' }))],
  ['a wrong origin', /field is wrong/, (path) => writeFileSync(path, JSON.stringify({ ...good, origin: 'moon' }))],
  ['a text of a file', /field is wrong/, (path) => writeFileSync(path, JSON.stringify({ ...good, origin: 'file' }))],
  ['a later version', /version 2/, (path) => writeFileSync(path, JSON.stringify({ ...good, version: 2 }))],
  ['another name', /does not have the name/, (path) => writeFileSync(path, JSON.stringify({ ...good, name: 'y' }))],
  ['a directory', /no regular file/, (path) => mkdirSync(path)],
  [
    'a symbolic link',
    /symbolic link/,
    (path) => {
      writeFileSync(`${directory}.target`, JSON.stringify(good));
      symlinkSync(`${directory}.target`, path);
    },
  ],
  [
    'a file that others may write',
    /others may write/,
    (path) => {
      writeFileSync(path, JSON.stringify(good));
      chmodSync(path, 0o622);
    },
  ],
  ['a huge file', /larger than/, (path) => writeFileSync(path, Buffer.alloc(9 * 1024 * 1024))],
];

for (const [name, reason, make] of foreign) {
  test(`left alone, and told: ${name}`, async () => {
    await put(stored('a'));
    const path = join(directory, own);
    make(path);
    const { policies, problems } = await store.read();
    assert.deepEqual(policies, [stored('a')]);
    assert.deepEqual(
      problems.map((problem) => problem.path),
      [path],
    );
    assert.match(problems[0]?.reason ?? '', reason);
    assert.ok(existsSync(path));
  });
}

test('a file of another kind is left alone, and told', async () => {
  writeFileSync(join(directory, 'README'), 'hello');
  assert.deepEqual((await store.read()).problems, [
    { path: join(directory, 'README'), reason: 'it is no file of the agent' },
  ]);
});

test('no more policies are read than may be there', async () => {
  await put(stored('a'), stored('b'), stored('c'));
  const small = await PolicyStore.open({ directory, policyMax: 2 });
  const { policies, problems } = await small.read();
  assert.deepEqual([policies.length, problems.map(({ reason }) => reason)], [2, ['too many policies are there']]);
});

test('a directory that others may write to, or that is none, is refused', async () => {
  chmodSync(directory, 0o777);
  const refused = { code: 'RF3511', message: /others may write to it/ };
  await assert.rejects(PolicyStore.open({ directory, policyMax: 2 }), refused);
  const file = join(root, 'file');
  writeFileSync(file, '');
  await assert.rejects(PolicyStore.open({ directory: file, policyMax: 2 }), { code: 'RF3511' });
  const link = join(root, 'link');
  symlinkSync(directory, link);
  await assert.rejects(PolicyStore.open({ directory: link, policyMax: 2 }), {
    code: 'RF3511',
    message: /no directory/,
  });
});

test('where nothing can be written, nothing has changed', async () => {
  await put(stored('a'));
  rmSync(directory, { recursive: true });
  await assert.rejects(store.stage({ put: [stored('b')], remove: [] }), { code: 'RF3512', message: /ENOENT/ });
});

test('a commit that fails half-way takes back what is new', async () => {
  await put(stored('a'));
  const staged = await store.stage({ put: [stored('b'), stored('c')], remove: [] });
  mkdirSync(pathOf(stored('c'))); // a file does not take the place of a directory
  await assert.rejects(staged.commit(), { code: 'RF3512' });
  renameSync(pathOf(stored('c')), `${directory}.moved`);
  assert.deepEqual((await store.read()).policies, [stored('a')]);
  assert.equal(readdirSync(directory).length, 1);
});

test('1,000 changes leave no more than what is kept', async () => {
  for (let change = 0; change < 500; change++) {
    await put(stored('again', { enabled: change % 2 === 0 }));
    if (change % 2 === 1) await (await store.stage({ put: [], remove: [stored('again')] })).commit();
  }
  assert.deepEqual(readdirSync(directory), []);
});
