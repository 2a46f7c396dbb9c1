/** Assertions: for what can only be wrong if we are wrong. */

/** An invariant of ours does not hold; never the fault of a policy or of the machine. */
export class AssertionFailed extends Error {
  override readonly name = 'AssertionFailed';
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionFailed(message);
}

/** Ends a `switch` over a tagged union: a new kind makes the type checker list what is missing. */
export function assertNever(value: never): never {
  throw new AssertionFailed(`unexpected kind ${JSON.stringify(value)}`);
}

/** Narrows away `undefined` where an index or a lookup cannot miss. */
export function known<Value>(value: Value | undefined, what: string): Value {
  assert(value !== undefined, `${what} is missing`);
  return value;
}
