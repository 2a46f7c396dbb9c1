/**
 * An object of the API server as the text of a policy, which diagnostics point into. The server does not keep what the
 * user wrote, and gives keys by the alphabet; they come in the order of the schema, in which documents have them.
 */
import { stringify } from 'yaml';
import { policySchema } from '#policy';
import { type JsonObject, metadataOf, objectOf, textOf, textsOf } from './json.ts';

/** What kubectl keeps for itself: as long as the policy, and says the same. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export function policyText(object: unknown): string {
  const { apiVersion, kind, metadata, spec } = objectOf(object);
  const { name, namespace } = metadataOf(object);
  const { [LAST_APPLIED]: _, ...annotations } = textsOf(objectOf(metadata).annotations);
  const labels = textsOf(objectOf(metadata).labels);
  const policy = {
    apiVersion: textOf(apiVersion),
    kind: textOf(kind),
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    spec: ordered(spec),
  };
  return stringify(policy, { lineWidth: 0, aliasDuplicateObjects: false });
}

const ranks = new Map<string, number>();
collectNames(policySchema);

/** Names of properties in the order in which the schema has them first. */
function collectNames(schema: unknown): void {
  if (Array.isArray(schema)) for (const each of schema) collectNames(each);
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return;
  for (const name of Object.keys(objectOf((schema as JsonObject).properties))) {
    if (!ranks.has(name)) ranks.set(name, ranks.size);
  }
  for (const part of Object.values(schema)) collectNames(part);
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const rank = (name: string) => ranks.get(name) ?? Number.POSITIVE_INFINITY;
  const entries = Object.entries(value).toSorted(([a], [b]) => {
    if (rank(a) !== rank(b)) return rank(a) - rank(b);
    return a < b ? -1 : 1;
  });
  return Object.fromEntries(entries.map(([name, each]) => [name, ordered(each)]));
}
