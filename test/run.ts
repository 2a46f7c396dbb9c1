/**
 * `npm test`: everything that can run here, and plainly what could not and why.
 * Tools, BPF programs, checks, unit tests on this machine, then kernel tests in guests; at the end the total, and
 * below it what failed.
 */
import { globSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { runChecks } from './check.ts';
import {
  isKernelName,
  KERNEL_NAMES,
  type KernelName,
  LabUnavailable,
  providePrograms,
  provideTools,
} from './lab/index.ts';
import { runBuilds } from './runner/builds.ts';
import { runHostTests } from './runner/host-tests.ts';
import { type Plan, placeOf, planJobs, runKernelTests } from './runner/kernel-tests.ts';
import { PeersAhead } from './runner/peers.ts';
import { count, failed, failureLines, label, type Outcome, skipped, summaryLine } from './runner/results.ts';

const REPOSITORY = join(import.meta.dirname, '..');
const KERNELS: readonly KernelName[] = ['6.1', '6.12'];
const HOST_TESTS = [
  '{src,kprobes}/**/*.test.ts',
  'test/*.test.ts',
  'test/{chart,image,kubernetes,lab,node,peers,property,runner,targets,upgrade}/**/*.test.ts',
];
const KERNEL_TESTS = ['test/kernel/**/*.test.ts'];
/** Run as a check, and not twice. */
const CHECKED_TEST = 'test/tidy.test.ts';

const USAGE = `npm test -- [options]
  --only PATTERN      only test files whose path contains PATTERN; no checks
  --kernel NAME       only on this kernel (${KERNEL_NAMES.join(', ')}); may be repeated
  --unit              only unit tests
  --kernel-tests      only kernel tests
  --all               kernel tests on every kernel and in every model of preemption that they are about; so always
                      with --only
  --require-kernels   a kernel that cannot be had is a failure (always so where CI is set)`;

type Options = {
  readonly only: string | undefined;
  readonly kernels: readonly KernelName[];
  readonly checks: boolean;
  readonly unit: boolean;
  readonly kernelTests: boolean;
  readonly all: boolean;
  readonly requireKernels: boolean;
};

type Stage = { readonly name: string; readonly seconds: number };

async function main(): Promise<void> {
  const options = readOptions();
  const outcomes: Outcome[] = [];
  const stages: Stage[] = [];
  const stage = async (name: string, run: () => Promise<readonly Outcome[]>) => {
    const start = performance.now();
    outcomes.push(...(await run()));
    stages.push({ name, seconds: (performance.now() - start) / 1000 });
  };

  await stage('tools', () => stageTools());
  using _ahead = options.unit && options.only === undefined ? new PeersAhead() : undefined;
  await stage('builds', runBuilds);
  if (options.checks) await stage('checks', runChecks);
  if (options.unit) await stage('unit tests', () => stageUnit(options));
  if (options.kernelTests) await stage('kernel tests', () => stageKernel(options));

  printReport(outcomes, stages);
  process.exitCode = count(outcomes, 'failed') > 0 ? 1 : 0;
}

async function stageTools(): Promise<Outcome[]> {
  try {
    await provideTools('build', console.log);
    return [];
  } catch (error) {
    if (!(error instanceof LabUnavailable)) throw error;
    return [failed('tools', 'host', error.message)];
  }
}

async function stageUnit({ only }: Options): Promise<Outcome[]> {
  const files = find(HOST_TESTS, only).filter((file) => file !== CHECKED_TEST);
  if (files.length === 0) return [];
  await providePeers();
  return runHostTests(files);
}

/** Programs of others that unit tests try ours against. A test whose program cannot be had is skipped, and says so. */
async function providePeers(): Promise<void> {
  try {
    await provideTools('tests', console.log);
    const programs = join(await providePrograms(), 'usr/sbin'); // bpftool and nats-server
    process.env.PATH = `${process.env.PATH}${delimiter}${programs}`;
  } catch (error) {
    if (!(error instanceof LabUnavailable)) throw error;
    console.log(`unit tests do without some programs: ${error.message}`);
  }
}

async function stageKernel({ only, kernels, requireKernels, all }: Options): Promise<Outcome[]> {
  const files = find(KERNEL_TESTS, only);
  const plan = planJobs(files, kernels, { all });
  for (const job of plan.left) console.log(`left to --all: ${job.file} on ${placeOf(job)}`);
  const outcomes = await kernelOutcomes(plan, { whole: only === undefined });
  const unavailable = (outcome: Outcome) => outcome.kind === 'skipped' && outcome.name === '';
  if (only === undefined) outcomes.push(...untested(outcomes, kernels));
  if (!requireKernels) return outcomes;
  return outcomes.map((outcome) => (unavailable(outcome) ? { ...outcome, kind: 'failed' } : outcome));
}

/** A kernel on which every test was skipped, or for which there are none, has not been tested. */
function untested(outcomes: readonly Outcome[], kernels: readonly KernelName[]): Outcome[] {
  return kernels
    .map((kernel) => placeOf({ kernel, preempt: undefined, file: '' }))
    .filter((where) =>
      outcomes.every((outcome) => outcome.where !== where || (outcome.kind === 'skipped' && outcome.name !== '')),
    )
    .map((where) => failed('kernel tests', where, 'no kernel test ran on this kernel'));
}

/** One outcome per test; where guests cannot be had, one per file and kernel that says why. */
async function kernelOutcomes(plan: Plan, options: { readonly whole: boolean }): Promise<Outcome[]> {
  try {
    await provideTools('lab', console.log);
  } catch (error) {
    if (!(error instanceof LabUnavailable)) throw error;
    return plan.jobs.map((job) => skipped(job.file, placeOf(job), error.message));
  }
  return runKernelTests(plan, options);
}

function find(patterns: readonly string[], only: string | undefined): string[] {
  const files = patterns.flatMap((pattern) => globSync(pattern, { cwd: REPOSITORY }));
  return files.filter((file) => only === undefined || file.includes(only)).sort();
}

function printReport(outcomes: readonly Outcome[], stages: readonly Stage[]): void {
  for (const outcome of outcomes.filter(({ kind }) => kind === 'failed')) {
    console.log(`\n=== FAILED: ${label(outcome)}\n${outcome.detail}`);
  }
  console.log('');
  for (const outcome of outcomes.filter(({ kind }) => kind === 'skipped')) {
    console.log(`skipped: ${label(outcome)}: ${outcome.detail}`);
  }
  console.log(stages.map(({ name, seconds }) => `${name} ${seconds.toFixed(1)} s`).join(', '));
  console.log(summaryLine(outcomes));
  for (const line of failureLines(outcomes)) console.log(`FAILED: ${line}`);
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      kernel: { type: 'string', multiple: true },
      unit: { type: 'boolean', default: false },
      'kernel-tests': { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
      'require-kernels': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const kernels = values.kernel?.map((name) => {
    if (!isKernelName(name)) throw new Error(`no kernel is called ${name}\n${USAGE}`);
    return name;
  });
  const part = values.unit || values['kernel-tests'] || values.only !== undefined;
  return {
    only: values.only,
    kernels: kernels ?? KERNELS,
    checks: !part,
    unit: !values['kernel-tests'],
    kernelTests: !values.unit,
    all: values.all || values.only !== undefined,
    requireKernels: values['require-kernels'] || Boolean(process.env.CI),
  };
}

await main();
