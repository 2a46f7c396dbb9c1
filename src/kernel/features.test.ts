/** Features are asked of the kernel; what is missing is said at once, with what to do. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { FEATURES, type FeatureName, type FeatureState, type Target } from '#bpf';
import { EnvironmentError } from '#diagnostics';
import { architecture, probeTarget, readVmlinuxBtf, requireFeatures, VMLINUX_BTF } from './features.ts';
import { skipReason } from './testdata/native.ts';

const YES: FeatureState = { kind: 'yes' };

function targetWith(exceptions: Partial<Record<FeatureName, FeatureState>>): Pick<Target, 'features'> {
  const features = {
    btf: YES,
    'bpf-lsm': YES,
    'ring-buffer': YES,
    'bpf-loop': YES,
    'task-storage': YES,
    'inode-storage': YES,
    'send-signal': YES,
    trampoline: YES,
    tracefs: YES,
    'syscall-program': YES,
  };
  return { features: { ...features, ...exceptions } };
}

test('features: all that is missing is in one error, each with a reason and a hint', () => {
  const target = targetWith({
    'bpf-lsm': { kind: 'no', reason: 'the hooks do not call it' },
    'bpf-loop': { kind: 'unknown', reason: 'EBUSY' },
    trampoline: { kind: 'no', reason: 'not asked for' },
  });
  assert.throws(
    () => requireFeatures(target, ['bpf-lsm', 'bpf-loop', 'ring-buffer']),
    (error) => {
      assert.ok(error instanceof EnvironmentError);
      assert.equal(error.code, 'RF3007');
      assert.match(error.message, /bpf-lsm \(.*the hooks do not call it\); bpf-loop \(.*could not tell, EBUSY\)$/);
      assert.match(error.hint, /lsm= boot parameter; use Linux 5\.17 or newer$/);
      return true;
    },
  );
});

test('features: nothing is thrown when what is needed is there', () => {
  requireFeatures(targetWith({ trampoline: { kind: 'no', reason: '' } }), ['bpf-lsm', 'btf']);
});

test('features: a kernel without BTF, or with something else in its place, is refused', () => {
  const directory = mkdtempSync(join(tmpdir(), 'ringfence-btf-'));
  try {
    const path = join(directory, 'vmlinux');
    assert.throws(() => readVmlinuxBtf(path), { code: 'RF3005', message: /ENOENT/ });
    writeFileSync(path, 'not BTF');
    assert.throws(() => readVmlinuxBtf(path), { code: 'RF3005' });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('features: architectures', () => {
  assert.equal(architecture('aarch64'), 'aarch64');
  assert.throws(() => architecture('riscv64'), { code: 'RF3009' });
});

test('features: of this kernel', { skip: skipReason() }, (context) => {
  const target = probeTarget();
  assert.equal(target.release, release());
  assert.deepEqual(Object.keys(target.features), Object.keys(FEATURES));
  for (const name of ['btf', 'ring-buffer', 'bpf-loop', 'task-storage', 'send-signal', 'syscall-program'] as const) {
    assert.deepEqual(target.features[name], YES, name);
  }
  for (const [name, state] of Object.entries(target.features)) {
    assert.notEqual(state.kind, 'unknown', `${name}: root is told`);
    if (state.kind !== 'yes') assert.ok(state.reason.length > 0);
    context.diagnostic(`${name}: ${state.kind}${state.kind === 'yes' ? '' : `, ${state.reason}`}`);
  }
  assert.ok(readVmlinuxBtf(VMLINUX_BTF).typeCount > 1000);
});
