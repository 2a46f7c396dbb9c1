/** `ringfence start-guard clear`: a human has looked at what a boot died of. */
import { lockNode } from '#sensors';
import { clearStartGuard } from '#start-guard';
import { EXIT } from './exit.ts';

export type ClearOptions = { readonly stateDir: string; readonly runDir: string };

/** With an agent that runs, a policy that is changed by command does the same; throws RF3021 then. */
export function clearGuard({ stateDir, runDir }: ClearOptions): number {
  using _lock = lockNode(runDir);
  clearStartGuard(stateDir);
  process.stdout.write(
    'the next agent starts as if no boot had died; its policies watch first, where the boot is young\n',
  );
  return EXIT.ok;
}
