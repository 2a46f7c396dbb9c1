import assert from 'node:assert/strict';
import { test } from 'node:test';
import { execFlag, pathFlag } from '#abi';
import { argumentsText, flagsText } from './arguments.ts';
import { compactWord, compactWords, quote } from './escape.ts';
import { errorName, signalName } from './kernel-names.ts';
import { permissionText } from './permission.ts';
import { rfc3339, rfc3339Nano } from './timestamp.ts';

const encode = (text: string) => new TextEncoder().encode(text);

const argumentRows = [
  ['no argv', '', ''],
  ['argv[0] only', 'ls\0', ''],
  ['joined by spaces', 'ls\0-l\0/tmp\0', '-l /tmp'],
  ['an argument with a space', 'sh\0-c\0echo a\0', '-c "echo a"'],
  ['an empty argument', 'a\0\0b\0', '"" b'],
  ['an empty last argument', 'a\0b\0\0', 'b ""'],
  ['cut in the middle', 'a\0b\0cde', 'b cde'],
  ['a quote is left as it is', 'a\0x"y\0', 'x"y'],
] as const;

for (const [name, argv, expected] of argumentRows) {
  test(`arguments: ${name}`, () => assert.equal(argumentsText(encode(argv)).text, expected));
}

const read = pathFlag.read;
const flagRows = [
  ['plain', {}, 'execve'],
  ['seeded', { flags: execFlag.seeded }, 'procFS'],
  [
    'all of them, in the order of the events API',
    {
      flags: execFlag.argvTruncated | execFlag.argvError | execFlag.cwdRoot | execFlag.clone,
      binaryFlags: 0,
      cwdFlags: read | pathFlag.truncated,
    },
    'execve truncArgs errorFilename errorArgs rootcwd clone errorPathResolutionCwd',
  ],
  ['no directory', { cwdFlags: pathFlag.none }, 'execve nocwd'],
  ['a directory that could not be read', { cwdFlags: read | pathFlag.fault }, 'execve errorCWD'],
  ['a directory that was never tried', { cwdFlags: 0 }, 'execve errorCWD'],
  ['a binary that could not be read', { binaryFlags: read | pathFlag.unstable }, 'execve errorFilename'],
] as const;

for (const [name, given, expected] of flagRows) {
  test(`flags: ${name}`, () =>
    assert.equal(flagsText({ flags: 0, binaryFlags: read, cwdFlags: read, ...given }), expected));
}

const permissionRows = [
  [0, ''],
  [0o100644, '-rw-r--r--'],
  [0o040755, 'drwxr-xr-x'],
  [0o104755, '-rwsr-xr-x'],
  [0o104644, '-rwSr--r--'],
  [0o102755, '-rwxr-sr-x'],
  [0o041777, 'drwxrwxrwt'],
  [0o041776, 'drwxrwxrwT'],
  [0o120777, 'lrwxrwxrwx'],
  [0o140700, 'srwx------'],
  [0o020620, 'crw--w----'],
  [0o060660, 'brw-rw----'],
  [0o010600, 'prw-------'],
] as const;

for (const [mode, expected] of permissionRows) {
  test(`permission: ${mode.toString(8)}`, () => assert.equal(permissionText(mode), expected));
}

const timeRows = [
  [0n, '1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000000000Z'],
  [1_500_000_000n, '1970-01-01T00:00:01.500Z', '1970-01-01T00:00:01.500000000Z'],
  [1_000_001_000n, '1970-01-01T00:00:01.000001Z', '1970-01-01T00:00:01.000001000Z'],
  [1_000_000_001n, '1970-01-01T00:00:01.000000001Z', '1970-01-01T00:00:01.000000001Z'],
] as const;

for (const [ns, short, nano] of timeRows) {
  test(`timestamp: ${ns}`, () => assert.deepEqual([rfc3339(ns), rfc3339Nano(ns)], [short, nano]));
}

const compactRows = [
  ['/bin/sh', '/bin/sh'],
  ['/bin/größe', '/bin/größe'],
  ['/a b', '"/a b"'],
  ['/a"b', '/a"b'],
  ['/a"b c\\', '"/a\\"b c\\\\"'],
  ['a\u001b[31m', '"a\\x1b[31m"'],
  ['a\r\n\t\u0007', '"a\\r\\n\\t\\a"'],
  ['\u007f', '"\\x7f"'],
  ['\u0085', '"\\u0085"'],
  ['a\u202eb', '"a\\u202eb"'],
  ['\u00a0', '"\\u00a0"'],
  ['\u{e0001}', '"\\U000e0001"'],
] as const;

for (const [text, expected] of compactRows) {
  test(`compact word: ${JSON.stringify(text)}`, () => assert.equal(compactWord(text), expected));
}

test('compact words: spaces stand, controls do not', () => {
  assert.equal(compactWords('-l "a b"'), '-l "a b"');
  assert.equal(compactWords('-l \u001b'), '"-l \\x1b"');
});

const quoteRows = [
  ['a"b\\', '"a\\"b\\\\"'],
  ['\u001b\n', '"\\u001b\\n"'],
  ['\u007f\u009b', '"\\u007f\\u009b"'],
  ['\u2028\u2029', '"\\u2028\\u2029"'],
  ['\u202e\u2066\u200f\u061c\ufeff', '"\\u202e\\u2066\\u200f\\u061c\\ufeff"'],
  ['ö😀', '"ö😀"'],
] as const;

for (const [text, expected] of quoteRows) {
  test(`JSON string: ${JSON.stringify(text)}`, () => {
    assert.equal(quote(text), expected);
    assert.equal(JSON.parse(quote(text)), text);
  });
}

test('names of signals and errors', () => {
  assert.deepEqual([0, 1, 9, 15, 31, 34].map(signalName), ['', 'SIGHUP', 'SIGKILL', 'SIGTERM', 'SIGSYS', 'SIG34']);
  assert.deepEqual([1, 13, 36, 40, 200].map(errorName), ['EPERM', 'EACCES', 'ENAMETOOLONG', 'ELOOP', 'errno 200']);
});
