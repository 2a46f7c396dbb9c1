/** Which policies of another version's programs nothing else does yet: as long as there are any, those stay. */
import { basename } from 'node:path';
import { keyOf, type PolicyStatus } from './policy-entry.ts';
import type { PolicyName } from './policy-sensor.ts';
import { fileNameOf, type StoreProblem } from './policy-store.ts';

export type Now = {
  readonly policies: readonly Pick<PolicyStatus, 'name' | 'namespace' | 'state'>[];
  /** Kept policies that could not be used at the start. */
  readonly problems: readonly StoreProblem[];
  /** Every source has said which policies it has: what none has was deleted. */
  readonly isHeard: boolean;
};

/** What is loaded is done here, in the mode that it was given; what was disabled or deleted, somebody wants gone. */
export function isStillNeeded(policy: PolicyName, { policies, problems, isHeard }: Now): boolean {
  const found = policies.find((each) => keyOf(each) === keyOf(policy));
  if (found !== undefined) return found.state === 'refused';
  const file = fileNameOf(policy);
  return !isHeard || problems.some(({ path }) => basename(path) === file);
}

/** The same where it is not known which policies there were. */
export function mayStillBeNeeded({ policies, problems, isHeard }: Now): boolean {
  return !isHeard || problems.length > 0 || policies.some(({ state }) => state === 'refused');
}
