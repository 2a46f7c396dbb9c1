/**
 * A policy that is as it should be, in one line of a report: `default/no-shells 0a1b2c3d.1 Enforcing effect=Blocks …`.
 * The API server takes twenty times as long to take in the same as an object, for each of 200 policies, from each node.
 */
import { effects, type NodePolicyState, nodeStates, type PolicyOnNode, statusLimits } from './status-schema.ts';

/** These are told in a line; what else a policy may be is worth an object with a reason. */
export const lineStates: readonly NodePolicyState[] = ['Enforcing', 'Monitoring', 'Skipped'];

const COSTS = ['Low', 'Medium', 'High'] as const;
const FLAGS = ['racy', 'mayBeSkipped'] as const;
const NUMBERS = [
  ...(['memoryKiB', 'matches', 'denied', 'killed', 'unreadable'] as const),
  ...(['verifiedInstructions', 'programRuns', 'programMicroseconds'] as const),
] as const;

/** What is zero, false or not known is left out. */
export function policyLine(policy: PolicyOnNode): string {
  const { namespace, name, revision, state, reason, effect, cost, hooks = [] } = policy;
  const words = [`${namespace === undefined ? '' : `${namespace}/`}${name}`, revision, state];
  if (reason !== undefined) words.push(`reason=${reason}`);
  if (effect !== undefined) words.push(`effect=${effect}`);
  if (cost !== undefined) words.push(`cost=${cost}`);
  for (const flag of FLAGS) if (policy[flag] === true) words.push(flag);
  for (const key of NUMBERS) if (policy[key]) words.push(`${key}=${policy[key]}`);
  // last, as what does not fit is cut off
  if (hooks.length > 0) words.push(`hooks=${hooks.join(',')}`);
  return words.join(' ').slice(0, statusLimits.lineCharacters);
}

/** Undefined for what is no such line: a report may be of another version of the agent. */
export function policyOfLine(line: string): PolicyOnNode | undefined {
  const [title = '', revision = '', stateWord = '', ...words] = line.split(' ');
  const state = oneOf(nodeStates, stateWord);
  if (title === '' || revision === '' || state === undefined) return undefined;
  const slash = title.indexOf('/');
  const values = new Map(words.map((word) => splitAt(word, word.indexOf('='))));
  const effect = oneOf(effects, values.get('effect'));
  const cost = oneOf(COSTS, values.get('cost'));
  const reason = values.get('reason');
  const hooks = values.get('hooks')?.split(',').slice(0, statusLimits.hooksOfPolicy);
  const numbers = NUMBERS.map((key) => [key, Number(values.get(key))] as const);
  return {
    ...(slash === -1 ? {} : { namespace: title.slice(0, slash) }),
    ...{ name: title.slice(slash + 1), revision, state },
    ...(reason === undefined ? {} : { reason }),
    ...(effect === undefined ? {} : { effect }),
    ...(cost === undefined ? {} : { cost }),
    ...Object.fromEntries(FLAGS.filter((flag) => values.has(flag)).map((flag) => [flag, true])),
    ...Object.fromEntries(numbers.filter(([, value]) => Number.isSafeInteger(value) && value > 0)),
    ...(hooks === undefined ? {} : { hooks }),
  };
}

function splitAt(word: string, at: number): readonly [string, string] {
  return at === -1 ? [word, ''] : [word.slice(0, at), word.slice(at + 1)];
}

function oneOf<Word extends string>(words: readonly Word[], word: string | undefined): Word | undefined {
  return words.find((each) => each === word);
}
