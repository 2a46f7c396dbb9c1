/** Values that are made when they are first asked for, and stay. */

export function lazy<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** A record of which each value is made by its maker when it is first read. */
export function lazyRecord<Key extends string, Value>(
  makers: Readonly<Record<Key, () => Value>>,
): Readonly<Record<Key, Value>> {
  const record = {};
  for (const [key, make] of Object.entries<() => Value>(makers)) {
    Object.defineProperty(record, key, { enumerable: true, get: lazy(make) });
  }
  return record as Readonly<Record<Key, Value>>;
}
