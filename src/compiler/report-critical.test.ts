/** Which policies are warned that they spare what the node can not do without, or deny it something. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePolicies } from '#policy';
import { savedTarget } from '../../test/targets/index.ts';
import { compile } from './compile.ts';

const target = savedTarget('6.12');
const kill = { matchActions: [{ action: 'Sigkill' }] };
const deny = { matchActions: [{ action: 'Override', argError: -1 }] };
const signal = (argSig: number) => ({ matchActions: [{ action: 'Signal', argSig }] });
const binaries = (operator: string, ...values: string[]) => ({ matchBinaries: [{ operator, values }] });
const inNamespace = (namespace: string, operator: string, value = 'host_ns') => ({
  matchNamespaces: [{ namespace, operator, values: [value] }],
});
const path = (operator: string) => ({ matchArgs: [{ index: 0, operator, values: ['/srv/x'] }] });
const open = (...selectors: readonly object[]) => ({
  lsmhooks: [{ hook: 'file_open', args: [{ index: 0, type: 'file' }], selectors }],
});
const lseek = (more: object) => ({ kprobes: [{ call: 'sys_lseek', ...more }] });

const table: readonly (readonly [string, object, readonly string[]])[] = [
  ['a kill of whoever does it', open({ ...path('Equal'), ...kill }), ['RF2405 they are denied, and live']],
  ['a kill where nothing can be denied', lseek({ selectors: [kill] }), ['RF2405 it lets them be']],
  ['a signal that ends', open(signal(15)), ['RF2405 it lets them be']],
  ['a signal that is ignored', open(signal(28)), []],
  [
    'a kill at the return',
    lseek({
      return: true,
      returnArg: { index: 0, type: 'int' },
      selectors: [
        { matchReturnArgs: [{ index: 0, operator: 'LT', values: ['0'] }], matchReturnActions: [{ action: 'Sigkill' }] },
      ],
    }),
    ['RF2405 it lets them be'],
  ],
  [
    'the second of two selectors',
    open({ ...binaries('In', '/bin/x'), ...kill }, { ...path('Equal'), ...kill }),
    ['RF2405 they are denied, and live'],
  ],
  ['two selectors', open({ ...path('Equal'), ...kill }, kill), ['RF2405 they are denied, and live']],
  ['binaries', open({ ...binaries('In', '/usr/bin/kubelet'), ...kill }), []],
  ['beginnings of binaries', open({ ...binaries('Prefix', '/usr/bin/'), ...kill }), []],
  ['other binaries', open({ ...binaries('NotIn', '/usr/bin/x'), ...kill }), ['RF2405 they are denied, and live']],
  ['a process', open({ matchPIDs: [{ operator: 'In', values: [77] }], ...kill }), []],
  ['containers', open({ ...inNamespace('Pid', 'NotIn'), ...kill }), []],
  ['pods', { podSelector: {}, ...open(kill) }, []],
  ['pods and the host', { podSelector: {}, hostSelector: {}, ...open(kill) }, ['RF2405 they are denied, and live']],
  ['pods, in a selector', open({ matchWorkloads: [{ podSelector: {} }], ...kill }), []],
  ['the host', open({ ...inNamespace('Pid', 'In'), ...kill }), ['RF2405 they are denied, and live']],
  ['a namespace by its number', open({ ...inNamespace('Mnt', 'In', '4026531841'), ...kill }), []],
  [
    'a namespace that hosts share',
    open({ ...inNamespace('Net', 'NotIn'), ...kill }),
    ['RF2405 they are denied, and live'],
  ],
  ['a policy that only watches', { options: [{ name: 'policy-mode', value: 'monitor' }], ...open(kill) }, []],
  ['a denial of something', open({ ...path('Equal'), ...deny }), []],
  ['a denial of all but something', open({ ...path('NotEqual'), ...deny }), ['RF2406']],
  ['the same to containers', open({ ...path('NotEqual'), ...inNamespace('Mnt', 'NotIn'), ...deny }), []],
  ['the same, with exceptions', open({ ...path('NotEqual'), ...binaries('NotIn', '/usr/bin/x'), ...deny }), ['RF2406']],
  ['the node among them', open({ ...path('NotEqual'), ...binaries('NotIn', '/usr/bin/kubelet'), ...deny }), []],
];

for (const [name, spec, expected] of table) {
  test(name, () => {
    const text = JSON.stringify({
      apiVersion: 'cilium.io/v1alpha1',
      kind: 'TracingPolicy',
      metadata: { name: 'p' },
      spec,
    });
    const [policy] = parsePolicies(text, 'policy.yaml').policies;
    assert.ok(policy !== undefined, text);
    const { diagnostics } = compile({ policies: [{ policy, slot: 0 }], target, identities: new Map() });
    const told = diagnostics.filter(({ code }) => code === 'RF2405' || code === 'RF2406');
    assert.deepEqual(
      told.map(({ code, message }) => (code === 'RF2405' ? `${code} ${message.split(': ')[1]}` : code)),
      expected,
    );
    for (const { span } of told) assert.match(text.slice((span?.column ?? 0) - 1), /^\{"action":/);
  });
}
