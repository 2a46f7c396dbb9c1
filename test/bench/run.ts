/** A run of the bench: what is built for it, the guests side by side, and a report of each kernel. */
import { isKernelName, KERNEL_NAMES, type KernelName, provideTools } from '../lab/index.ts';
import { runBuilds } from '../runner/builds.ts';
import { buildBench } from './build.ts';
import { measureInGuest } from './guest.ts';
import type { Column } from './measure.ts';
import { type Result, resultsOf, resultTable } from './report.ts';
import type { Row } from './rows.ts';

/** The agent as it is. */
export const COLUMN: Column = { name: 'ours', flags: [] };

/** Those that the table is about. */
export const KERNELS: readonly KernelName[] = ['6.1', '6.12'];

export type Report = {
  readonly kernel: KernelName;
  readonly release: string;
  readonly results: readonly Result[];
  /** What could not be measured, and why. */
  readonly missing: readonly string[];
};

export async function prepareBench(): Promise<void> {
  await provideTools('build', console.error);
  await provideTools('lab', console.error);
  await runBuilds();
  await buildBench();
}

export async function measureKernels(
  kernels: readonly KernelName[],
  rows: readonly Row[],
  columns: readonly Column[],
): Promise<readonly Report[]> {
  const measured = await Promise.all(kernels.map((kernel) => measureInGuest(kernel, { rows, columns }, console.error)));
  return measured.map(({ kernel, release, measurement }) => ({
    ...{ kernel, release, missing: measurement.missing },
    results: resultsOf(rows, namesOf(columns), measurement),
  }));
}

export function reportText({ release, results, missing }: Omit<Report, 'kernel'>, columns: readonly Column[]): string {
  const lines = missing.map((line) => `not measured: ${line}`);
  return [`kernel ${release}\n`, resultTable(results, namesOf(columns)), ...lines, ''].join('\n');
}

export function namesOf(columns: readonly Column[]): readonly string[] {
  return columns.map(({ name }) => name);
}

export function kernelsNamed(names: readonly string[]): readonly KernelName[] {
  return names.map((name) => {
    if (!isKernelName(name)) throw new Error(`no kernel is called ${name}: there are ${KERNEL_NAMES.join(', ')}`);
    return name;
  });
}
