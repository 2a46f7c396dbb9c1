/** The filters on the calling process. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codesOf, firstSelector, policyText } from './fixtures.ts';

function spec(filters: string): string {
  return `  lsmhooks:\n    - hook: file_open\n      selectors:\n        - ${filters}\n`;
}

test('binaries: whole paths, starts and ends', () => {
  const { binaries } = firstSelector(spec('matchBinaries: [{ operator: NotPostfix, values: [/bash, sh] }]'));
  assert.deepEqual(binaries?.operator.value, 'NotPostfix');
  assert.deepEqual(
    binaries?.values.map(({ value }) => value),
    ['/bash', 'sh'],
  );
  assert.equal(binaries?.followChildren, false);
  const followed = firstSelector(
    spec('matchBinaries: [{ operator: NotIn, values: [/usr/bin/x], followChildren: true }]'),
  );
  assert.equal(followed.binaries?.followChildren, true);
});

test('pids: of the initial namespace or their own, with or without descendants', () => {
  const { pids } = firstSelector(
    spec(
      'matchPIDs: [{ operator: NotIn, values: [0, 1], isNamespacePID: true, followForks: true }, { operator: In, values: [7] }]',
    ),
  );
  assert.deepEqual(
    pids.map(({ negated, values, inNamespace, followForks }) => [negated, values, inNamespace, followForks]),
    [
      [true, [0, 1], true, true],
      [false, [7], false, false],
    ],
  );
});

test('namespaces: by inode, or that of the host', () => {
  const { namespaces } = firstSelector(
    spec(
      'matchNamespaces: [{ namespace: Pid, operator: NotIn, values: [host_ns, "4026531836"] }, { namespace: TimeForChildren, operator: In, values: ["1"] }]',
    ),
  );
  assert.deepEqual(
    namespaces.map(({ namespace, negated, values }) => [namespace, negated, values]),
    [
      ['Pid', true, ['host', 4_026_531_836]],
      ['TimeForChildren', false, [1]],
    ],
  );
});

test('capabilities: a bit for each name, in any case, with or without CAP_', () => {
  const { capabilities } = firstSelector(
    spec(
      'matchCapabilities: [{ operator: In, values: [CAP_CHOWN, DAC_OVERRIDE, cap_sys_admin, CAP_CHECKPOINT_RESTORE] }, { type: Permitted, operator: NotIn, isNamespaceCapability: true, values: [CAP_DAC_OVERRIDE] }]',
    ),
  );
  assert.deepEqual(
    capabilities.map(({ set, negated, inNamespace, mask }) => [set, negated, inNamespace, mask]),
    [
      ['Effective', false, false, (1n << 0n) | (1n << 1n) | (1n << 21n) | (1n << 40n)],
      ['Permitted', true, true, 1n << 1n],
    ],
  );
});

const repeated = [
  ['pids', 'matchPIDs: [{ operator: In, values: [1, 1] }]'],
  ['namespaces', 'matchNamespaces: [{ namespace: Pid, operator: In, values: [host_ns, host_ns] }]'],
  ['capabilities', 'matchCapabilities: [{ operator: In, values: [CAP_DAC_OVERRIDE, DAC_OVERRIDE] }]'],
  ['binaries', 'matchBinaries: [{ operator: Prefix, values: [/usr/, /usr/] }]'],
] as const;

for (const [name, filters] of repeated) {
  test(`a value that is there twice is said once: ${name}`, () => {
    assert.deepEqual(
      codesOf(policyText(spec(filters))).map((each) => each.slice(0, 6)),
      ['RF1311'],
    );
  });
}
