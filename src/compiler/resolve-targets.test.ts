/** Places of hooks on kernels that there are: what a distribution builds decides, not what a fixture says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sectionOf } from '#bpf';
import type { Diagnostic } from '#diagnostics';
import { parsePolicies } from '#policy';
import { known } from '#std';
import { SAVED_KERNELS, savedTarget } from '../../test/targets/index.ts';
import { resolvePolicy } from './resolve.ts';

const kill = 'selectors: [{ matchActions: [{ action: Sigkill }] }]';
const result = 'return: true, returnArg: { index: 0, type: int }';

/** The same on each of the saved kernels. */
const places = [
  ['call: sys_openat', 'fentry/__x64_sys_openat'],
  ['call: sys_getpid', 'fentry/__do_sys_getpid'],
  ['call: sys_stat', 'fentry/__x64_sys_newstat'],
  ['call: sys_umount2', 'fentry/__x64_sys_umount'],
  ['call: sys_sendfile', 'fentry/__x64_sys_sendfile64'],
  ['call: __ia32_sys_execve', 'fentry/__ia32_sys_execve'],
  [`call: sys_lseek, ${result}`, 'fexit/__x64_sys_lseek'],
  [`call: sys_openat, args: [{ index: 1, type: string }], ${result}`, 'fentry/__x64_sys_openat fexit/__x64_sys_openat'],
  [`call: sys_lseek, ${kill}`, 'fentry/__x64_sys_lseek RF2402'],
  ['call: tcp_connect, syscall: false, args: [{ index: 0, type: sock }]', 'fentry/tcp_connect'],
  ['call: fd_install, syscall: false, args: [{ index: 1, type: file }]', 'fentry/fd_install'],
  [`call: security_file_open, syscall: false, args: [{ index: 0, type: file }], ${result}`, 'fexit/security_file_open'],
  [`call: security_file_open, syscall: false, ${kill}`, 'lsm/file_open'],
  [`call: security_bprm_check, syscall: false, ${kill}`, 'lsm/bprm_check_security'],
  [`call: security_create_user_ns, syscall: false, ${kill}`, 'lsm/userns_create'],
  [`call: security_mmap_file, syscall: false, ${kill}`, 'lsm/mmap_file'],
  [`call: security_inode_rename, syscall: false, ${kill}`, 'fentry/security_inode_rename RF2402'],
  [`call: security_path_truncate, syscall: false, ${kill}`, 'lsm/path_truncate'],
  ['call: security_file_opens, syscall: false', 'RF2011'],
] as const;

for (const kernel of SAVED_KERNELS) {
  const target = savedTarget(kernel);
  for (const [hook, expected] of places) {
    test(`${hook} on kernel ${kernel}`, () => {
      const text = `apiVersion: cilium.io/v1alpha1\nkind: TracingPolicy\nmetadata: { name: test }\nspec:\n  kprobes: [{ ${hook} }]\n`;
      const parsed = parsePolicies(text, 'policy.yaml');
      const diagnostics: Diagnostic[] = [];
      const policy = known(parsed.policies[0], parsed.diagnostics.map((each) => each.message).join('; '));
      const { resolved } = resolvePolicy(policy, 0, target, diagnostics);
      const found = [...resolved.parts.map(({ point }) => sectionOf(point)), ...diagnostics.map(({ code }) => code)];
      assert.equal(found.join(' '), expected);
    });
  }
}
