/** How well the agent hears one kind of object: whether what it knows of them is what the API server has. */
import type { EnvironmentError } from '#diagnostics';

/**
 * - `waiting`: nothing was heard yet
 * - `synced`: everything was listed, and changes come as they happen
 * - `stale`: as it was before the connection broke; what is loaded goes on
 * - `absent`: the API server does not know this kind, as its definition is not installed
 */
export type SourceState = {
  readonly kind: 'waiting' | 'synced' | 'stale' | 'absent';
  /** Since when, in milliseconds since 1970. */
  readonly sinceMs: number;
  /** Why it is not synced. */
  readonly reason: EnvironmentError | undefined;
};
