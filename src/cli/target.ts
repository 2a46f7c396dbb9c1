/** The kernel that an offline command compiles for: this machine's, or one that was saved to a file. */
import type { Target } from '#bpf';

export async function chooseTarget(file: string | undefined): Promise<Target> {
  if (file !== undefined) return (await import('./saved-target.ts')).readSavedTarget(file);
  return (await import('#kernel')).probeTarget();
}
