/** What is declared of an option. */
import type { Kind } from './kinds.ts';

export const groups = {
  general: 'General',
  policies: 'Policies and enforcement',
  kubernetes: 'Containers and Kubernetes',
  output: 'Events on the standard output',
  export: 'Events to a file',
  nats: 'Events to NATS',
  metrics: 'Metrics',
  paths: 'Directories and sockets',
  kernel: 'Kernel side',
} as const;

export type Group = keyof typeof groups;

export type Option<Value> = {
  readonly kind: Kind<Value>;
  readonly default: NoInfer<Value>;
  /** Said instead of a default that is found out later. */
  readonly defaultText?: string;
  readonly group: Group;
  /** A part of a sentence, as usage texts have it. */
  readonly about: string;
  /** A flag of one letter. */
  readonly short?: string;
  /** Further names, on the command line and in files. */
  readonly aliases?: readonly string[];
  /** Further variables, asked in this order after the option's own. */
  readonly variables?: readonly string[];
  /** The value may hold a password: it is never shown as it is. */
  readonly secret?: boolean;
  /** Says where the configuration is: not an option of files. */
  readonly locating?: boolean;
};

export function option<Value>(declared: Option<Value>): Option<Value> {
  return declared;
}
