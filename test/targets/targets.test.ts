/** The saved kernels are what their names say, whole, and what tests compile for. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { FEATURES } from '#bpf';
import { known } from '#std';
import { SAVED_KERNELS, type SavedKernel, savedPath, savedTarget } from './index.ts';

/** They are in the history of the repository for ever. */
const BYTES_MAX = 2 * 1024 * 1024;

function version(release: string): readonly [major: number, minor: number] {
  const [, major, minor] = /^(\d+)\.(\d+)\./.exec(release) ?? [];
  return [Number(major), Number(minor)];
}

for (const kernel of SAVED_KERNELS) {
  const target = savedTarget(kernel);

  test(`${kernel}: is that kernel`, () => {
    const [major, minor] = version(target.release);
    if (kernel === 'newest') assert.ok(major > 6 || (major === 6 && minor > 12), target.release);
    else assert.equal(`${major}.${minor}`, kernel);
    assert.equal(target.arch, 'x86_64');
    assert.ok(statSync(savedPath(kernel)).size < BYTES_MAX);
  });

  test(`${kernel}: can do all that is probed`, () => {
    assert.deepEqual(Object.keys(target.features), Object.keys(FEATURES));
    for (const [name, state] of Object.entries(target.features)) assert.equal(state.kind, 'yes', name);
  });

  test(`${kernel}: has its types`, () => {
    const hook = known(target.btf.findFunction('bpf_lsm_file_open'), 'bpf_lsm_file_open');
    assert.equal(target.btf.describe(hook), 'int bpf_lsm_file_open(struct file *file)');
    assert.ok(target.btf.findMember(known(target.btf.findStruct('task_struct'), 'task_struct'), 'start_boottime'));
  });

  test(`${kernel}: has its functions`, () => {
    const { functions } = target;
    assert.equal(functions.count('security_file_open'), 1);
    assert.equal(functions.count('__x64_sys_openat'), 1);
    assert.ok(
      functions.names().some((name) => functions.count(name) > 1),
      'names that several functions have',
    );
    assert.ok(
      functions.names().some((name) => name.endsWith('.isra.0')),
      'clones',
    );
    assert.ok(functions.names().length > 30_000);
    assert.equal(functions.similar('security_file_opne', 1)[0], 'security_file_open');
  });

  test(`${kernel}: has its tracepoints`, () => {
    const { tracepoints } = target;
    const names = (fields: readonly { readonly name: string }[] = []) => fields.map(({ name }) => name);
    const openat = tracepoints.format('syscalls', 'sys_enter_openat')?.fields;
    assert.deepEqual(names(openat).slice(4, 9), ['__syscall_nr', 'dfd', 'filename', 'flags', 'mode']);
    const common = ['common_type', 'common_flags', 'common_preempt_count', 'common_pid'];
    for (const name of tracepoints.names()) {
      const [subsystem = '', event = ''] = name.split('/');
      assert.deepEqual(names(tracepoints.format(subsystem, event)?.fields).slice(0, 4), common, name);
    }
    assert.ok(tracepoints.names().length > 1_000);
  });
}

test('no two are the same kernel', () => {
  const releases = SAVED_KERNELS.map((kernel: SavedKernel) => savedTarget(kernel).release);
  assert.equal(new Set(releases).size, SAVED_KERNELS.length);
});
