/**
 * A schema of ours in the form that the API server takes: structural OpenAPI. That form has no constants, no lists of
 * types, and drops unknown fields by itself; whoever asks it to be strict, as kubectl does, is told of them.
 */

export type Structural = { readonly [key: string]: unknown };

/** What must be refused although the form would drop it: nothing may be dropped there, so that its limits can refuse. */
function mustBeEmpty(schema: Structural): boolean {
  return schema.maxProperties === 0;
}

/** Throws on a word that it does not know how to say: nothing of the schema is lost on the way. */
export function structural(schema: Structural): Structural {
  const out: Record<string, unknown> = {};
  for (const [word, value] of Object.entries(schema)) Object.assign(out, translate(word, value));
  if (out.enum !== undefined && out.type === undefined) out.type = 'string';
  if (mustBeEmpty(schema)) out['x-kubernetes-preserve-unknown-fields'] = true;
  return out;
}

function translate(word: string, value: unknown): Structural {
  switch (word) {
    case 'type':
      return typeOf(value);
    case 'const':
      return { enum: [value] };
    case 'items':
      return { items: structural(value as Structural) };
    case 'properties':
      return { properties: mapValues(value as Structural, (inner) => structural(inner as Structural)) };
    case 'additionalProperties':
      return value === false ? {} : { additionalProperties: structural(value as Structural) };
    case 'enum':
    case 'required':
    case 'minimum':
    case 'maximum':
    case 'minLength':
    case 'maxLength':
    case 'pattern':
    case 'format':
    case 'maxItems':
    case 'maxProperties':
    case 'description':
      return { [word]: value };
    default:
      if (word.startsWith('x-kubernetes-')) return { [word]: value };
      throw new Error(`the API server has no word for "${word}"`);
  }
}

/** `null` beside one type is what the API server calls nullable. */
function typeOf(value: unknown): Structural {
  if (typeof value === 'string') return { type: value };
  const [type, nothing, ...others] = value as readonly string[];
  if (nothing !== 'null' || others.length > 0) throw new Error(`the API server has no types ${JSON.stringify(value)}`);
  return { type, nullable: true };
}

function mapValues(record: Structural, change: (value: unknown) => unknown): Structural {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
