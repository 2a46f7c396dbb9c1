/** The file of events: what is in it after rotation, crashes, full disks and meddling, and what is told of losses. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  linkSync,
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
import { after, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import type { EnvironmentError } from '#diagnostics';
import { type Event, JsonRenderer } from '#events';
import { type FileOptions, FilePublisher, type LineFile } from './file.ts';
import { renderOnce } from './render-once.ts';
import { execEvent, lsmEvent } from './testing.ts';

const root = mkdtempSync(join(tmpdir(), 'ringfence-file-'));
after(() => rmSync(root, { recursive: true }));
let made = 0;

const json = new JsonRenderer();
type Written = {
  readonly ringfence: { readonly loss?: { readonly count: string }; readonly identity?: { readonly sequence: string } };
};

function options(more: Partial<FileOptions> = {}): FileOptions {
  const directory = join(root, String(made++));
  mkdirSync(directory);
  return {
    path: join(directory, 'events.json'),
    nodeName: 'n',
    render: (event) => json.render(event),
    stage: 'stdout',
    ...{ bytesMax: 1 << 20, intervalMs: 0, countMax: 3, compress: false, permission: 0o600 },
    ...{ retryMs: 1, closeMsMax: 10_000 },
    ...more,
  };
}

/** Numbers of the events in a text; a loss is its count with a minus. */
function numbers(text: string): readonly number[] {
  assert.ok(text === '' || text.endsWith('\n'), 'the last line has its end');
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const { loss, identity } = (JSON.parse(line) as Written).ringfence;
    return loss === undefined ? Number(identity?.sequence) : -Number(loss.count);
  });
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

async function until(what: string, condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition(); turns += 1) {
    assert.ok(turns < 200_000, `never: ${what}`);
    await turn();
  }
}

function filesBeside({ path }: FileOptions): readonly string[] {
  return readdirSync(join(path, '..')).toSorted();
}

test('a line for each event, in order, in a file of the owner alone', async () => {
  const given = options();
  const publisher = await FilePublisher.open(given);
  for (const sequence of range(1, 500)) publisher.publish(execEvent(sequence));
  await publisher.close();
  assert.deepEqual(numbers(readFileSync(given.path, 'utf8')), range(1, 500));
  assert.equal(statSync(given.path).mode & 0o7777, 0o600);
  publisher.publish(execEvent(501));
  assert.deepEqual(publisher.losses, { refused: 1, undelivered: 0 });
});

test('it goes on in the file of before, whose rights are put right', async () => {
  const given = options({ permission: 0o640 });
  for (const sequence of [1, 2]) {
    const publisher = await FilePublisher.open(given);
    publisher.publish(execEvent(sequence));
    await publisher.close();
    assert.equal(statSync(given.path).mode & 0o7777, 0o640);
    chmodSync(given.path, 0o666);
  }
  assert.deepEqual(numbers(readFileSync(given.path, 'utf8')), [1, 2]);
});

test('after a crash within a line the next one begins a line of its own', async () => {
  const given = options();
  writeFileSync(given.path, '{"torn":');
  const publisher = await FilePublisher.open(given);
  publisher.publish(execEvent(1));
  await publisher.close();
  const [torn, whole] = readFileSync(given.path, 'utf8').split('\n');
  assert.equal(torn, '{"torn":');
  assert.deepEqual(numbers(`${whole}\n`), [1]);
});

test('rotation by size: no event is lost or torn, files stay within their size, the oldest ones go', async () => {
  const given = options({ bytesMax: 8192, countMax: 3 });
  const publisher = await FilePublisher.open(given);
  for (const sequence of range(1, 200)) {
    publisher.publish(execEvent(sequence));
    if (sequence % 5 === 0) await turn();
  }
  await publisher.close();
  const names = filesBeside(given);
  assert.equal(names.length, 4, names.join());
  for (const name of names) {
    const { mode, size } = statSync(join(given.path, '..', name));
    assert.equal(mode & 0o7777, 0o600);
    assert.ok(size <= 8192 + 2048, `${name} has ${size} bytes`);
  }
  const backups = names.filter((name) => name !== 'events.json');
  for (const name of backups) assert.match(name, /^events-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}\.json$/);
  const text = [...backups, 'events.json'].map((name) => readFileSync(join(given.path, '..', name), 'utf8')).join('');
  const seen = numbers(text);
  assert.deepEqual(seen, range(seen[0] ?? 0, 200), 'what is kept has no gap');
});

test('rotation by age, of a file with something in it', async () => {
  let nowMs = Date.now();
  const given = options({ intervalMs: 1000, now: () => nowMs });
  const publisher = await FilePublisher.open(given);
  publisher.publish(execEvent(1));
  await until('written', () => statSync(given.path).size > 0);
  nowMs += 1000;
  publisher.publish(execEvent(2));
  await publisher.close();
  const [backup = ''] = filesBeside(given);
  assert.deepEqual(numbers(readFileSync(join(given.path, '..', backup), 'utf8')), [1]);
  assert.deepEqual(numbers(readFileSync(given.path, 'utf8')), [2]);
});

test('rotated files are packed, also one that a crash left, and other files are left alone', async () => {
  const given = options({ compress: true, bytesMax: 4096, countMax: 2 });
  const beside = (name: string) => join(given.path, '..', name);
  writeFileSync(beside('events-2026-01-01T00-00-00.000.json'), 'left\n');
  writeFileSync(beside('events-2026-01-01T00-00-00.000.json.gz.part'), 'half');
  writeFileSync(beside('events-of-mine.json'), 'mine\n');
  let publisher = await FilePublisher.open(given);
  await publisher.close();
  assert.deepEqual(filesBeside(given), [
    'events-2026-01-01T00-00-00.000.json.gz',
    'events-of-mine.json',
    'events.json',
  ]);
  assert.equal(String(gunzipSync(readFileSync(beside('events-2026-01-01T00-00-00.000.json.gz')))), 'left\n');

  publisher = await FilePublisher.open(given);
  for (const sequence of range(1, 40)) publisher.publish(execEvent(sequence));
  await publisher.close();
  const packed = filesBeside(given).filter((name) => name.endsWith('.gz'));
  assert.equal(packed.length, 2);
  const texts = packed.map((name) => String(gunzipSync(readFileSync(beside(name)))));
  const seen = numbers(texts.join('') + readFileSync(given.path, 'utf8'));
  assert.deepEqual(seen, range(seen[0] ?? 0, 40));
  for (const name of packed) assert.equal(statSync(beside(name)).mode & 0o7777, 0o600);
});

test('a file that is moved away is begun anew where events are looked for', async () => {
  let nowMs = Date.now();
  const given = options({ now: () => nowMs });
  const publisher = await FilePublisher.open(given);
  publisher.publish(execEvent(1));
  await until('written', () => statSync(given.path).size > 0);
  renameSync(given.path, `${given.path}.1`);
  nowMs += 1000;
  publisher.publish(execEvent(2));
  await publisher.close();
  assert.deepEqual(numbers(readFileSync(`${given.path}.1`, 'utf8')), [1]);
  assert.deepEqual(numbers(readFileSync(given.path, 'utf8')), [2]);
});

test('a link that is put in its place is not followed: events wait until it is gone', async () => {
  let nowMs = Date.now();
  const failures: EnvironmentError[] = [];
  const given = options({ now: () => nowMs, onFailure: (error) => failures.push(error) });
  const trap = `${given.path}.trap`;
  const publisher = await FilePublisher.open(given);
  rmSync(given.path);
  symlinkSync(trap, given.path);
  nowMs += 1000;
  publisher.publish(execEvent(1));
  await until('told', () => failures.length > 0);
  assert.match(failures[0]?.message ?? '', /it is a symbolic link/);
  assert.ok(!existsSync(trap));
  rmSync(given.path);
  await publisher.close();
  assert.deepEqual(numbers(readFileSync(given.path, 'utf8')), [1]);
});

const obstacles: readonly (readonly [string, (path: string) => void, RegExp])[] = [
  ['a symbolic link', (path) => symlinkSync('/dev/null', path), /it is a symbolic link/],
  ['a directory', (path) => mkdirSync(path), /it is a directory/],
  [
    'a second name of a file',
    (path) => {
      writeFileSync(`${path}.a`, '');
      linkSync(`${path}.a`, path);
    },
    /hard link/,
  ],
  ['no directory', (path) => rmSync(join(path, '..'), { recursive: true }), /its directory does not exist/],
  [
    'a file for a directory',
    (path) => {
      rmSync(join(path, '..'), { recursive: true });
      writeFileSync(join(path, '..'), '');
    },
    /its directory is not one/,
  ],
];

for (const [name, prepare, reason] of obstacles) {
  test(`refused at the start: ${name}`, async () => {
    const given = options();
    prepare(given.path);
    await assert.rejects(FilePublisher.open(given), { code: 'RF4009', message: reason });
    rmSync(join(given.path, '..'), { recursive: true, force: true });
  });
}

/** A file in memory, with so much room. */
class Disk implements LineFile {
  text = '';
  room = Number.POSITIVE_INFINITY;
  writes = 0;
  follow = async () => false;
  rotateIfDue = async () => undefined;
  close = async () => undefined;

  async append(bytes: Uint8Array, offset: number): Promise<number> {
    const fits = Math.min(this.room, bytes.length - offset);
    if (fits === 0) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    this.text += Buffer.from(bytes.subarray(offset, offset + fits)).toString();
    this.room -= fits;
    this.writes += 1;
    return fits;
  }
}

test('a full disk: what waits is bounded, the rest is counted, told in an event, and no line is torn', async () => {
  const disk = new Disk();
  const failures: EnvironmentError[] = [];
  let recoveries = 0;
  const onRecovery = () => {
    recoveries += 1;
  };
  const onFailure = (error: EnvironmentError) => failures.push(error);
  const publisher = new FilePublisher(options({ waitingBytesMax: 10_000, onFailure, onRecovery }), disk);
  disk.room = 1000;
  for (const sequence of range(1, 5)) publisher.publish(execEvent(sequence));
  await until('told', () => failures.length > 0);
  for (const sequence of range(6, 1000)) publisher.publish(execEvent(sequence));
  const { refused } = publisher.losses;
  assert.ok(refused > 950 && refused < 1000, `${refused}`);
  assert.deepEqual([failures.length, failures[0]?.code], [1, 'RF4010']);
  assert.match(failures[0]?.message ?? '', /the disk is full/);

  disk.room = Number.POSITIVE_INFINITY;
  await until('written again', () => disk.text.includes('"loss"'));
  publisher.publish(execEvent(1001));
  await publisher.close();
  const kept = 1000 - refused;
  assert.deepEqual(numbers(disk.text), [...range(1, 5), -refused, ...range(6, kept), 1001]);
  assert.equal(recoveries, 1);
});

test('while the disk is full a verdict finds room where an observation no longer does', async () => {
  const disk = new Disk();
  disk.room = 0;
  const publisher = new FilePublisher(options({ waitingBytesMax: 20_000 }), disk);
  for (const sequence of range(1, 100)) publisher.publish(execEvent(sequence));
  const { refused } = publisher.losses;
  assert.ok(refused > 0);
  publisher.publish(lsmEvent(101, 'match'));
  assert.equal(publisher.losses.refused, refused + 1);
  publisher.publish(lsmEvent(102));
  assert.equal(publisher.losses.refused, refused + 1);
  disk.room = Number.POSITIVE_INFINITY;
  await publisher.close();
  assert.ok(numbers(disk.text).includes(102));
});

test('closing while the disk stays full: ends in time, and what was not written is counted', async () => {
  const disk = new Disk();
  disk.room = 0;
  const publisher = new FilePublisher(options({ closeMsMax: 5 }), disk);
  for (const sequence of range(1, 10)) publisher.publish(execEvent(sequence));
  await publisher.close();
  assert.deepEqual(publisher.losses, { refused: 0, undelivered: 10 });
});

test('many events of one turn are one write', async () => {
  const disk = new Disk();
  const publisher = new FilePublisher(options(), disk);
  await turn();
  for (const sequence of range(1, 300)) publisher.publish(execEvent(sequence));
  await publisher.close();
  assert.deepEqual([disk.writes, numbers(disk.text).length], [1, 300]);
});

test('an event is rendered once for all who publish it', () => {
  let rendered = 0;
  const render = renderOnce((event: Event) => {
    rendered += 1;
    return event.kind;
  });
  const events = [execEvent(1), lsmEvent(2)];
  for (const event of events) assert.deepEqual([render(event), render(event)], [event.kind, event.kind]);
  assert.equal(rendered, 2);
});
