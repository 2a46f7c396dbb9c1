/**
 * What a policy means, slow and plain: the compiler's programs are held to this, one observation at a time.
 *
 * Filters have three answers. What cannot be read is neither a match nor none: a selector that enforces then denies
 * (it does not kill: nothing says that this process is the one), a selector that observes is passed over and counted.
 */
import { assertNever, known } from '#std';
import {
  type Action,
  type Argument,
  type ArgumentMatch,
  type ArgumentValue,
  type BinaryMatch,
  type FileIdentityMode,
  type IntegerValue,
  integerTypes,
  isEnforcing,
  isIntegerType,
  type LsmHook,
  type Policy,
  type Selector,
  type StringValue,
} from './model.ts';

/** Which file it is, whatever its name. */
export type FileIdentity = { readonly device: bigint; readonly inode: bigint };

export type ObservedArgument =
  | {
      readonly kind: 'path';
      readonly name: Uint8Array | 'unreadable';
      readonly identity: FileIdentity | 'unreadable';
    }
  /** As in the register; what is above the width of the declared type is not looked at. */
  | { readonly kind: 'integer'; readonly value: bigint | 'unreadable' };

/** One call of a hook. An argument that is not in the map could not be read. */
export type Observation = {
  readonly hook: string;
  /** By index of the argument of the hook. */
  readonly arguments: ReadonlyMap<number, ObservedArgument>;
  /** The path of the executable of the calling process. */
  readonly binary: Uint8Array | 'unreadable';
};

/** The file that had a name when the policy was loaded; undefined when there was none. */
export type IdentityOf = (name: string) => FileIdentity | undefined;

/** What the hook does to the call, and what is told of it. In monitor mode it is told and not done. */
export type Verdict =
  | { readonly kind: 'no-match'; readonly skipped: number }
  | {
      readonly kind: 'match';
      /** Position in the selectors of the hook. */
      readonly selector: number;
      readonly actions: readonly Action[];
      /** What the hook returns; undefined lets the call go on. */
      readonly error: number | undefined;
      readonly kill: boolean;
      readonly post: boolean;
      readonly skipped: number;
    }
  | {
      readonly kind: 'unreadable-denied';
      readonly selector: number;
      readonly error: number;
      readonly skipped: number;
    };

/** `skipped` above counts the observing selectors that were passed over because something could not be read. */
export type HookVerdict = { readonly hook: LsmHook; readonly enforced: boolean; readonly verdict: Verdict };

const eperm = -1;

/** One verdict for each entry of the policy on the observed hook, in their order. */
export function matches(
  policy: Policy,
  observation: Observation,
  identityOf: IdentityOf = () => undefined,
): readonly HookVerdict[] {
  return policy.hooks
    .filter((hook) => hook.name.value === observation.hook)
    .map((hook) => ({
      hook,
      enforced: policy.mode === 'enforce',
      verdict: judge(hook, { observation, fileIdentity: policy.fileIdentity, identityOf }),
    }));
}

type Facts = {
  readonly observation: Observation;
  readonly fileIdentity: FileIdentityMode;
  readonly identityOf: IdentityOf;
};

/** The first selector that matches wins. */
function judge(hook: LsmHook, facts: Facts): Verdict {
  let skipped = 0;
  for (const [position, selector] of hook.selectors.entries()) {
    const answer = selectorAnswer(selector, hook.arguments, facts);
    if (answer === 'yes') return matchVerdict(selector, position, skipped);
    if (answer === 'no') continue;
    if (isEnforcing(selector)) {
      return { kind: 'unreadable-denied', selector: position, error: overrideError(selector) ?? eperm, skipped };
    }
    skipped += 1;
  }
  return { kind: 'no-match', skipped };
}

function matchVerdict(selector: Selector, position: number, skipped: number): Verdict {
  const does = (kind: Action['kind']): boolean => selector.actions.some((action) => action.kind === kind);
  const kill = does('sigkill');
  return {
    kind: 'match',
    selector: position,
    actions: selector.actions,
    // Killed means denied: the signal alone would let this very call finish.
    error: overrideError(selector) ?? (kill ? eperm : undefined),
    kill,
    post: !does('nopost'),
    skipped,
  };
}

function overrideError(selector: Selector): number | undefined {
  for (const action of selector.actions) if (action.kind === 'override') return action.error;
  return undefined;
}

type Answer = 'yes' | 'no' | 'unknown';

function selectorAnswer(selector: Selector, declared: readonly Argument[], facts: Facts): Answer {
  const answers = selector.arguments.map((match) => {
    return argumentAnswer(match, known(declared[match.argument], `argument ${match.argument}`), facts);
  });
  if (selector.binaries !== undefined) answers.push(binaryAnswer(selector.binaries, facts.observation.binary));
  return all(answers);
}

/** One "no" settles it, whatever could not be read. */
function all(answers: readonly Answer[]): Answer {
  if (answers.includes('no')) return 'no';
  return answers.includes('unknown') ? 'unknown' : 'yes';
}

/** One "yes" settles it. */
function any(answers: readonly Answer[]): Answer {
  if (answers.includes('yes')) return 'yes';
  return answers.includes('unknown') ? 'unknown' : 'no';
}

function binaryAnswer(match: BinaryMatch, binary: Observation['binary']): Answer {
  if (binary === 'unreadable') return 'unknown';
  const listed = match.values.some((each) => equal(new TextEncoder().encode(each.value), binary));
  return listed === (match.operator.value === 'In') ? 'yes' : 'no';
}

function argumentAnswer(match: ArgumentMatch, declared: Argument, facts: Facts): Answer {
  const observed = facts.observation.arguments.get(declared.index.value);
  if (observed === undefined) return 'unknown';
  return any(match.values.map((value) => valueAnswer(value, match, declared, observed, facts)));
}

function valueAnswer(
  value: ArgumentValue,
  match: ArgumentMatch,
  declared: Argument,
  observed: ObservedArgument,
  facts: Facts,
): Answer {
  if (value.kind === 'integer') {
    return observed.kind === 'integer' ? integerAnswer(value, declared, observed.value) : 'unknown';
  }
  if (observed.kind !== 'path') return 'unknown';
  const byName = nameAnswer(value, match.operator.value, observed.name);
  if (match.operator.value !== 'Equal' || facts.fileIdentity === 'path') return byName;
  return any([byName, identityAnswer(facts.identityOf(value.text), observed.identity)]);
}

function integerAnswer(value: IntegerValue, declared: Argument, observed: bigint | 'unreadable'): Answer {
  if (observed === 'unreadable') return 'unknown';
  return narrowed(observed, declared.type.value) === value.value ? 'yes' : 'no';
}

/** The value that the declared type sees in the register. */
function narrowed(value: bigint, type: string): bigint {
  if (!isIntegerType(type)) return value;
  const { bits, signed } = integerTypes[type];
  return signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
}

/** Values are never empty, so a path of no length matches nothing. */
function nameAnswer(
  value: StringValue,
  operator: ArgumentMatch['operator']['value'],
  name: Uint8Array | 'unreadable',
): Answer {
  if (name === 'unreadable') return 'unknown';
  switch (operator) {
    case 'Equal':
      return equal(name, value.bytes) ? 'yes' : 'no';
    case 'Prefix':
      return equal(name.subarray(0, value.bytes.length), value.bytes) ? 'yes' : 'no';
    case 'Postfix':
      return equal(name.subarray(Math.max(0, name.length - value.bytes.length)), value.bytes) ? 'yes' : 'no';
    default:
      return assertNever(operator);
  }
}

function identityAnswer(expected: FileIdentity | undefined, observed: FileIdentity | 'unreadable'): Answer {
  if (expected === undefined) return 'no';
  if (observed === 'unreadable') return 'unknown';
  return observed.device === expected.device && observed.inode === expected.inode ? 'yes' : 'no';
}

function equal(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, position) => byte === right[position]);
}
