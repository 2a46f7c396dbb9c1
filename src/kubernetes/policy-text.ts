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
    spec: ordered(spec, policySchema.properties.spec),
  };
  // quoted is whatever any reader of YAML could take for something else than text
  return stringify(policy, { lineWidth: 0, aliasDuplicateObjects: false, compat: 'yaml-1.1' });
}

/** Along the schema: names that it does not have come last, by the alphabet. */
function ordered(value: unknown, schema: JsonObject): unknown {
  if (Array.isArray(value)) return value.map((each) => ordered(each, objectOf(schema.items)));
  if (typeof value !== 'object' || value === null) return value;
  const properties = objectOf(schema.properties);
  const names = Object.keys(properties);
  const rank = (name: string) => (Object.hasOwn(properties, name) ? names.indexOf(name) : names.length);
  const entries = Object.entries(value).toSorted(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, each]) => [name, ordered(each, objectOf(properties[name]))]));
}
