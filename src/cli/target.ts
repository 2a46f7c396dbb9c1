/** The kernel that an offline command compiles for: this machine's, or one that was saved to a file. */
import { readFileSync } from 'node:fs';
import { parseTarget, type Target } from '#bpf';
import { EnvironmentError } from '#diagnostics';

export async function chooseTarget(file: string | undefined): Promise<Target> {
  if (file === undefined) {
    const { probeTarget } = await import('#kernel');
    return probeTarget();
  }
  try {
    return parseTarget(readFileSync(file));
  } catch (cause) {
    throw new EnvironmentError('RF3102', { path: file, reason: String(cause) }, { cause });
  }
}
