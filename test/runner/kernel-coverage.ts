/** The coverage of each kernel's tests: a line for each file, the lists at the end, and what a whole run must cover. */
import type { KernelName } from '../lab/index.ts';
import { isSavedKernel, savedTarget } from '../targets/index.ts';
import { PolicyCoverage } from './coverage.ts';
import { failed, type Outcome } from './results.ts';

export class KernelCoverage {
  readonly #byKernel = new Map<KernelName, PolicyCoverage>();

  /** In one line, what a file covered; the policies are those of a kernel whose types are known here. */
  add(kernel: KernelName, policies: readonly string[]): string {
    if (!isSavedKernel(kernel) || policies.length === 0) return '';
    const target = savedTarget(kernel);
    const ofFile = new PolicyCoverage(target);
    ofFile.add(policies);
    const all = this.#byKernel.get(kernel) ?? new PolicyCoverage(target);
    this.#byKernel.set(kernel, all);
    all.add(policies);
    return ofFile.summary;
  }

  /** Of all kernels. */
  toString(): string {
    return Array.from(this.#byKernel, ([kernel, coverage]) => `kernel ${kernel}: ${coverage}`).join('\n\n');
  }

  /** Of a run of all files: a failure for each kernel on which something was not covered. */
  judge(): readonly Outcome[] {
    return Array.from(this.#byKernel).flatMap(([kernel, coverage]) => {
      const missing = coverage.missing();
      if (missing.length === 0) return [];
      return [failed('test/kernel', `kernel ${kernel}`, `no policy that was loaded had\n${missing.join('\n')}`)];
    });
  }
}
