import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  binaries,
  choice,
  choices,
  count,
  duration,
  flag,
  listenAddress,
  path,
  permission,
  ringBytes,
  text,
  texts,
} from './kinds.ts';

const few = { countMax: 3, bytesMax: 20 };

/** What is written, and what it is read as; undefined where it is refused. */
const table: readonly (readonly [
  string,
  { parse(texts: readonly string[]): { readonly value: unknown } | undefined },
  readonly string[],
  unknown,
])[] = [
  ['paths of programs', binaries(few), ['/usr/bin/a', '/opt/cni/*, /x/y-*'], ['/usr/bin/a', '/opt/cni/*', '/x/y-*']],
  ['a path twice', binaries(few), ['/a', '/a'], ['/a']],
  ['no program', binaries(few), [], []],
  ['too many programs', binaries(few), ['/a,/b,/c,/d'], undefined],
  ['a path that is too long', binaries(few), ['/0123456789abcdefghijk'], undefined],
  ['every program', binaries(few), ['/*'], undefined],
  ['a relative program', binaries(few), ['bin/a'], undefined],
  ['a directory', binaries(few), ['/usr/bin/'], undefined],
  ['a path to be resolved', binaries(few), ['/usr/../a'], undefined],
  ['a star in between', binaries(few), ['/usr/*/a'], undefined],
  ['a text', text('t'), ['a b'], 'a b'],
  ['a text of two lines', text('t'), ['a\nb'], undefined],
  ['two texts for one', text('t'), ['a', 'b'], undefined],
  ['no text for one', text('t'), [], undefined],
  ['a path', path('p'), ['/a'], '/a'],
  ['a path with NUL', path('p'), ['/a\0b'], undefined],
  ['a relative path', path('p', '/sys/fs/bpf'), ['fence'], '/sys/fs/bpf/fence'],
  ['an absolute path', path('p', '/sys/fs/bpf'), ['/mnt/fence'], '/mnt/fence'],
  ['no path', path('p', '/sys/fs/bpf'), [''], ''],
  ['a port', listenAddress(), [':2112'], { host: undefined, port: 2112 }],
  ['a name and a port', listenAddress(), ['node-1.local:9'], { host: 'node-1.local', port: 9 }],
  ['an address and a port', listenAddress(), ['[::1]:65535'], { host: '::1', port: 65_535 }],
  ['a port alone', listenAddress(), ['2112'], undefined],
  ['the port 0', listenAddress(), [':0'], undefined],
  ['no port that there is', listenAddress(), [':65536'], undefined],
  ['an address of six without brackets', listenAddress(), ['::1:80'], undefined],
  ['true', flag(), ['true'], true],
  ['false', flag(), ['false'], false],
  ['yes', flag(), ['yes'], undefined],
  ['a number', count({ min: 1, max: 10 }), ['10'], 10],
  ['a number below', count({ min: 1, max: 10 }), ['0'], undefined],
  ['a number above', count({ min: 1, max: 10 }), ['11'], undefined],
  ['a negative number', count({ min: 1, max: 10 }), ['-1'], undefined],
  ['a fraction', count({ min: 1, max: 10 }), ['1.5'], undefined],
  ['seconds', duration({ min: 0, max: 3_600_000 }), ['90'], 90_000],
  ['units', duration({ min: 0, max: 7_200_000 }), ['1h2m3s4ms'], 3_723_004],
  ['too long', duration({ min: 0, max: 3_600_000 }), ['2h'], undefined],
  ['no unit of time', duration({ min: 0, max: 3_600_000 }), ['2d'], undefined],
  ['a size', ringBytes({ min: 4096, max: 1 << 30 }), ['4M'], 4 << 20],
  ['bytes', ringBytes({ min: 4096, max: 1 << 30 }), ['65536'], 65_536],
  ['no power of two', ringBytes({ min: 4096, max: 1 << 30 }), ['3M'], undefined],
  ['nothing', ringBytes({ min: 4096, max: 1 << 30 }), ['0'], undefined],
  ['a mode', permission(), ['600'], 0o600],
  ['a mode with a zero', permission(), ['0640'], 0o640],
  ['a mode without the owner', permission(), ['440'], undefined],
  ['a mode that is none', permission(), ['888'], undefined],
  ['a word', choice(['a', 'b']), ['b'], 'b'],
  ['another word', choice(['a', 'b']), ['c'], undefined],
  ['words', choices(['a', 'b']), ['a, b', 'a'], ['a', 'b', 'a']],
  ['a wrong word among others', choices(['a', 'b']), ['a,c'], undefined],
  ['several texts', texts('t'), ['a', 'b'], ['a', 'b']],
  ['an empty one among them', texts('t'), ['a', ''], undefined],
];

for (const [name, kind, written, expected] of table) {
  test(`kinds: ${name}`, () => assert.deepEqual(kind.parse(written)?.value, expected));
}

test('kinds: what is printed is read back as the same', () => {
  const printed = [
    [duration({ min: 0, max: 1e9 }), [0, 500, 60_000, 90_000, 5_400_000, 7_200_000]],
    [ringBytes({ min: 1, max: 1 << 30 }), [512, 65_536, 1 << 20, 1 << 30]],
    [permission(), [0o600, 0o640]],
  ] as const;
  for (const [kind, values] of printed) {
    for (const value of values) assert.equal(kind.parse([kind.print(value)])?.value, value);
  }
});

test('kinds: no address is a value, and addresses are printed as they were written', () => {
  assert.deepEqual(listenAddress().parse(['']), { value: undefined });
  for (const written of ['', ':2112', 'node-1:9', '[::1]:80']) {
    const parsed = listenAddress().parse([written]);
    assert.ok(parsed);
    assert.equal(listenAddress().print(parsed.value), written);
  }
});
