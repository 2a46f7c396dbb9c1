/** Guests, and what was measured in them. */
import { assert } from '#std';
import { bundledTest, type Guest, type KernelName, startGuest } from '../lab/index.ts';
import type { Contention } from './contention.ts';
import type { MeasureOptions } from './measure.ts';
import type { Measurement } from './measurement.ts';

const TIMEOUT_SECONDS = 1_800;
const CONTENDING_CPUS = 4;
const MEMORY_MIB = 2_048;
/** Of the bundle that every guest has; see test/lab/payload.ts. */
const PROGRAM = '/ringfence/dist/lib/ringfence/ringfence.js';

export type Measured = { readonly kernel: KernelName; readonly release: string; readonly measurement: Measurement };

type Log = (line: string) => void;

export async function measureInGuest(
  kernel: KernelName,
  options: Omit<MeasureOptions, 'program'>,
  log: Log,
): Promise<Measured> {
  using guest = await startGuest({ kernel, exact: true, memoryMiB: MEMORY_MIB });
  const told = await answerOf(guest, { script: 'measure', options }, log);
  return { kernel, release: guest.kernelRelease, measurement: told as Measurement };
}

/** By the clock on the wall, as this takes several CPUs. */
export async function contendInGuest(kernel: KernelName, log: Log): Promise<Contention> {
  using guest = await startGuest({ kernel, cpus: CONTENDING_CPUS, memoryMiB: MEMORY_MIB });
  return (await answerOf(guest, { script: 'contention', options: {} }, log)) as Contention;
}

type Asked = { readonly script: 'measure' | 'contention'; readonly options: object };

/** The last line of the standard output; the other stream is for people. */
async function answerOf(guest: Guest, { script, options }: Asked, log: Log): Promise<unknown> {
  const output: Buffer[] = [];
  const argv = ['node', bundledTest(`test/bench/${script}.ts`), JSON.stringify({ ...options, program: PROGRAM })];
  const { status, output: everything } = await guest.run(argv, {
    timeoutSeconds: TIMEOUT_SECONDS,
    onOutput: (chunk, stream) => {
      if (stream === 'stdout') output.push(chunk);
      else for (const line of chunk.toString().trimEnd().split('\n')) log(`${guest.kernelRelease}: ${line}`);
    },
  });
  assert(status === 0, `the measurements in the guest failed:\n${everything.slice(-4_000)}`);
  return JSON.parse(Buffer.concat(output).toString().trimEnd().split('\n').at(-1) ?? '');
}
