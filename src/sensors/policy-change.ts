/** What came of a change that somebody asked for by hand, and what is in its way. */
import { type Diagnostic, diagnostic } from '#diagnostics';
import type { Policy } from '#policy';
import {
  type Entries,
  keyOf,
  type PolicyEntry,
  type PolicyOrigin,
  type PolicyStatus,
  titleOf,
} from './policy-entry.ts';
import type { PolicyName } from './policy-sensor.ts';

export type Change = {
  readonly kind: 'done' | 'refused';
  /** What was changed, as it is now. */
  readonly policies: readonly PolicyStatus[];
  readonly diagnostics: readonly Diagnostic[];
};

export function refusedBy(diagnostics: readonly Diagnostic[]): Change {
  return { kind: 'refused', policies: [], diagnostics };
}

const INSTEAD: Readonly<Record<PolicyOrigin, string>> = {
  file: 'change that file and start the agent again, or give the policy another name',
  control: '`ringfence policy add --replace` puts this one in its place; or give it another name',
  kubernetes: 'change it in the API server with kubectl, or give this one another name',
};

/** Only what was added by hand is replaced by hand. */
export function obstacleTo(policy: Policy, entries: Entries, replace: boolean): readonly Diagnostic[] {
  const before = entries.get(keyOf(policy));
  if (before === undefined || (replace && before.origin === 'control')) return [];
  const instead = INSTEAD[before.origin];
  return [diagnostic('RF2501', policy.span, { name: titleOf(policy), source: before.source, instead })];
}

/** Why it is not deleted by hand; undefined when it may be. */
export function permanence({ name, namespace, origin, source }: PolicyEntry): Diagnostic | undefined {
  if (origin === 'control') return undefined;
  return diagnostic(origin === 'file' ? 'RF2502' : 'RF2505', undefined, { name: titleOf({ name, namespace }), source });
}

export function unknownPolicy(policy: PolicyName, entries: Entries): Diagnostic {
  const namesakes = [...entries.values()].filter(({ name }) => name === policy.name).map(titleOf);
  const similar = namesakes.length > 0 ? `it has ${namesakes.join(', ')}` : '`ringfence policy list` shows them all';
  return diagnostic('RF2503', undefined, { name: titleOf(policy), similar });
}

/** Each change compiles all policies: the warnings of the others were told when they came. */
export function isAbout({ severity, span }: Diagnostic, changed: readonly PolicyEntry[]): boolean {
  return severity === 'error' || changed.some(({ source }) => span?.file === source);
}
