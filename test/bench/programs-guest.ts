/** Instructions per event on real hooks: in a guest with one CPU, whose clock counts instructions. */
import { assert } from '#std';
import { type KernelName, startGuest } from '../lab/index.ts';

const TIMEOUT_SECONDS = 1_200;

/** The tables of test/bench/programs-inside.ts, under a line that names the kernel. */
export async function guestTables(kernel: KernelName): Promise<string> {
  using guest = await startGuest({ kernel, exact: true });
  const { status, output } = await guest.run(['node', 'test/bench/programs-inside.ts'], {
    timeoutSeconds: TIMEOUT_SECONDS,
  });
  assert(status === 0, `the measurements in the guest failed:\n${output}`);
  return `kernel ${guest.kernelRelease}\n\n${output}`;
}
