/** What bpftool lists of the kernel: who looks need not trust what we say of ourselves. */
import { spawnSync } from 'node:child_process';

/** `prog_id`: of a link. */
export type KernelObject = { readonly id: number; readonly name?: string; readonly prog_id?: number };

export function kernelObjects(what: 'link' | 'prog' | 'map'): readonly KernelObject[] {
  const { status, stdout, stderr } = spawnSync('bpftool', ['--json', what, 'list'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`bpftool ${what} list: ${stderr}`);
  const found = JSON.parse(stdout) as readonly KernelObject[];
  return found.filter(({ name = '' }) => !OWN_NAMES.has(name) && !name.startsWith('libbpf_'));
}

/** What bpftool itself loads to look who holds what (tools/bpf/bpftool/skeleton/pid_iter.bpf.c). */
const OWN_NAMES: ReadonlySet<string> = new Set(['iter', 'pid_iter.rodata', 'pid_iter_bpf']);
