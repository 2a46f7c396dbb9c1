/** JSON of others, read without trust: what has another shape than it should counts as not there. */

export type JsonObject = Readonly<Record<string, unknown>>;

const NOTHING: JsonObject = {};

export function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : NOTHING;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Labels and annotations: other values than text are left out. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(objectOf(value)).filter((entry): entry is [string, string] => {
    return typeof entry[1] === 'string';
  });
  return Object.fromEntries(entries);
}

export type Metadata = {
  readonly name: string;
  /** Undefined for what belongs to the whole cluster. */
  readonly namespace: string | undefined;
  readonly uid: string;
  readonly resourceVersion: string;
};

export function metadataOf(object: unknown): Metadata {
  const metadata = objectOf(objectOf(object).metadata);
  return {
    name: textOf(metadata.name),
    namespace: textOf(metadata.namespace) || undefined,
    uid: textOf(metadata.uid),
    resourceVersion: textOf(metadata.resourceVersion),
  };
}
