/** kubectl finds its plugins by the names of programs in the PATH: called by this one, the command is `kubectl ringfence`. */
import { basename } from 'node:path';

/** From `process.argv[1]`: the name that the program was called by, links not followed. */
export function isPlugin(called: string | undefined): boolean {
  return called !== undefined && basename(called) === 'kubectl-ringfence';
}
