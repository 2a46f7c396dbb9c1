/** Runs each kernel test file in a guest of its own, on every kernel, some with full preemption too, two at a time. */
import { basename } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import {
  bundledTest,
  CONTAINERD_AT,
  type Guest,
  type KernelName,
  LabUnavailable,
  type Preemption,
  provideContainerdDisk,
  provideEmulator,
  SERVER,
  standsWrites,
  startGuest,
} from '../lab/index.ts';
import { CLUSTER_VARIABLE, openToGuest, provideApiServer } from '../peers/index.ts';
import { KernelCoverage } from './kernel-coverage.ts';
import { count, failed, failureLines, type Outcome, ReportReader, skipped } from './results.ts';

const GUESTS_AT_ONCE = 2;
const FILE_TIMEOUT_SECONDS = 600;
const CONSOLE_TAIL_CHARACTERS = 3_000;
/** In the guest: a test file starts the agent several times, and from the second time on nothing is compiled anew. */
const COMPILE_CACHE = '/tmp/node-compile-cache';

/** One process per guest is isolation enough, and starts in half the time. */
const START_TEST =
  'file=$1; if [ -e "$2" ]; then file=$2; fi; exec node --enable-source-maps --test --test-isolation=none --test-reporter=./test/runner/reporter.ts "$file"';

export type KernelJob = {
  readonly file: string;
  readonly kernel: KernelName;
  readonly preempt: Preemption | undefined;
};

/**
 * What these are about depends on which task runs when: scratch, task storage, races, programs that the kernel skips. On
 * the newest kernel with full preemption, on the others without; `--all`: both on each.
 */
const UNDER_FULL_PREEMPTION: ReadonlySet<string> = new Set(
  ['base-sensor', 'file-open', 'hooks', 'race', 'swap'].map((name) => `${name}.test.ts`),
);

/**
 * These are about the agent, or about what stands on hooks, loads and programs that others test on each kernel: on the
 * oldest kernel or on the newest, so that both are met; `--all`: on each.
 */
const ON_ONE_KERNEL_OF_TWO: Readonly<Record<string, 'oldest' | 'newest'>> = {
  'containers.test.ts': 'newest',
  'critical.test.ts': 'oldest',
  'differential.test.ts': 'newest',
  'elsewhere.test.ts': 'oldest',
  'examples.test.ts': 'oldest',
  'examples-files.test.ts': 'newest',
  'examples-kernel.test.ts': 'oldest',
  'examples-network.test.ts': 'newest',
  'examples-programs.test.ts': 'oldest',
  'foreign.test.ts': 'oldest',
  'guard.test.ts': 'newest',
  'kernel-copies.test.ts': 'oldest',
  'kill-budget.test.ts': 'oldest',
  'many.test.ts': 'oldest',
  'names.test.ts': 'newest',
  'network.test.ts': 'newest',
  'older.test.ts': 'newest',
  'own-activity.test.ts': 'newest',
  'pins.test.ts': 'newest',
  'process.test.ts': 'oldest',
  'returns.test.ts': 'newest',
  'sensors.test.ts': 'oldest',
  'state.test.ts': 'newest',
  'takeover.test.ts': 'newest',
  'types.test.ts': 'oldest',
};

/** What these are about is on our side of the kernel: one kernel is enough. */
const ON_ONE_KERNEL: ReadonlySet<string> = new Set(
  [
    'bad-input',
    'cluster',
    'containerd',
    'control',
    'file-sink',
    'lab',
    'nats',
    'pod',
    'refused',
    'service-unit',
    'switched-off',
    'way-out',
  ].map((name) => `${name}.test.ts`),
);

/** These have a cluster beside their guest. */
const WITH_CLUSTER: ReadonlySet<string> = new Set(['cluster.test.ts']);

/** These have containerd in their guest. */
const WITH_CONTAINERD: ReadonlySet<string> = new Set(['containerd.test.ts']);

/** What the guest's kernel is told besides; such a guest is booted, not restored. */
const KERNEL_ARGUMENTS: Readonly<Record<string, readonly string[]>> = { 'switched-off.test.ts': ['ringfence=off'] };

/** 6.12 is built without controllers of the old cgroups that runc asks for. */
const ON_THE_OLDEST: ReadonlySet<string> = new Set(['containers-v1.test.ts']);

/** These replace programs while all CPUs call them, which not every emulator stands. */
const WRITING_CODE: ReadonlySet<string> = new Set(['swap', 'takeover'].map((name) => `${name}.test.ts`));

/** These take longest, and begin first: else one of them is left alone at the end, and half of the machine is idle. */
const LONGEST = [
  'takeover',
  'swap',
  'many',
  'cluster',
  'containerd',
  'control',
  'pins',
  'runtime',
  'types',
  'race',
  'differential',
].map((name) => `${name}.test.ts`);

export type Plan = {
  readonly jobs: readonly KernelJob[];
  /** What `--all` runs besides. */
  readonly left: readonly KernelJob[];
};

/** Neighbours in the queue are of different kernels, so that the first two make their snapshots side by side. */
export function planJobs(
  files: readonly string[],
  kernels: readonly KernelName[],
  { all }: { readonly all: boolean },
): Plan {
  const rank = (file: string) => [...LONGEST, basename(file)].indexOf(basename(file));
  const longestFirst = files.toSorted((one, other) => rank(one) - rank(other));
  const whole = longestFirst.flatMap((file) => combinations(file, kernels));
  const isLeft = (job: KernelJob) => !all && !isUsual(job, kernels);
  return { jobs: whole.filter((job) => !isLeft(job)), left: whole.filter(isLeft) };
}

function combinations(file: string, kernels: readonly KernelName[]): KernelJob[] {
  const models = UNDER_FULL_PREEMPTION.has(basename(file)) ? ([undefined, 'full'] as const) : [undefined];
  return models.flatMap((preempt) =>
    kernelsOf(basename(file), kernels).map((kernel): KernelJob => ({ file, kernel, preempt })),
  );
}

/** Whoever names a single kernel gets all that is for it, in one model. */
function isUsual({ file, kernel, preempt }: KernelJob, kernels: readonly KernelName[]): boolean {
  const name = basename(file);
  if (UNDER_FULL_PREEMPTION.has(name)) return (kernel === kernels.at(-1)) === (preempt === 'full');
  const only = ON_ONE_KERNEL_OF_TWO[name];
  return only === undefined || kernel === kernels.at(only === 'oldest' ? 0 : -1);
}

function kernelsOf(name: string, kernels: readonly KernelName[]): readonly KernelName[] {
  if (ON_THE_OLDEST.has(name)) return kernels.slice(0, 1);
  return ON_ONE_KERNEL.has(name) ? kernels.slice(-1) : kernels;
}

/**
 * `whole`: the jobs are those of all files, which together have to cover all of the language on each kernel. What is
 * left to `--all` counts as covered where it is left out.
 */
export async function runKernelTests(
  { jobs, left }: Plan,
  { whole }: { readonly whole: boolean } = { whole: true },
): Promise<Outcome[]> {
  const queue = [...jobs];
  const outcomes: Outcome[] = [];
  const coverage = new KernelCoverage();
  const worker = async () => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      const elsewhere = kernelsWithout(job.file, { jobs, left });
      const cover = (policies: readonly string[]) => {
        for (const kernel of elsewhere) coverage.add(kernel, policies);
        return coverage.add(job.kernel, policies);
      };
      outcomes.push(...(await runJob(job, cover)));
    }
  };
  await Promise.all(Array.from({ length: GUESTS_AT_ONCE }, worker));
  console.log(`\n${coverage}\n`);
  // what did not run explains what is not covered
  const ran = outcomes.every(({ kind, name }) => kind === 'passed' || (kind === 'skipped' && name !== ''));
  return whole && ran ? [...outcomes, ...coverage.judge()] : outcomes;
}

/** Those that the file is about, and does not run on. */
function kernelsWithout(file: string, { jobs, left }: Plan): ReadonlySet<KernelName> {
  const runsOn = (kernel: KernelName) => jobs.some((job) => job.file === file && job.kernel === kernel);
  return new Set(left.filter((job) => job.file === file && !runsOn(job.kernel)).map(({ kernel }) => kernel));
}

async function runJob(job: KernelJob, cover: (policies: readonly string[]) => string): Promise<Outcome[]> {
  const where = placeOf(job);
  const start = performance.now();
  const reader = new ReportReader(where, job.file);
  const obstacle = await obstacleTo(job);
  if (obstacle !== undefined) return [{ ...skipped(job.file, where, obstacle), name: 'all of it' }];
  const outcomes = await runInGuest(job, reader).catch((error: Error): Outcome[] => [
    error instanceof LabUnavailable
      ? skipped(job.file, where, error.message)
      : failed(job.file, where, error.stack ?? error.message),
  ]);
  const seconds = (performance.now() - start) / 1000;
  const verdict = count(outcomes, 'failed') > 0 ? 'FAIL' : count(outcomes, 'passed') > 0 ? 'ok  ' : 'skip';
  console.log(`${verdict} ${job.file} on ${where}: ${count(outcomes, 'passed')} passed (${seconds.toFixed(1)} s)`);
  for (const line of failureLines(outcomes)) console.log(`FAIL kernel: ${line}`);
  for (const text of reader.told) console.log(`       ${text}`);
  const covered = cover(reader.loaded);
  if (covered !== '') console.log(`       ${covered}`);
  return outcomes;
}

async function obstacleTo({ file }: KernelJob): Promise<string | undefined> {
  try {
    if (WITH_CLUSTER.has(basename(file))) await provideApiServer();
    if (WITH_CONTAINERD.has(basename(file))) await provideContainerdDisk();
    if (!WRITING_CODE.has(basename(file))) return undefined;
    const { version, noNewer } = await provideEmulator({ writesCode: true });
    if (standsWrites(version)) return undefined;
    return `QEMU ${version.join('.')} loses writes to code that runs; 8.1 or newer is needed, and cannot be had: ${noNewer}`;
  } catch (error) {
    if (!(error instanceof LabUnavailable)) throw error;
    return error.message;
  }
}

async function runInGuest({ file, kernel, preempt }: KernelJob, reader: ReportReader): Promise<Outcome[]> {
  using guest = await startGuest({
    ...{ kernel, preempt, writesCode: WRITING_CODE.has(basename(file)) },
    cmdline: KERNEL_ARGUMENTS[basename(file)] ?? [],
  });
  if (WITH_CONTAINERD.has(basename(file))) {
    await guest.mount('rf-containerd', await provideContainerdDisk(), CONTAINERD_AT);
  }
  await using cluster = WITH_CLUSTER.has(basename(file)) ? await clusterBeside(guest) : undefined;
  const decoder = new StringDecoder('utf8');
  const env = {
    RINGFENCE_KERNEL: kernel,
    RINGFENCE_TELL_LOADED: '1',
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    NO_COLOR: '1',
    ...(preempt && { RINGFENCE_PREEMPT: preempt }),
    ...(process.env.RINGFENCE_OPTIMISE && { RINGFENCE_OPTIMISE: process.env.RINGFENCE_OPTIMISE }),
    ...cluster?.env,
  };
  const argv = ['sh', '-c', START_TEST, 'sh', file, bundledTest(file)];
  try {
    const ending = await guest.run(argv, {
      env,
      timeoutSeconds: FILE_TIMEOUT_SECONDS,
      onOutput: (chunk, stream) => (stream === 'stdout' ? reader.read(decoder.write(chunk)) : reader.note(`${chunk}`)),
    });
    return reader.finish([file], ending).map((outcome) => withConsole(outcome, guest.console));
  } catch (error) {
    // What ran before the guest failed still counts.
    return [
      ...reader.finish([], { status: 0, signal: null }),
      failed(file, placeOf({ file, kernel, preempt }), (error as Error).message),
    ];
  }
}

async function clusterBeside(guest: Guest) {
  const { server, told } = await openToGuest(`https://${SERVER.address}:${SERVER.port}`);
  const stop = { [Symbol.asyncDispose]: () => server.stop() };
  try {
    await guest.reach(Number(new URL(server.url).port));
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { env: { [CLUSTER_VARIABLE]: JSON.stringify(told) }, ...stop };
}

function withConsole(outcome: Outcome, console: string): Outcome {
  const tail = console.slice(-CONSOLE_TAIL_CHARACTERS).trim();
  if (outcome.kind !== 'failed' || tail === '') return outcome;
  return { ...outcome, detail: `${outcome.detail}\n--- end of the console of the guest ---\n${tail}` };
}

export function placeOf({ kernel, preempt }: KernelJob): string {
  return preempt === undefined ? `kernel ${kernel}` : `kernel ${kernel}, preempt=${preempt}`;
}
