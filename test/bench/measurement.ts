/** What a guest hands over: samples of work under a condition, and figures of the agent. */
import type { SetName } from './sets.ts';
import type { WorkName } from './works.ts';

/** Columns; of the agent there is one for each way in which it is started. */
export type Condition = 'none' | 'empty' | 'minimal' | `agent:${string}`;

export type Samples = {
  readonly condition: Condition;
  /** With no set for all but the agent. */
  readonly set: SetName | undefined;
  readonly work: WorkName;
  /** Per operation, a batch each. */
  readonly costs: readonly number[];
  /** What all programs together add to an operation, by the kernel's statistics of them. */
  readonly inPrograms?: number;
};

/** Of the agent itself; the columns are those of the conditions. */
export type Figure = {
  readonly column: string;
  readonly name: string;
  readonly value: number;
};

export type Measurement = {
  readonly samples: readonly Samples[];
  readonly figures: readonly Figure[];
  /** What could not be measured here, and why. */
  readonly missing: readonly string[];
};
