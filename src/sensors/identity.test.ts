/** Which files are looked up; and device numbers as stat(2) gives them, back to how the kernel has them. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Policy, parsePolicies } from '#policy';
import { identify, kernelDevice } from './identity.ts';

/** include/linux/kdev_t.h new_encode_dev(): what stat(2) makes of a device. */
function encoded(major: number, minor: number): bigint {
  return BigInt((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12));
}

const devices = [
  [0, 0],
  [0, 25],
  [8, 1],
  [259, 3],
  [253, 256],
  [4095, 0xfffff],
] as const;

for (const [major, minor] of devices) {
  test(`device ${major}:${minor}`, () => {
    assert.equal(kernelDevice(BigInt.asUintN(32, encoded(major, minor))), major * 2 ** 20 + minor);
  });
}

/** A policy with one hook, whose one argument is compared with these files. */
function policyAbout(type: string, operator: string, values: readonly string[], mode = 'inode'): Policy {
  const { policies, diagnostics } = parsePolicies(
    JSON.stringify({
      apiVersion: 'cilium.io/v1alpha1',
      kind: 'TracingPolicy',
      metadata: { name: 'p', annotations: { 'ringfence.io/file-identity': mode } },
      spec: {
        lsmhooks: [
          { hook: 'h', args: [{ index: 0, type }], selectors: [{ matchArgs: [{ index: 0, operator, values }] }] },
        ],
      },
    }),
    'p.yaml',
  );
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message),
    [],
  );
  const [policy] = policies;
  assert.ok(policy !== undefined);
  return policy;
}

const directory = mkdtempSync(join(tmpdir(), 'identity-'));
const file = join(directory, 'file');
const link = join(directory, 'link');
const missing = join(directory, 'missing', 'deeper');
writeFileSync(file, '');
symlinkSync(file, link);
after(() => rmSync(directory, { recursive: true }));

const { ino, dev } = statSync(file, { bigint: true });
const own = { inode: ino, device: kernelDevice(dev) };

for (const type of ['file', 'path', 'fd', 'linux_binprm', 'auto']) {
  test(`of type ${type}, each name that is there has an identity; one that is not is told`, () => {
    const { identities, diagnostics } = identify([policyAbout(type, 'Equal', [file, link, missing])], '/');
    assert.deepEqual(
      [...identities],
      [
        [file, own],
        [link, own],
      ],
    );
    assert.deepEqual(
      diagnostics.map(({ code, span }) => [code, span?.text.includes(missing)]),
      [['RF2301', true]],
    );
  });
}

test('the path of a dentry names a file of its file system, which is that of / only there', () => {
  const { identities, diagnostics } = identify([policyAbout('dentry', 'Equal', ['/', '/proc/version'])], '/');
  assert.deepEqual([...identities.keys()], ['/']);
  assert.equal(diagnostics.length, 1);
});

test('files are those of the node, not those of the container that the agent is in', () => {
  const { identities, diagnostics } = identify([policyAbout('file', 'Equal', ['/file', '/link', file])], directory);
  assert.deepEqual([...identities], [['/file', own]]);
  assert.equal(diagnostics.length, 2);
});

const without = [
  ['another operator', policyAbout('file', 'Prefix', [missing])],
  ['a string', policyAbout('string', 'Equal', [missing])],
  ['a policy that goes by path', policyAbout('file', 'Equal', [missing], 'path')],
] as const;

for (const [what, policy] of without) {
  test(`nothing is looked up for ${what}`, () => {
    const { identities, diagnostics } = identify([policy], '/');
    assert.deepEqual([identities.size, diagnostics], [0, []]);
  });
}
