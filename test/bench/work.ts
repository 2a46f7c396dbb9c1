/** Runs the workload here, and returns what each batch cost per operation. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { assert, known } from '#std';
import { workloadProgram } from './build.ts';
import { DEEP, EXECUTED, PLACE, SHORT, type Work } from './works.ts';

/** The files that it works on, and the program that it executes. */
export function prepareWorks(): void {
  for (const file of [SHORT, DEEP]) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'f');
  }
  mkdirSync(PLACE, { recursive: true });
  copyFileSync(workloadProgram, EXECUTED);
}

export function removeWorks(): void {
  rmSync(PLACE, { recursive: true, force: true });
}

export function runWork({ kind, argument, perBatch, batches }: Work): readonly number[] {
  return numbersOf([kind, argument, String(perBatch), String(batches)]).map((cost) => cost / perBatch);
}

/** Of threads that open a file at once: processor time of an open. */
export function runCrowd(options: { readonly file: string; readonly threads: number; readonly opens: number }): number {
  const { file, threads, opens } = options;
  const [, spent] = numbersOf(['crowd', file, String(threads), String(opens)]);
  return known(spent, 'time of all threads') / (threads * opens);
}

function numbersOf(argv: readonly string[]): readonly number[] {
  const { status, stdout, stderr } = spawnSync(EXECUTED, argv, { encoding: 'utf8' });
  assert(status === 0, `${argv.join(' ')}: ${stderr}`);
  return stdout.trimEnd().split('\n').map(Number);
}

/** The first batch finds nothing in caches, and does not count. */
export function sampleWork(work: Work): readonly number[] {
  return runWork({ ...work, batches: work.batches + 1 }).slice(1);
}
