/** Lists of what kernel tests covered count what policies have, and name what none had. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { savedTarget } from '../targets/index.ts';
import { PolicyCoverage } from './coverage.ts';

function policy(spec: object): string {
  return JSON.stringify({ apiVersion: 'cilium.io/v1alpha1', kind: 'TracingPolicy', metadata: { name: 'test' }, spec });
}

const openat = policy({
  kprobes: [
    {
      call: 'sys_openat',
      args: [
        { index: 1, type: 'string' },
        { index: 2, type: 'int' },
      ],
      return: true,
      returnArg: { index: 0, type: 'int' },
      selectors: [
        {
          matchArgs: [{ index: 1, operator: 'Prefix', values: ['/srv/'] }],
          matchBinaries: [{ operator: 'In', values: ['/bin/x'], followChildren: true }],
          matchReturnArgs: [{ operator: 'Equal', values: ['-2'] }],
          matchReturnActions: [{ action: 'Sigkill' }],
        },
      ],
    },
  ],
});
const opened = policy({
  lsmhooks: [
    {
      hook: 'file_open',
      args: [{ index: 0, type: 'file' }],
      selectors: ['/a', '/b'].map((value) => ({
        matchArgs: [{ index: 0, operator: 'Prefix', values: [value] }],
        matchCapabilities: [{ type: 'Effective', operator: 'NotIn', values: ['CAP_SYS_ADMIN'] }],
        matchActions: [{ action: 'Override', argError: -1 }],
      })),
    },
  ],
});

test('a policy counts once for each thing that it has', () => {
  const coverage = new PolicyCoverage(savedTarget('6.12'));
  coverage.add([openat, opened, opened]);
  assert.deepEqual(`${coverage}`.split('\n  '), [
    '3 policies were loaded, with',
    'attached as: lsm 2, fentry 1, fexit 1',
    'declared as: LSM hook 2, system call 1',
    'types: int 1, file 2, string 1',
    'file: Prefix 2',
    'string: Prefix 1',
    'filters on the result: Equal 1',
    'filters on the process: binaries In followChildren 1, capabilities NotIn 2, Effective capabilities 2',
    'actions: post 1, override 2, sigkill at the return 1',
  ]);
  assert.equal(
    coverage.summary,
    '3 policies: lsm 2, fentry 1, fexit 1; int 1, file 2, string 1; post 1, override 2, sigkill at the return 1',
  );
});

test('what no policy had is missing', () => {
  const coverage = new PolicyCoverage(savedTarget('6.12'));
  const before = coverage.missing();
  coverage.add([openat, opened]);
  const after = coverage.missing();
  const lineOf = (lines: readonly string[], group: string) => lines.find((each) => each.startsWith(`${group}: `));
  assert.match(lineOf(before, 'attached as') ?? '', /lsm 0, fentry 0, fexit 0, kprobe 0/);
  assert.equal(lineOf(after, 'attached as'), 'attached as: kprobe 0, kretprobe 0, tp_btf 0, tracepoint 0');
  assert.equal(lineOf(after, 'file'), 'file: Equal 0, NotEqual 0, NotPrefix 0, Postfix 0, NotPostfix 0');
  assert.equal(lineOf(before, 'filters on the result'), 'filters on the result: Equal 0');
  assert.equal(lineOf(after, 'filters on the result'), undefined);
});
