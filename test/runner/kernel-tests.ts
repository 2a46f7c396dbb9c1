/** Runs each kernel test file in a guest of its own, on every kernel, some with full preemption too, two at a time. */
import { basename } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import {
  bundledTest,
  type Guest,
  type KernelName,
  LabUnavailable,
  type Preemption,
  provideEmulator,
  SERVER,
  standsWrites,
  startGuest,
} from '../lab/index.ts';
import { CLUSTER_VARIABLE, openToGuest, provideApiServer } from '../peers/index.ts';
import { KernelCoverage } from './kernel-coverage.ts';
import { count, failed, type Outcome, ReportReader, skipped } from './results.ts';

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

/** What these are about depends on which task runs when: scratch, task storage, races, programs that the kernel skips. */
const UNDER_FULL_PREEMPTION: ReadonlySet<string> = new Set(
  ['base-sensor', 'file-open', 'hooks', 'race', 'swap'].map((name) => `${name}.test.ts`),
);

/** Minutes each: on the newest kernel with full preemption, on the others without; by hand in any other way. */
const IN_ONE_MODEL: ReadonlySet<string> = new Set(['swap.test.ts']);

/** What these are about is on our side of the kernel: one kernel is enough. */
const ON_ONE_KERNEL: ReadonlySet<string> = new Set(
  ['bad-input', 'cluster', 'control', 'file-sink', 'lab', 'nats', 'pod', 'refused', 'service-unit', 'way-out'].map(
    (name) => `${name}.test.ts`,
  ),
);

/** These have a cluster beside their guest. */
const WITH_CLUSTER: ReadonlySet<string> = new Set(['cluster.test.ts']);

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
  'control',
  'pins',
  'runtime',
  'types',
  'race',
  'differential',
].map((name) => `${name}.test.ts`);

/** Neighbours in the queue are of different kernels, so that the first two make their snapshots side by side. */
export function planJobs(files: readonly string[], kernels: readonly KernelName[]): KernelJob[] {
  const rank = (file: string) => [...LONGEST, basename(file)].indexOf(basename(file));
  const longestFirst = files.toSorted((one, other) => rank(one) - rank(other));
  return longestFirst.flatMap((file) => {
    const models = UNDER_FULL_PREEMPTION.has(basename(file)) ? ([undefined, 'full'] as const) : [undefined];
    const own = kernelsOf(basename(file), kernels);
    const newest = own.at(-1);
    return models
      .flatMap((preempt) => own.map((kernel): KernelJob => ({ file, kernel, preempt })))
      .filter(
        ({ kernel, preempt }) => !IN_ONE_MODEL.has(basename(file)) || (kernel === newest) === (preempt === 'full'),
      );
  });
}

function kernelsOf(name: string, kernels: readonly KernelName[]): readonly KernelName[] {
  if (ON_THE_OLDEST.has(name)) return kernels.slice(0, 1);
  return ON_ONE_KERNEL.has(name) ? kernels.slice(-1) : kernels;
}

/** `whole`: the jobs are those of all files, which together have to cover all of the language. */
export async function runKernelTests(
  jobs: readonly KernelJob[],
  { whole }: { readonly whole: boolean } = { whole: true },
): Promise<Outcome[]> {
  const queue = [...jobs];
  const outcomes: Outcome[] = [];
  const coverage = new KernelCoverage();
  const worker = async () => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      outcomes.push(...(await runJob(job, coverage)));
    }
  };
  await Promise.all(Array.from({ length: GUESTS_AT_ONCE }, worker));
  console.log(`\n${coverage}\n`);
  // what did not run explains what is not covered
  const ran = outcomes.every(({ kind, name }) => kind === 'passed' || (kind === 'skipped' && name !== ''));
  return whole && ran ? [...outcomes, ...coverage.judge()] : outcomes;
}

async function runJob(job: KernelJob, coverage: KernelCoverage): Promise<Outcome[]> {
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
  for (const text of reader.told) console.log(`       ${text}`);
  const covered = coverage.add(job.kernel, reader.loaded);
  if (covered !== '') console.log(`       ${covered}`);
  return outcomes;
}

async function obstacleTo({ file }: KernelJob): Promise<string | undefined> {
  try {
    if (WITH_CLUSTER.has(basename(file))) await provideApiServer();
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
  using guest = await startGuest({ kernel, preempt, writesCode: WRITING_CODE.has(basename(file)) });
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
