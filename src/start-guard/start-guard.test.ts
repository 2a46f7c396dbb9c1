/** The start guard with real files: over boots, restarts, deaths and meddling; the clock and the boots are made up. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { catalogue } from '#diagnostics';
import { judgeFile, kernelArgument } from './break-glass.ts';
import { parseJournal } from './journal.ts';
import { clearStartGuard, StartGuard } from './start-guard.ts';

const root = mkdtempSync(join(tmpdir(), 'ringfence-guard-'));
after(() => rmSync(root, { recursive: true }));
const owner = process.getuid?.() ?? 0;
const toldCodes = new Set<string>();

/** A machine that boots, and on which agents start. */
class TestMachine {
  readonly directory = mkdtempSync(join(root, 'machine-'));
  readonly breakGlass = join(this.directory, 'off');
  readonly journal = join(this.directory, 'state/start-guard.json');
  readonly told: string[] = [];
  commandLine = 'quiet';
  nowMs = 20_000;
  #boot = 1;

  reboot(): void {
    this.#boot += 1;
    this.nowMs = 20_000;
  }

  start(guardMs = 60_000): StartGuard {
    return new StartGuard({
      stateDirectory: join(this.directory, 'state'),
      runDirectory: this.directory,
      guardMs,
      onProblem: ({ code }) => {
        this.told.push(code);
        toldCodes.add(code);
      },
      machine: {
        bootId: () => `boot-${this.#boot}`,
        nowMs: () => this.nowMs,
        commandLine: () => this.commandLine,
        breakGlassFiles: [this.breakGlass],
        owner,
      },
    });
  }

  /** Starts an agent that attaches. */
  attach(): StartGuard {
    const guard = this.start();
    guard.attaching();
    return guard;
  }
}

/** Lets time pass second by second, and returns what changed. */
function pass(machine: TestMachine, guard: StartGuard, seconds: number): readonly string[] {
  const changes: string[] = [];
  for (let second = 0; second < seconds; second += 1) {
    machine.nowMs += 1000;
    const change = guard.check();
    if (change !== undefined) changes.push(change.enforcement);
  }
  return changes;
}

test('a boot that goes well: watch, enforce, and in the next boot again', () => {
  const machine = new TestMachine();
  const guard = machine.attach();
  assert.equal(guard.decision.enforcement, 'monitor-until');
  assert.equal(statSync(machine.journal).mode & 0o7777, 0o600);
  assert.deepEqual(pass(machine, guard, 59), []);
  assert.deepEqual(pass(machine, guard, 1), ['enforce']);
  assert.deepEqual(pass(machine, guard, 60), []);
  assert.equal(machine.start().decision.enforcement, 'enforce', 'started again in the same boot');
  machine.reboot();
  assert.equal(machine.start().decision.enforcement, 'monitor-until');
  assert.deepEqual(machine.told, []);
});

for (const [when, seconds] of [
  ['at once', 0],
  ['while policies watch', 30],
  ['as soon as they enforce', 60],
  ['a moment before it is certain', 119],
] as const) {
  test(`a boot that dies ${when}: the next ones only watch, until a human clears it`, () => {
    const machine = new TestMachine();
    pass(machine, machine.attach(), seconds);
    machine.reboot();
    const next = machine.attach();
    assert.equal(next.decision.enforcement, 'held');
    assert.match(next.decision.reason, /boot-1 died/);
    assert.deepEqual(pass(machine, next, 300), []);
    assert.equal(machine.attach().decision.enforcement, 'held', 'also after the agent is started again');
    machine.reboot();
    const third = machine.attach();
    assert.match(third.decision.reason, /boot-1 died/);
    assert.equal(third.clear().enforcement, 'enforce');
    pass(machine, third, 60);
    machine.reboot();
    assert.equal(machine.start().decision.enforcement, 'monitor-until', 'the boot went well');
  });
}

test('a boot that dies after it was certain is not blamed on policies', () => {
  const machine = new TestMachine();
  pass(machine, machine.attach(), 120);
  machine.reboot();
  assert.equal(machine.start().decision.enforcement, 'monitor-until');
});

test('an agent that is stopped in good order leaves nothing to blame; one that is killed again and again gains nothing', () => {
  const machine = new TestMachine();
  machine.attach().stopped();
  machine.reboot();
  let guard = machine.attach();
  assert.equal(guard.decision.enforcement, 'monitor-until');
  for (let killed = 0; killed < 5; killed += 1) {
    pass(machine, guard, 13);
    guard = machine.attach();
  }
  assert.equal(guard.decision.enforcement, 'enforce', '65 seconds after the first of them attached');
});

test('cleared without an agent: the next start is taken for the first', () => {
  const machine = new TestMachine();
  machine.attach();
  machine.reboot();
  clearStartGuard(join(machine.directory, 'state'));
  clearStartGuard(join(machine.directory, 'state'));
  clearStartGuard(join(machine.directory, 'nowhere'));
  assert.equal(machine.start().decision.enforcement, 'monitor-until');
});

test('switched off: no journal is kept, and none is left for a later day', () => {
  const machine = new TestMachine();
  machine.attach();
  machine.reboot();
  const guard = machine.start(0);
  guard.attaching();
  assert.equal(guard.decision.enforcement, 'enforce');
  assert.ok(!existsSync(machine.journal));
  guard.stopped();
  assert.ok(!existsSync(machine.journal));
});

const damaged: readonly (readonly [string, (machine: TestMachine) => void])[] = [
  ['empty', (machine) => writeFileSync(machine.journal, '')],
  ['cut off', (machine) => writeFileSync(machine.journal, readFileSync(machine.journal, 'utf8').slice(0, 20))],
  ['of another version', (machine) => writeFileSync(machine.journal, '{"version":2}')],
  ['a list', (machine) => writeFileSync(machine.journal, '[]')],
  ['far too large', (machine) => writeFileSync(machine.journal, ' '.repeat(5000))],
  [
    'a link',
    (machine) => {
      rmSync(machine.journal);
      symlinkSync('/etc/hostname', machine.journal);
    },
  ],
  [
    'a directory',
    (machine) => {
      rmSync(machine.journal);
      mkdirSync(machine.journal);
    },
  ],
];

for (const [name, damage] of damaged) {
  test(`a journal that is ${name}: policies watch first, and it is said`, () => {
    const machine = new TestMachine();
    machine.attach();
    damage(machine);
    const { enforcement } = machine.start().decision;
    assert.deepEqual([enforcement, machine.told], ['monitor-until', ['RF5102']]);
  });
}

test('a journal that can not be written is told once, and enforcement comes all the same', () => {
  const machine = new TestMachine();
  writeFileSync(join(machine.directory, 'state'), 'no directory');
  const guard = machine.attach();
  assert.deepEqual(pass(machine, guard, 130), ['enforce']);
  guard.stopped();
  assert.deepEqual(machine.told, ['RF5102', 'RF5103']);
});

test('the kernel argument: nothing is attached, whatever the journal says; an unknown one is told', () => {
  const machine = new TestMachine();
  machine.commandLine = 'root=/dev/sda1 ringfence=off quiet\n';
  const guard = machine.start();
  assert.deepEqual([guard.decision.enforcement, guard.decision.reason], ['off', 'the kernel argument ringfence=off']);
  assert.deepEqual(pass(machine, guard, 100), []);
  assert.ok(!existsSync(machine.journal));
  machine.commandLine = 'ringfence=of';
  assert.equal(machine.start().decision.enforcement, 'monitor-until');
  assert.deepEqual(machine.told, ['RF5104']);
});

test('the break-glass file while the agent runs: off within a second or two, and back when it is gone', () => {
  const machine = new TestMachine();
  const guard = machine.attach();
  pass(machine, guard, 200);
  writeFileSync(machine.breakGlass, '', { mode: 0o600 });
  assert.equal(machine.start().decision.enforcement, 'off', 'an agent that starts now attaches nothing');
  assert.deepEqual(pass(machine, guard, 2), ['off']);
  rmSync(machine.breakGlass);
  assert.deepEqual(pass(machine, guard, 2), ['enforce']);
});

test('the break-glass file while policies watch: they enforce only when it is gone', () => {
  const machine = new TestMachine();
  const guard = machine.attach();
  writeFileSync(machine.breakGlass, '', { mode: 0o600 });
  assert.deepEqual(pass(machine, guard, 100), ['off']);
  rmSync(machine.breakGlass);
  assert.deepEqual(pass(machine, guard, 2), ['enforce']);
});

test('a machine that is reset after the glass was broken is not held', () => {
  const machine = new TestMachine();
  const guard = machine.attach();
  pass(machine, guard, 70);
  writeFileSync(machine.breakGlass, '', { mode: 0o600 });
  pass(machine, guard, 2);
  rmSync(machine.breakGlass);
  machine.reboot();
  assert.equal(machine.start().decision.enforcement, 'monitor-until');
});

test('the glass is mended and the machine dies soon after: the next boot is held', () => {
  const machine = new TestMachine();
  const guard = machine.attach();
  pass(machine, guard, 70);
  writeFileSync(machine.breakGlass, '', { mode: 0o600 });
  pass(machine, guard, 300);
  rmSync(machine.breakGlass);
  pass(machine, guard, 30);
  machine.reboot();
  assert.equal(machine.start().decision.enforcement, 'held');
});

const files: readonly (readonly [string, (path: string) => void, unknown])[] = [
  ['not there', () => undefined, 'none'],
  ['of the owner alone', (path) => writeFileSync(path, '', { mode: 0o600 }), 'counts'],
  ['readable by all', (path) => writeFileSync(path, '', { mode: 0o644 }), 'counts'],
  ['a directory', (path) => mkdirSync(path), { reason: 'it is no regular file' }],
  ['a link', (path) => symlinkSync('/etc/hostname', path), { reason: 'it is no regular file' }],
  [
    'writable by all',
    (path) => {
      writeFileSync(path, '');
      chmodSync(path, 0o666);
    },
    { reason: 'others can write it' },
  ],
  [
    'in a directory that all can write',
    (path) => {
      writeFileSync(path, '', { mode: 0o600 });
      chmodSync(join(path, '..'), 0o1777);
    },
    { reason: 'others can write its directory' },
  ],
];

for (const [name, prepare, expected] of files) {
  test(`break-glass file: ${name}`, () => {
    const path = join(mkdtempSync(join(root, 'glass-')), 'off');
    prepare(path);
    assert.deepEqual(judgeFile(path, owner), expected);
  });
}

test('break-glass file: of somebody else', { skip: owner !== 0 && 'needs root' }, () => {
  const path = join(mkdtempSync(join(root, 'glass-')), 'off');
  writeFileSync(path, '', { mode: 0o600 });
  chownSync(path, 65_534, 65_534);
  assert.deepEqual(judgeFile(path), { reason: 'it belongs to user 65534' });
});

test('break-glass file: below a file', () => {
  assert.equal(judgeFile('/etc/hostname/off'), 'none');
});

test('a break-glass file that does not count is told once, and not obeyed', () => {
  const machine = new TestMachine();
  mkdirSync(machine.breakGlass);
  const guard = machine.attach();
  assert.deepEqual(pass(machine, guard, 70), ['enforce']);
  assert.deepEqual(machine.told, ['RF5101']);
});

const commandLines = [
  ['ringfence=off', 'off'],
  ['quiet ringfence=off splash\n', 'off'],
  ['ringfence=on ringfence=off', 'off'],
  ['ringfence=off ringfence=on', 'on'],
  ['notringfence=off', undefined],
  ['', undefined],
] as const;

for (const [commandLine, expected] of commandLines) {
  test(`kernel argument in "${commandLine.trim()}"`, () => assert.equal(kernelArgument(commandLine), expected));
}

const good = '{"version":1,"boot":"b","phase":"watching","since_ms":1,"stopped":false,"held_for":null}';
const changed = [
  '"version":1',
  '"boot":"b"',
  '"phase":"watching"',
  '"since_ms":1',
  '"stopped":false',
  '"held_for":null',
];

test('a journal is read only when all of it is right', () => {
  assert.equal(parseJournal(good)?.bootId, 'b');
  for (const part of changed) {
    assert.equal(parseJournal(good.replace(part, part.replace(/:.*/, ':[]'))), undefined, part);
  }
  assert.equal(parseJournal(good.replace('"since_ms":1', '"since_ms":-1')), undefined);
});

test('every code of the start guard was told above', () => {
  const codes = Object.keys(catalogue).filter((code) => code.startsWith('RF51'));
  assert.deepEqual([...toldCodes].toSorted(), codes);
});

test('on this machine the boot, the clock and the command line can be read', () => {
  const directory = mkdtempSync(join(root, 'this-'));
  const problems: string[] = [];
  const guard = new StartGuard({
    ...{ stateDirectory: directory, runDirectory: directory, guardMs: 60_000 },
    onProblem: ({ message }) => problems.push(message),
  });
  guard.attaching();
  const written = parseJournal(readFileSync(join(directory, 'start-guard.json'), 'utf8'));
  assert.equal(written?.bootId, readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  assert.ok((written?.sinceMs ?? 0) > 0);
});
