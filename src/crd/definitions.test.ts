/** The definitions say all that the schema of policies says, in the words that the API server has; reports stay small. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { policySchema } from '#policy';
import { definitions, type NodePolicyStatus, type Structural, statusLimits, structural } from './index.ts';

type Definition = {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly scope: string;
    readonly names: { readonly shortNames: readonly string[]; readonly categories: readonly string[] };
    readonly versions: readonly {
      readonly schema: { readonly openAPIV3Schema: Structural };
      readonly subresources?: object;
      readonly additionalPrinterColumns: readonly { readonly jsonPath: string }[];
    }[];
  };
};

const all = definitions as unknown as readonly Definition[];

function definition(name: string): Definition {
  const found = all.find(({ metadata }) => metadata.name === name);
  assert.ok(found, name);
  return found;
}

function schemaOf(name: string): Structural {
  const schema = definition(name).spec.versions[0]?.schema.openAPIV3Schema;
  assert.ok(schema);
  return schema;
}

/** Follows `a.b[]` from a schema. */
function at(schema: Structural, path: string): Structural {
  return path.split('.').reduce<Structural>((outer, step) => {
    const name = step.replace('[]', '');
    const property = (outer.properties as Record<string, Structural> | undefined)?.[name];
    assert.ok(property, `${path}: ${name}`);
    return step.endsWith('[]') ? (property.items as Structural) : property;
  }, schema);
}

test('the checked-in definitions are current', () => {
  const script = fileURLToPath(new URL('generate.ts', import.meta.url));
  execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' });
});

for (const [name, scope, shortName, category] of [
  ['tracingpolicies.cilium.io', 'Cluster', 'tgtp', 'tetragon'],
  ['tracingpoliciesnamespaced.cilium.io', 'Namespaced', 'tgtpn', 'tetragon'],
  ['policystatuses.ringfence.io', 'Cluster', 'rfps', 'ringfence'],
  ['policystatusesnamespaced.ringfence.io', 'Namespaced', 'rfpsn', 'ringfence'],
  ['nodepolicystatuses.ringfence.io', 'Cluster', 'rfnode', 'ringfence'],
] as const) {
  test(`${name}: scope, names, and columns that the schema has`, () => {
    const { spec } = definition(name);
    assert.equal(spec.scope, scope);
    assert.deepEqual(spec.names.shortNames, [shortName]);
    assert.ok(spec.names.categories.includes(category));
    const columns = spec.versions.flatMap((version) => version.additionalPrinterColumns);
    for (const { jsonPath } of columns.filter((column) => column.jsonPath.startsWith('.status.'))) {
      at(schemaOf(name), jsonPath.slice(1));
    }
    assert.ok(columns.length >= 6);
  });

  test(`${name}: every value has a type, as the API server asks for`, () => {
    assert.deepEqual(untyped(schemaOf(name), ''), []);
  });
}

function untyped(schema: Structural, path: string): readonly string[] {
  const inner = [
    ...Object.entries((schema.properties as Record<string, Structural> | undefined) ?? {}),
    ...['items', 'additionalProperties'].flatMap((word) => (schema[word] ? [[word, schema[word]] as const] : [])),
  ];
  const own = typeof schema.type === 'string' ? [] : [path];
  return [...own, ...inner.flatMap(([name, each]) => untyped(each as Structural, `${path}.${name}`))];
}

/** Paths of all values that a schema names. */
function names(schema: Structural, path = ''): readonly string[] {
  const properties = Object.entries((schema.properties as Record<string, Structural> | undefined) ?? {});
  const others = ['items', 'additionalProperties'].flatMap((word) =>
    typeof schema[word] === 'object' ? [[word, schema[word]] as const] : [],
  );
  return [...properties, ...others].flatMap(([name, each]) => [
    `${path}.${name}`,
    ...names(each as Structural, `${path}.${name}`),
  ]);
}

for (const name of ['tracingpolicies.cilium.io', 'tracingpoliciesnamespaced.cilium.io']) {
  test(`${name}: its spec has every field of the policy language, and no other`, () => {
    const ours = names(policySchema.properties.spec as Structural);
    assert.ok(ours.length > 1000, String(ours.length));
    assert.deepEqual(names(at(schemaOf(name), 'spec')), ours);
  });

  test(`${name}: what a hostSelector selects is refused, not dropped`, () => {
    const host = at(schemaOf(name), 'spec.hostSelector');
    assert.partialDeepStrictEqual(host, {
      type: 'object',
      nullable: true,
      maxProperties: 0,
      'x-kubernetes-preserve-unknown-fields': true,
    });
    const rules = host['x-kubernetes-validations'];
    assert.equal(rules === undefined, name.startsWith('tracingpolicies.'), 'only a namespaced one can have none');
  });

  test(`${name}: the status can be written apart from the policy`, () => {
    assert.deepEqual(definition(name).spec.versions[0]?.subresources, { status: {} });
  });
}

test('a word that the API server does not have is an error of whoever writes the schema', () => {
  assert.throws(() => structural({ type: 'object', oneOf: [] }), /no word for "oneOf"/);
  assert.throws(() => structural({ type: ['object', 'string'] }), /no types/);
});

/** etcd takes 1.5 MiB; nothing else of an object comes near to what the list takes. */
const OBJECT_BYTES_MAX = 1024 * 1024;

test('the largest report of a node that its definition lets through is an object that etcd takes', () => {
  const details = Array.from({ length: statusLimits.policiesOfNode }, () => ({
    namespace: 'n'.repeat(63),
    name: 'p'.repeat(100),
    revision: '1b2c3d4e.1000000',
    state: 'NotCompiled' as const,
    reason: 'RF2001',
    message: 'm'.repeat(statusLimits.messageCharacters),
    effect: 'MayComplete' as const,
    hooks: Array.from({ length: statusLimits.hooksOfPolicy }, () => 'lsm/security_inode_permission'),
    memoryKiB: 1_000_000,
    matches: Number.MAX_SAFE_INTEGER,
  }));
  const status: NodePolicyStatus = {
    ...{ source: 'Synced', reported: '2026-11-21T20:00:00Z', details },
    ...{ policies: details.length, enforcing: 0, degraded: 0, refused: 0 },
  };
  assert.ok(JSON.stringify(status).length < OBJECT_BYTES_MAX, String(JSON.stringify(status).length));
});
