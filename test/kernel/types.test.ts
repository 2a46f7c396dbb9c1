/** Each type with each of its operators, on calls of which some match: who tells is compared with what the words mean. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  Bench,
  type Case,
  fileSystems,
  type HookSpec,
  hookOf,
  type JsonEvent,
  openFunction,
  type Spec,
  Trigger,
} from './harness/index.ts';

/** A policy of the matrix: it asks about the one value that a call passes. */
type Question<Value> = { readonly name: string; readonly spec: Spec; readonly holds: (value: Value) => boolean };

function policyName(type: string, operator: string, kind = ''): string {
  return `${type}-${operator}${kind}`.toLowerCase().replaceAll('_', '-');
}

const AT_FDCWD = -100;
const directory = realpathSync(mkdtempSync(join(tmpdir(), 'types-')));

// ---- integers: the offset of lseek ----

const integerTypes = {
  ...{ int: [32, true], sint8: [8, true], int8: [8, true], uint8: [8, false] },
  ...{ sint16: [16, true], int16: [16, true], uint16: [16, false] },
  ...{ sint32: [32, true], int32: [32, true], uint32: [32, false] },
  ...{ long: [64, true], sint64: [64, true], int64: [64, true] },
  ...{ ulong: [64, false], uint64: [64, false], size_t: [64, false] },
  capability: [32, true],
} as const satisfies Readonly<Record<string, readonly [bits: number, signed: boolean]>>;

/** What is asked, and whether it holds of a number. */
const integerQuestions: Readonly<Record<string, { values: readonly string[]; holds: (value: bigint) => boolean }>> = {
  Equal: { values: ['5', '0x30'], holds: (value) => value === 5n || value === 0x30n },
  NotEqual: { values: ['5', '0x30'], holds: (value) => value !== 5n && value !== 0x30n },
  GT: { values: ['5'], holds: (value) => value > 5n },
  LT: { values: ['5'], holds: (value) => value < 5n },
  InRange: { values: ['5:9'], holds: (value) => value >= 5n && value <= 9n },
  NotInRange: { values: ['5:9'], holds: (value) => value < 5n || value > 9n },
  Mask: { values: ['0x50'], holds: (value) => (value & 0x50n) !== 0n },
  InMap: { values: ['4', '6:9'], holds: (value) => value === 4n || (value >= 6n && value <= 9n) },
  NotInMap: { values: ['4', '6:9'], holds: (value) => value !== 4n && (value < 6n || value > 9n) },
};

const offsets: readonly bigint[] = [
  ...[0n, 4n, 5n, 6n, 9n, 10n, 0x30n, 0x40n, 0x50n, 0x7fn, 0x80n, 0xffn],
  ...[0x1_05n, 0x1_0005n, 0x8000n, 0x8000_0000n, 0x1_0000_0005n, 0xffff_ffffn, 0x7fff_ffff_ffff_ffffn],
  ...[-1n, -5n, -(2n ** 63n)],
];

const integers: readonly Question<bigint>[] = Object.entries(integerTypes).flatMap(([type, [bits, signed]]) =>
  Object.entries(integerQuestions).map(([operator, { values, holds }]) => ({
    name: policyName(type, operator),
    spec: {
      kprobes: [
        {
          call: 'sys_lseek',
          args: [
            { index: 1, type },
            { index: 2, type: 'uint32' },
          ],
          selectors: [{ matchArgs: [{ index: 1, operator, values }] }],
        },
      ],
    },
    holds: (value) => holds(signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)),
  })),
);

// ---- numbers of system calls ----

/** Calls that programs make when they are asked to, by their numbers. */
const calls: Readonly<Record<string, number>> =
  process.arch === 'arm64'
    ? { getpriority: 141, setpriority: 140, umask: 166, chroot: 51, sethostname: 161 }
    : { getpriority: 140, setpriority: 141, umask: 95, chroot: 161, sethostname: 170 };

const callQuestions: readonly Question<number>[] = (() => {
  const [equal = 0, between = 0, another = 0] = Object.values(calls);
  const [low, high] = [Math.min(equal, between), Math.max(equal, between)];
  const table: Readonly<Record<string, { values: readonly number[] | string; holds: (value: number) => boolean }>> = {
    Equal: { values: [equal, another], holds: (value) => value === equal || value === another },
    NotEqual: { values: [equal, another], holds: (value) => value !== equal && value !== another },
    GT: { values: [equal], holds: (value) => value > equal },
    LT: { values: [equal], holds: (value) => value < equal },
    InRange: { values: `${low}:${high}`, holds: (value) => value >= low && value <= high },
    NotInRange: { values: `${low}:${high}`, holds: (value) => value < low || value > high },
    Mask: { values: [2], holds: (value) => (value & 2) !== 0 },
    InMap: { values: [another], holds: (value) => value === another },
    NotInMap: { values: [another], holds: (value) => value !== another },
  };
  return Object.entries(table).map(([operator, { values, holds }]) => {
    const matchArgs = [{ index: 4, operator, values: typeof values === 'string' ? [values] : values.map(String) }];
    const hook = { subsystem: 'raw_syscalls', event: 'sys_enter', args: [{ index: 4, type: 'syscall64' }] };
    return {
      name: policyName('syscall64', operator),
      spec: { tracepoints: [{ ...hook, selectors: [{ matchArgs }] }] },
      holds,
    };
  });
})();

// ---- texts ----

type TextQuestion = { readonly values: readonly string[]; readonly holds: (text: string) => boolean };

/** So many that no program compares them one by one. */
const crowd = Array.from({ length: 300 }, (_, index) => `/crowd/${index}/${'x'.repeat(1 + (index % 40))}`);

/** Files of these names are in `base`. */
const names = ['abc', 'ab', 'a', 'abcd', 'xabc', 'deep/abc', 'deep/ab'] as const;

function textQuestions(base: string, others: readonly string[]): Readonly<Record<string, TextQuestion>> {
  const equal = [...others, `${base}/abc`, `${base}/deep/abc`];
  const prefix = [...others, `${base}/ab`];
  const postfix = [...others, '/abc'];
  return {
    Equal: { values: equal, holds: (text) => equal.includes(text) },
    NotEqual: { values: equal, holds: (text) => !equal.includes(text) },
    Prefix: { values: prefix, holds: (text) => prefix.some((value) => text.startsWith(value)) },
    NotPrefix: { values: prefix, holds: (text) => !prefix.some((value) => text.startsWith(value)) },
    Postfix: { values: postfix, holds: (text) => postfix.some((value) => text.endsWith(value)) },
    NotPostfix: { values: postfix, holds: (text) => !postfix.some((value) => text.endsWith(value)) },
  };
}

type Place = {
  readonly hook: 'kprobes' | 'lsmhooks';
  readonly spec: HookSpec;
  readonly argument: Readonly<Record<string, unknown>> & { readonly index: number; readonly type: string };
  /** What the call is given, and what the hook then sees. */
  readonly texts: readonly { readonly given: string; readonly seen: string }[];
  /** The directory of the files, as the hook sees it. */
  readonly base: string;
  readonly pass: (trigger: Trigger, text: string) => Promise<unknown>;
};

const alike = (texts: readonly string[]) => texts.map((text) => ({ given: text, seen: text }));
const fileNames = names.map((name) => join(directory, name));
const strings = [...fileNames, '/crowd/7/xxxxxxxx', '/crowd/7/xxxxxxx', '/', 'abc', 'x'.repeat(300)];
const links = join(directory, 'links');
/** Of a dentry the path begins at the root of its file system. */
const linksSeen = links.slice(fileSystems.tmpfs.length);

const places: Readonly<Record<string, Place>> = {
  string: {
    ...{ hook: 'kprobes', spec: { call: 'sys_faccessat' }, argument: { index: 1, type: 'string' } },
    ...{ texts: alike([...strings, '']), base: directory },
    pass: (trigger, text) => trigger.call('faccessat', AT_FDCWD, text, 0),
  },
  filename: {
    ...{ hook: 'kprobes', spec: { call: openFunction, syscall: false }, argument: { index: 1, type: 'filename' } },
    ...{ texts: alike(strings), base: directory },
    pass: openAndClose,
  },
  'char-buf': {
    ...{ hook: 'kprobes', spec: { call: 'sys_write' } },
    argument: { index: 1, type: 'char_buf', sizeArgIndex: 3 },
    ...{ texts: alike([...strings, '']), base: directory },
    pass: (trigger, text) => trigger.call('write', -1, text, Buffer.byteLength(text)),
  },
  file: {
    ...{ hook: 'lsmhooks', spec: { hook: 'file_open' }, argument: { index: 0, type: 'file' } },
    ...{ texts: alike(fileNames), base: directory },
    pass: openAndClose,
  },
  auto: {
    ...{ hook: 'lsmhooks', spec: { hook: 'inode_getattr' }, argument: { index: 0, type: 'auto' } },
    ...{ texts: alike(fileNames), base: directory },
    pass: (trigger, text) => trigger.call('stat', text, { buffer: 256 }),
  },
  path: {
    ...{ hook: 'lsmhooks', spec: { hook: 'path_truncate' }, argument: { index: 0, type: 'path' } },
    ...{ texts: alike(fileNames), base: directory },
    pass: (trigger, text) => trigger.call('truncate', text, 0),
  },
  dentry: {
    ...{ hook: 'lsmhooks', spec: { hook: 'inode_readlink' }, argument: { index: 0, type: 'dentry' } },
    texts: names.map((name) => ({ given: join(links, name), seen: `${linksSeen}/${name}` })),
    base: linksSeen,
    pass: (trigger, text) => trigger.call('readlinkat', AT_FDCWD, text, { buffer: 64 }, 64),
  },
  'linux-binprm': {
    ...{ hook: 'lsmhooks', spec: { hook: 'bprm_check_security' }, argument: { index: 0, type: 'linux_binprm' } },
    ...{ texts: alike(fileNames), base: directory },
    pass: (trigger, text) => trigger.call('execve', text, 0, 0),
  },
  fd: {
    ...{ hook: 'kprobes', spec: { call: 'sys_lseek' }, argument: { index: 0, type: 'fd' } },
    ...{ texts: alike(fileNames), base: directory },
    pass: async (trigger, text) => {
      const opened = await trigger.call('openat', AT_FDCWD, text, 0, 0);
      assert.ok(opened.kind === 'returned' && opened.result >= 0, JSON.stringify(opened));
      await trigger.call('lseek', opened.result, 0, 7);
      await trigger.call('close', opened.result);
    },
  },
};

async function openAndClose(trigger: Trigger, text: string): Promise<void> {
  const opened = await trigger.call('openat', AT_FDCWD, text, 0, 0);
  if (opened.kind === 'returned' && opened.result >= 0) await trigger.call('close', opened.result);
}

function textCases(name: string, { hook, spec, argument, base }: Place): readonly Question<string>[] {
  return [[], crowd].flatMap((others) =>
    Object.entries(textQuestions(base, others)).map(([operator, { values, holds }]) => ({
      name: policyName(name, operator, others.length > 0 ? '-crowd' : ''),
      spec: {
        [hook]: [
          { ...spec, args: [argument], selectors: [{ matchArgs: [{ index: argument.index, operator, values }] }] },
        ],
      },
      holds,
    })),
  );
}

const texts = Object.entries(places).map(([name, place]) => ({ name, place, questions: textCases(name, place) }));

// ---- what is seen ----

const scope = 'trigger';
/** Has a program of its own: where a number must not be there, all that a process does is told of. */
const callsScope = 'caller';
const cases: readonly Case[] = [
  ...[...integers, ...texts.flatMap(({ questions }) => questions)].map((each) => ({ ...each, program: scope })),
  ...callQuestions.map((each) => ({ ...each, program: callsScope })),
].map(({ name, spec, program }) => ({ name, spec, program, steps: [] }));

/** The names of the policies that told of these processes, by what they were told; in the order of the words. */
function tellers(
  events: readonly JsonEvent[],
  sayOf: (event: JsonEvent) => string,
): ReadonlyMap<string, readonly string[]> {
  const byValue = Map.groupBy(events, sayOf);
  return new Map(
    Array.from(byValue, ([value, some]) => [value, some.map((event) => hookOf(event)?.policy_name ?? '').toSorted()]),
  );
}

function textOf(event: JsonEvent): string {
  const [argument] = hookOf(event)?.args ?? [];
  const { file_arg, path_arg, linux_binprm_arg, string_arg, bytes_arg } = argument ?? {};
  const path = (file_arg ?? path_arg ?? linux_binprm_arg)?.path;
  return path ?? String(string_arg ?? Buffer.from(String(bytes_arg ?? ''), 'base64'));
}

describe('types', () => {
  let bench: Bench;
  before(async () => {
    for (const folder of ['deep', 'links/deep']) mkdirSync(join(directory, folder), { recursive: true });
    for (const name of names) {
      writeFileSync(join(directory, name), 'no program', { mode: 0o755 });
      symlinkSync(join(directory, name), join(links, name));
    }
    bench = await Bench.start(cases);
  });
  after(async () => {
    await bench.stop();
    rmSync(directory, { recursive: true });
  });

  test('integers', async () => {
    await using trigger = await Trigger.start(bench.programOf(scope));
    for (const [index, offset] of offsets.entries()) await trigger.call('lseek', -1, offset, index);
    const events = await bench.eventsOfProcess(trigger.pid);
    const seen = tellers(events, (event) => String(hookOf(event)?.args?.[1]?.uint_arg));
    for (const [index, offset] of offsets.entries()) {
      const expected = integers.filter(({ holds }) => holds(offset)).map(({ name }) => name);
      assert.deepEqual(seen.get(String(index)), expected.toSorted(), `lseek to ${offset}`);
    }
  });

  test('numbers of system calls', async () => {
    await using trigger = await Trigger.start(bench.programOf(callsScope));
    for (const call of Object.keys(calls)) await trigger.call(call, 0, 0, 0);
    const events = await bench.eventsOfProcess(trigger.pid);
    const seen = tellers(events, (event) => String((hookOf(event)?.args?.[0]?.syscall_id as { id?: number })?.id));
    for (const [call, number] of Object.entries(calls)) {
      const expected = callQuestions.filter(({ holds }) => holds(number)).map(({ name }) => name);
      assert.deepEqual(seen.get(String(number)), expected.toSorted(), call);
    }
  });

  for (const { name, place, questions } of texts) {
    test(name, async () => {
      await using trigger = await Trigger.start(bench.programOf(scope));
      for (const { given } of place.texts) await place.pass(trigger, given);
      const own = new Set(questions.map((each) => each.name));
      const events = (await bench.eventsOfProcess(trigger.pid)).filter((event) =>
        own.has(hookOf(event)?.policy_name ?? ''),
      );
      const seen = tellers(events, textOf);
      for (const { seen: text } of place.texts) {
        const expected = questions.filter(({ holds }) => holds(text)).map((each) => each.name);
        assert.deepEqual(seen.get(text), expected.toSorted(), `${name} of ${text}`);
      }
    });
  }
});
