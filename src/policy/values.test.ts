/** What the values of a filter become, by type and operator. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codesOf, firstSelector, policyText } from './fixtures.ts';
import type { ArgumentValue } from './model.ts';
import { networkText } from './network-address.ts';

function spec(type: string, operator: string, values: readonly string[]): string {
  return `  tracepoints:
    - subsystem: some
      event: event
      args:
        - index: 0
          type: ${type}
${type === 'char_buf' ? '          sizeArgIndex: 2\n' : ''}      selectors:
        - matchArgs:
            - index: 0
              operator: ${operator}
              values: [${values.map((value) => JSON.stringify(value)).join(', ')}]
`;
}

function show(value: ArgumentValue): string {
  switch (value.kind) {
    case 'string':
      return JSON.stringify(Buffer.from(value.bytes).toString());
    case 'integer':
      return String(value.value);
    case 'range':
      return `${value.minimum}..${value.maximum}`;
    case 'address':
      return networkText(value);
    case 'syscall':
      return `${value.name}/${value.width}`;
  }
}

const table = [
  ['int', 'NotEqual', ['0x10', '-1', '010'], 'NotEqual 16 -1 8'],
  ['uint64', 'GreaterThan', ['18446744073709551614'], 'GT 18446744073709551614'],
  ['int', 'LessThan', ['0'], 'LT 0'],
  ['int', 'Mask', ['0x80000000', '1', '-2'], 'Mask -2147483648 1 -2'],
  ['uint32', 'Mask', ['0x80000000'], 'Mask 2147483648'],
  ['sint8', 'Mask', ['0xff'], 'Mask -1'],
  ['int', 'InRange', ['-5:0x10', '1:1'], 'InRange -5..16 1..1'],
  [
    'uint64',
    'NotInRange',
    ['9223372036854775808:0xffffffffffffffff'],
    'NotInRange 9223372036854775808..18446744073709551615',
  ],
  ['int64', 'InMap', ['-3', '0', '7:9'], 'InMap -3..-3 0..0 7..9'],
  ['syscall64', 'InMap', ['59', '2147483659'], 'InMap 59..59 2147483659..2147483659'],
  ['capability', 'Equal', ['CAP_SYS_ADMIN', 'cap_chown', 'DAC_OVERRIDE', '63'], 'Equal 21 0 1 63'],
  ['capability', 'InRange', ['CAP_CHOWN:CAP_FSETID'], 'InRange 0..4'],
  ['file', 'NotPrefix', ['/etc/'], 'NotPrefix "/etc/"'],
  ['dentry', 'NotPostfix', ['.so'], 'NotPostfix ".so"'],
  ['fd', 'NotEqual', ['/etc/shadow', 'pipe:[1]'], 'NotEqual "/etc/shadow" "pipe:[1]"'],
  ['file', 'Equal', ['/etc/shadow\0'], 'Equal "/etc/shadow"'],
  ['string', 'Equal', ['', 'security.capability\0\0', '../x//'], 'Equal "" "security.capability" "../x//"'],
  ['string', 'NotEqual', ['\0'], 'NotEqual ""'],
  ['string', 'Postfix', ['x\0'], 'Postfix "x"'],
  ['filename', 'Prefix', ['relative'], 'Prefix "relative"'],
  ['char_buf', 'Postfix', ['a\0b\0'], 'Postfix "a\\u0000b\\u0000"'],
  ['char_buf', 'Prefix', ['\0'], 'Prefix "\\u0000"'],
  ['string', 'Equal', ['x'.repeat(4096)], `Equal "${'x'.repeat(4096)}"`],
  ['string', 'Prefix', ['x'.repeat(256)], `Prefix "${'x'.repeat(256)}"`],
  ['string', 'Postfix', ['x'.repeat(127)], `Postfix "${'x'.repeat(127)}"`],
  ['sock', 'DAddr', ['10.0.0.0/8', '::1', '::ffff:192.0.2.0/120'], 'DAddr 10.0.0.0/8 0:0:0:0:0:0:0:1/128 192.0.2.0/24'],
  ['sockaddr', 'NotSAddr', ['127.0.0.1'], 'NotSAddr 127.0.0.1/32'],
  ['skb', 'SPort', ['0', '1024:65535'], 'SPort 0..0 1024..65535'],
  ['sock', 'DPortPriv', [], 'DPortPriv 0..1023'],
  ['sock', 'NotSportPriv', [], 'NotSportPriv 0..1023'],
  [
    'sock',
    'Protocol',
    ['IPPROTO_TCP', 'udp', 'Ipproto_Sctp', '1:2', '262'],
    'Protocol 6..6 17..17 132..132 1..2 262..262',
  ],
  ['sockaddr', 'Family', ['AF_INET', 'inet6', '1'], 'Family 2..2 10..10 1..1'],
  ['sock', 'State', ['TCP_ESTABLISHED', 'listen', '12'], 'State 1..1 10..10 12..12'],
  ['auto', 'NotEqual', ['-1'], 'NotEqual -1'],
  ['auto', 'InMap', ['1:2'], 'InMap 1..2'],
  ['auto', 'Postfix', ['7'], 'Postfix "7"'],
  ['auto', 'NotDAddr', ['::/0'], 'NotDAddr 0:0:0:0:0:0:0:0/0'],
] as const;

for (const [type, operator, values, expected] of table) {
  test(`values: ${type} ${operator} ${JSON.stringify(values).slice(0, 40)}`, () => {
    const [filter] = firstSelector(spec(type, operator, values)).arguments;
    assert.equal([filter?.operator.value, ...(filter?.values ?? []).map(show)].join(' '), expected);
  });
}

const refused = [
  ['int', 'Mask', '0x1ffffffff', 'RF1307'],
  ['uint32', 'Mask', '-1', 'RF1307'],
  ['uint8', 'InRange', '0:256', 'RF1307'],
  ['uint8', 'InMap', '-1:1', 'RF1307'],
  ['int', 'InRange', 'a:b', 'RF1306'],
  ['int', 'InRange', ':', 'RF1306'],
  ['int', 'InRange', '1:', 'RF1306'],
  ['capability', 'Equal', '64', 'RF1307'],
  ['string', 'Equal', 'a\0b', 'RF1310'],
  ['string', 'Prefix', 'a\0', 'RF1310'],
  ['string', 'Postfix', '\0', 'RF1312'],
  ['char_buf', 'Prefix', '', 'RF1312'],
  ['file', 'NotEqual', '', 'RF1312'],
  ['string', 'Equal', 'x'.repeat(4097), 'RF1309'],
  ['string', 'Prefix', 'x'.repeat(257), 'RF1309'],
  ['char_buf', 'NotPostfix', 'x'.repeat(128), 'RF1309'],
  ['sock', 'DPort', '65536', 'RF1307'],
  ['sock', 'DPort', '2:1', 'RF1320'],
  ['sock', 'DPort', '080', 'RF1325'],
  ['sock', 'DPort', '-1', 'RF1307'],
  ['sock', 'Protocol', '263', 'RF1307'],
  ['sock', 'Family', '46', 'RF1307'],
  ['sock', 'State', '0', 'RF1307'],
  ['sock', 'DAddr', 'list:nets', 'RF1323'],
  ['syscall64', 'Equal', 'list:calls', 'RF1306'],
  ['syscall64', 'InMap', 'list:calls', 'RF1220'],
] as const;

for (const [type, operator, value, code] of refused) {
  test(`values refused: ${type} ${operator} ${JSON.stringify(value).slice(0, 40)}`, () => {
    const text = policyText(spec(type, operator, [value]));
    const column =
      text
        .split('\n')
        .find((line) => line.includes('values:'))
        ?.indexOf('"') ?? -1;
    assert.deepEqual(codesOf(text), [
      `${code} ${text.split('\n').findIndex((line) => line.includes('values:')) + 1}:${column + 1}`,
    ]);
  });
}
