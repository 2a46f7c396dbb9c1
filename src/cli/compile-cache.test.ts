/** Compiled code is kept where only we can write, or not at all. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const dependencies = join(root, 'node_modules');
const SOMEBODY_ELSE = 65_534;

const isRoot = process.geteuid?.() === 0;

type Row = readonly [what: string, isKept: boolean, prepare: (place: string, cache: string) => void, forRoot?: boolean];

/** `cache` is in `place`, which is ours. */
const table: readonly Row[] = [
  ['a new directory', true, () => undefined],
  ['our own of the last time', true, (_, cache) => mkdirSync(cache, { mode: 0o700 })],
  ['one that others may read', false, (_, cache) => mkdirSync(cache, { mode: 0o755 })],
  ['a link to one of ours', false, (place, cache) => linkTo(join(place, 'other'), cache)],
  ['a file', false, (_, cache) => writeFileSync(cache, '')],
  ['a place where everybody may write', false, (place) => chmodSync(place, 0o1777)],
  ['a place of somebody else', false, (place) => chownSync(place, SOMEBODY_ELSE, SOMEBODY_ELSE), true],
  ['a directory of somebody else', false, (_, cache) => giveAway(cache), true],
  ['a place that is not there', false, (place) => rmSync(place, { recursive: true })],
];

for (const [what, isKept, prepare, forRoot = false] of table) {
  const skip = forRoot && !isRoot && 'only root can give files away';
  test(`compiled code is ${isKept ? 'kept' : 'not kept'} in ${what}`, { skip }, () => {
    const place = mkdtempSync(join(tmpdir(), 'ringfence-cache-'));
    try {
      const cache = join(place, 'cache');
      prepare(place, cache);
      assert.equal(keptIn(cache), isKept);
      const isDirectory = statSync(cache, { throwIfNoEntry: false })?.isDirectory() === true;
      assert.equal(isDirectory && readdirSync(cache).length > 0, isKept);
      if (isKept) assert.equal(statSync(cache).mode & 0o777, 0o700);
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  });
}

test('the cache can be switched off', () => {
  const place = mkdtempSync(join(tmpdir(), 'ringfence-cache-'));
  try {
    assert.equal(keptIn(join(place, 'cache'), { NODE_DISABLE_COMPILE_CACHE: '1' }), false);
    assert.deepEqual(readdirSync(join(place, 'cache')), []);
  } finally {
    rmSync(place, { recursive: true });
  }
});

test('a command leaves its own beside the dependencies, and nothing in /tmp', () => {
  const temporary = mkdtempSync(join(tmpdir(), 'ringfence-cache-'));
  try {
    const { status, stderr } = run([join(root, 'src/cli/start.ts'), '--version'], { TMPDIR: temporary });
    assert.equal(status, 0, stderr);
    assert.deepEqual(readdirSync(temporary), []);
    if (statSync(dependencies).uid === process.geteuid?.()) assert.ok(existsSync(join(dependencies, '.ringfence')));
  } finally {
    rmSync(temporary, { recursive: true });
  }
});

function linkTo(directory: string, link: string): void {
  mkdirSync(directory, { mode: 0o700 });
  symlinkSync(directory, link);
}

function giveAway(directory: string): void {
  mkdirSync(directory, { mode: 0o700 });
  chownSync(directory, SOMEBODY_ELSE, SOMEBODY_ELSE);
}

/** What the function answers in a process of its own: a cache is for a whole process, and for its life. */
function keptIn(cache: string, env: Readonly<Record<string, string>> = {}): boolean {
  const source = `
    import { keepCompiled } from ${JSON.stringify(join(import.meta.dirname, 'compile-cache.ts'))};
    const isKept = keepCompiled(${JSON.stringify(cache)});
    await import(${JSON.stringify(join(import.meta.dirname, 'exit.ts'))});
    console.log(isKept);
  `;
  const { status, stdout, stderr } = run(['--input-type=module', '--eval', source], env);
  assert.equal(status, 0, stderr);
  return stdout.trim() === 'true';
}

function run(argv: readonly string[], env: Readonly<Record<string, string>>) {
  const { NODE_COMPILE_CACHE: _, NODE_DISABLE_COMPILE_CACHE: __, ...inherited } = process.env;
  return spawnSync(process.execPath, argv, { cwd: root, env: { ...inherited, ...env }, encoding: 'utf8' });
}
