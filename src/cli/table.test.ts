/** Text forms of tables, amounts, and the kernel's own descriptions of BPF descriptors. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { archive } from './archive.ts';
import { bpfObjectsOf, parseDescriptor } from './bpf-objects.ts';
import { bytesText, durationText, table } from './table.ts';

test('columns are as wide as their widest, and lines end where they end', () => {
  const rows = [
    ['NAME', 'STATE', 'FROM'],
    ['a', 'loaded', 'x'],
    ['long-name', 'on', ''],
  ];
  assert.equal(table(rows), 'NAME        STATE    FROM\na           loaded   x\nlong-name   on\n');
  assert.equal(table([['a\u001b[31m', 'b']]), 'a\\u001b[31m   b\n');
});

const amounts = [
  [0, '0 B'],
  [999, '999 B'],
  [4096, '4.10 kB'],
  [1_048_576, '1.05 MB'],
] as const;
for (const [bytes, expected] of amounts) test(`${bytes} bytes`, () => assert.equal(bytesText(bytes), expected));

const durations = [
  [0, '0s'],
  [59_999, '59s'],
  [3_600_000, '1h 0m 0s'],
  [93_784_000, '1d 2h 3m 4s'],
] as const;
for (const [milliseconds, expected] of durations) {
  test(`${milliseconds} ms`, () => assert.equal(durationText(milliseconds), expected));
}

const common = 'pos:\t0\nflags:\t02000002\nmnt_id:\t15\nino:\t1057\n';
const descriptors = [
  ['a file', common, undefined],
  [
    'a map',
    `${common}map_type:\t27\nkey_size:\t0\nmemlock:\t1057816\nmap_id:\t7\nfrozen:\t0\n`,
    { kind: 'map', facts: { map_type: '27', key_size: '0', memlock: '1057816', map_id: '7', frozen: '0' } },
  ],
  [
    'a program',
    `${common}prog_type:\t29\nprog_tag:\tabc\nprog_id:\t9\n`,
    { kind: 'prog', facts: { prog_type: '29', prog_tag: 'abc', prog_id: '9' } },
  ],
  [
    'a link, which tells of its program too',
    `${common}link_type:\ttracing\nlink_id:\t3\nprog_id:\t9\n`,
    { kind: 'link', facts: { link_type: 'tracing', link_id: '3', prog_id: '9' } },
  ],
] as const;
for (const [name, text, expected] of descriptors) {
  test(`a descriptor: ${name}`, () => assert.deepEqual(parseDescriptor(text), expected));
}

test('this process holds no BPF', () => assert.deepEqual(bpfObjectsOf(process.pid), []));

test('an archive refuses a name that does not fit', () => {
  assert.throws(() => archive([{ name: 'x'.repeat(101), text: '' }], new Date(0)), /too long/);
  assert.equal(archive([], new Date(0)).length, 1024);
});
