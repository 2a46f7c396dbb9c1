/** What the control server needs of the agent. */
import type { Event, LossEvent, Workload } from '#events';
import type { PolicyRegistry } from '#sensors';
import type { AgentStatus } from './protocol.ts';

export type ControlPorts = {
  readonly registry: Pick<PolicyRegistry, 'add' | 'remove' | 'enable' | 'disable' | 'setMode' | 'list' | 'texts'>;
  readonly events: EventPort;
  readonly status: () => AgentStatus;
  /** As the agent was started; what is secret in it is taken out here. */
  readonly config: () => Readonly<Record<string, unknown>>;
  readonly recentLog: () => readonly string[];
  readonly log: (level: 'info' | 'warn' | 'error', fields: Readonly<Record<string, unknown>>, message: string) => void;
};

export type EventForm =
  | { readonly format: 'json' }
  | { readonly format: 'compact'; readonly colour: boolean; readonly timestamps: boolean };

export type EventPort = {
  /** Returns what ends it. `listener` does not throw, and does not wait. */
  readonly subscribe: (listener: (event: Event) => void) => () => void;
  /** A line without its end. */
  readonly renderer: (form: EventForm) => (event: Event) => string;
  /** Tells of events that a subscriber was too slow for. */
  readonly loss: (lost: Pick<LossEvent, 'count' | 'fromNs' | 'toNs'>) => LossEvent;
  /** Undefined where events have no pods: none can be asked for by pod then. */
  readonly workloadOf: ((event: Event) => Workload | undefined) | undefined;
};
