/** What the watchdog finds gone, puts back and tells of: in an ordinary directory that stands in for a bpffs. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type Finding, Watchdog, type WatchdogOptions } from './watchdog.ts';

let directory: string;
let root: string;
let findings: Finding[];
let nowMs: number;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'watchdog-'));
  root = join(directory, 'bpf');
  mkdirSync(root);
  findings = [];
  nowMs = 0;
});
afterEach(() => rmSync(directory, { recursive: true }));

function watchdog(options: Partial<WatchdogOptions> = {}): Watchdog {
  return new Watchdog({
    root,
    onFinding: (finding) => findings.push(finding),
    mounts: { isMounted: () => true, mount: () => undefined },
    kprobesSwitch: join(directory, 'enabled'),
    nowMs: () => nowMs,
    ...options,
  });
}

function pinned(dog: Watchdog, name: string): string {
  const path = join(root, name);
  const repin = () => writeFileSync(path, 'ours', { flag: 'wx' });
  mkdirSync(join(path, '..'), { recursive: true });
  repin();
  dog.watch({ path, repin });
  return path;
}

test('what is as it was is left alone', () => {
  const dog = watchdog();
  const path = pinned(dog, 'link');
  const before = statSync(path).ino;
  dog.tick();
  assert.deepEqual(findings, []);
  assert.equal(statSync(path).ino, before);
  assert.deepEqual(dog.counts, { found: 0, repaired: 0, failed: 0, untold: 0 });
});

test('a pin that is gone is put back, with its directory, and the guard hears of it', () => {
  let repaired = 0;
  const dog = watchdog({ onRepaired: () => (repaired += 1) });
  const path = pinned(dog, 'policies/1/link');
  rmSync(join(root, 'policies'), { recursive: true });
  dog.tick();
  assert.equal(readFileSync(path, 'latin1'), 'ours');
  assert.deepEqual(findings, [{ what: 'pin', path, failure: undefined }]);
  assert.equal(repaired, 1);
  dog.tick();
  assert.equal(findings.length, 1, 'it is told of once');
  assert.equal(repaired, 1);
});

test('something else in the place of a pin has to go', () => {
  const dog = watchdog();
  const path = pinned(dog, 'link');
  const [intruder, other] = [join(root, 'intruder'), join(root, 'other')];
  for (const name of [intruder, other]) writeFileSync(name, 'theirs');
  renameSync(intruder, path);
  dog.tick();
  assert.equal(readFileSync(path, 'latin1'), 'ours');
  assert.deepEqual(findings, [{ what: 'pin', path, failure: undefined }]);
  assert.ok(existsSync(other), 'what is not in the way stays');
});

test('a pin that can not be put back is told of with the reason', () => {
  const dog = watchdog();
  const path = join(root, 'link');
  dog.watch({
    path,
    repin: () => {
      throw new Error('no room');
    },
  });
  dog.tick();
  assert.deepEqual(findings, [{ what: 'pin', path, failure: 'no room' }]);
  assert.deepEqual(dog.counts, { found: 1, repaired: 0, failed: 1, untold: 0 });
});

test('what is forgotten may go', () => {
  const dog = watchdog();
  const [gone, stays] = [pinned(dog, 'gone'), pinned(dog, 'stays')];
  dog.tick();
  dog.forget(gone);
  rmSync(gone);
  rmSync(stays);
  dog.tick();
  assert.deepEqual(
    findings.map(({ path }) => path),
    [stays],
  );
  assert.equal(dog.watched, 1);
});

test('a tick looks at a bounded number of pins, and the next ones at the rest', () => {
  const dog = watchdog();
  const paths = Array.from({ length: 300 }, (_, index) => pinned(dog, `link-${index}`));
  for (const path of [paths[0], paths[299]]) rmSync(path ?? '');
  dog.tick();
  assert.equal(findings.length, 1);
  dog.tick();
  assert.deepEqual(
    findings.map(({ path }) => path),
    [paths[0], paths[299]],
  );
});

test('much at once is put right, but not told of without end', () => {
  const dog = watchdog();
  const paths = Array.from({ length: 40 }, (_, index) => pinned(dog, `link-${index}`));
  for (const path of paths) rmSync(path);
  dog.tick();
  assert.equal(findings.length, 16);
  assert.deepEqual(dog.counts, { found: 40, repaired: 40, failed: 0, untold: 24 });
  nowMs = 1000;
  rmSync(paths[0] ?? '');
  dog.tick();
  assert.equal(findings.length, 17);
});

test('a file system of pins that is gone is mounted again, then the pins', () => {
  let isMounted = true;
  const mounts = { isMounted: () => isMounted, mount: () => (isMounted = true) };
  const dog = watchdog({ mounts });
  const path = pinned(dog, 'link');
  rmSync(root, { recursive: true });
  isMounted = false;
  dog.tick();
  assert.deepEqual(findings, [
    { what: 'mount', path: root, failure: undefined },
    { what: 'pin', path, failure: undefined },
  ]);
});

test('one that does not come back is told of', () => {
  const dog = watchdog({ mounts: { isMounted: () => false, mount: () => undefined } });
  dog.tick();
  assert.deepEqual(findings, [{ what: 'mount', path: root, failure: 'it does not lie on a bpffs' }]);
});

for (const [name, usesKprobes, content, told] of [
  ['switched off', true, '0\n', 1],
  ['on', true, '1\n', 0],
  ['off, and nobody here uses them', false, '0\n', 0],
  ['without a switch', true, undefined, 0],
] as const) {
  test(`kprobes: ${name}`, () => {
    const path = join(directory, 'enabled');
    if (content !== undefined) writeFileSync(path, content);
    watchdog({ root: undefined, usesKprobes: () => usesKprobes }).tick();
    assert.equal(findings.length, told);
    if (told > 0) assert.equal(readFileSync(path, 'latin1'), '1');
  });
}
