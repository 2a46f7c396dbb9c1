/** start-guard: whether policies enforce after a start, and the way out that needs no agent. */
export type { Decision } from './decide.ts';
export { clearStartGuard, type Machine, StartGuard, type StartGuardOptions } from './start-guard.ts';
