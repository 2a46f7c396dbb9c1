/** A document as a tree of values that know where they stand; what the schema checks is its plain form. */
import type { Span } from '#diagnostics';

export type Located = LocatedMap | LocatedList | LocatedScalar;

export type LocatedMap = {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, LocatedEntry>;
  readonly span: Span;
  readonly weight: number;
  readonly height: number;
};
export type LocatedEntry = { readonly key: Span; readonly value: Located };
export type LocatedList = {
  readonly kind: 'list';
  readonly items: readonly Located[];
  readonly span: Span;
  readonly weight: number;
  readonly height: number;
};
export type LocatedScalar = {
  readonly kind: 'scalar';
  readonly value: Scalar;
  /** As written, without quotes. */
  readonly written: string;
  readonly span: Span;
  readonly weight: 1;
  readonly height: 1;
};
export type Scalar = string | number | boolean | null;

/** Plain objects have no prototype, so that no key is special. */
export function plain(located: Located): unknown {
  switch (located.kind) {
    case 'scalar':
      return located.value;
    case 'list':
      return located.items.map(plain);
    case 'map': {
      const object: Record<string, unknown> = Object.create(null);
      for (const [key, entry] of located.entries) object[key] = plain(entry.value);
      return object;
    }
  }
}

/** The entry `key` of a map. */
export function entryOf(located: Located | undefined, key: string): LocatedEntry | undefined {
  return located?.kind === 'map' ? located.entries.get(key) : undefined;
}

/** The value that a path of keys and positions leads to. */
export function valueAt(located: Located, path: readonly (string | number)[]): Located | undefined {
  let at: Located | undefined = located;
  for (const step of path) {
    if (at?.kind === 'list') at = at.items[Number(step)];
    else at = entryOf(at, String(step))?.value;
  }
  return at;
}

/** The items of the list `key` of a map; none when there is no such list. */
export function itemsOf(located: Located | undefined, key: string): readonly Located[] {
  const value = entryOf(located, key)?.value;
  return value?.kind === 'list' ? value.items : [];
}

export function scalarOf(located: Located | undefined, key: string): LocatedScalar | undefined {
  const value = entryOf(located, key)?.value;
  return value?.kind === 'scalar' ? value : undefined;
}
