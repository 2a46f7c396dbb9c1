/** The layers of src/: which folder may import which, which are pure, and that folders are entered by their door. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';

type Layer = {
  /** Folders that it may import, by `#name`. */
  readonly imports: readonly string[];
  /** Libraries that it may import; node:* unless pure. */
  readonly libraries: readonly string[];
  readonly pure: boolean;
};

const base = ['diagnostics', 'std'];

/** Lowest first. What is not listed is not allowed. */
const layers: Readonly<Record<string, Layer>> = {
  std: { imports: [], libraries: [], pure: true },
  diagnostics: { imports: ['std'], libraries: [], pure: true },
  bpf: { imports: base, libraries: [], pure: true },
  abi: { imports: ['std'], libraries: [], pure: true },
  policy: { imports: base, libraries: ['yaml', 'json-schema-to-ts'], pure: true },
  process: { imports: ['abi', ...base], libraries: [], pure: true },
  crd: { imports: ['policy', ...base], libraries: ['json-schema-to-ts'], pure: true },
  compiler: { imports: ['policy', 'bpf', 'abi', ...base], libraries: [], pure: true },
  events: { imports: ['process', 'policy', 'abi', ...base], libraries: [], pure: true },
  files: { imports: base, libraries: [], pure: false },
  kernel: { imports: ['bpf', 'abi', ...base], libraries: ['koffi'], pure: false },
  sensors: { imports: ['policy', 'compiler', 'kernel', 'files', 'bpf', 'abi', ...base], libraries: [], pure: false },
  publish: {
    imports: ['events', ...base],
    libraries: ['@nats-io/nats-core', '@nats-io/transport-node'],
    pure: false,
  },
  config: { imports: base, libraries: ['yaml'], pure: false },
  'start-guard': { imports: ['files', ...base], libraries: [], pure: false },
  kubernetes: { imports: ['crd', 'policy', 'process', ...base], libraries: ['yaml'], pure: false },
  control: { imports: ['sensors', 'events', 'policy', ...base], libraries: [], pure: false },
  workloads: { imports: ['files', 'process', ...base], libraries: [], pure: false },
  network: { imports: ['kernel', ...base], libraries: [], pure: false },
  metrics: {
    imports: ['control', 'sensors', ...base],
    libraries: [
      '@prometheus-io/client',
      ...['registry', 'gauge', 'counter', 'histogram'].map((file) => `@prometheus-io/client/lib/${file}.js`),
    ],
    pure: false,
  },
  agent: {
    imports: [
      'sensors',
      'control',
      'metrics',
      'kubernetes',
      'workloads',
      'network',
      'publish',
      'config',
      'start-guard',
      'events',
      'process',
      'files',
      'compiler',
      'policy',
      'kernel',
      'bpf',
      'abi',
      ...base,
    ],
    libraries: [],
    pure: false,
  },
  cli: {
    imports: [
      'agent',
      'control',
      'kubernetes',
      'config',
      'start-guard',
      'workloads',
      'network',
      'sensors',
      'kernel',
      'compiler',
      'policy',
      'bpf',
      ...base,
    ],
    libraries: ['commander', 'pino'],
    pure: false,
  },
};

/** Around the layers: what node runs before anything is installed, and what makes of them the form that is shipped. */
const AROUND = /^(entry\.js$|bundle\/)/;

const root = join(import.meta.dirname, '..');
const source = join(root, 'src');

type Import = { readonly file: string; readonly layer: string; readonly from: string };

/** Tests and generators are tools: they may use what they like; what is shipped may not. */
function isTool(file: string): boolean {
  return /\.test\.ts$|(^|\/)(generate|testing|fixtures|golden)[^/]*\.ts$|(^|\/)(testing|testdata)\//.test(file);
}

function sourceFiles(): readonly string[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|js)$/.test(file))
    .toSorted();
}

const IMPORT = /^\s*(?:import|export)\b[^'";]*?from\s*'([^']+)'|^\s*import\s*'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm;

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(join(source, file), 'utf8');
  const layer = file.split('/')[0] ?? '';
  return [...text.matchAll(IMPORT)].map((match) => ({ file, layer, from: match[1] ?? match[2] ?? match[3] ?? '' }));
}

function complaint({ file, layer, from }: Import): string | undefined {
  const rule = layers[layer];
  if (rule === undefined) return `${file}: "${layer}" is not in the table of layers`;
  if (from.startsWith('.')) {
    const target = relative(source, join(source, file, '..', from));
    return target.split('/')[0] === layer
      ? undefined
      : `${file}: "${from}" leaves the folder: name the folder, as in '#std'`;
  }
  if (from.startsWith('#')) {
    return rule.imports.includes(from.slice(1)) ? undefined : `${file}: ${layer} may not import ${from}`;
  }
  if (from.startsWith('node:')) return rule.pure ? `${file}: ${layer} is pure, ${from} is not` : undefined;
  return rule.libraries.includes(from) ? undefined : `${file}: ${layer} may not use the library ${from}`;
}

const files = sourceFiles();

test('there is something to look at', () => {
  assert.ok(files.length > 50, `${files.length} files`);
  for (const layer of Object.keys(layers)) {
    assert.ok(
      files.some((file) => file.split('/')[0] === layer),
      `${layer} is in the table, not in src/`,
    );
  }
});

test('every import goes down, through the door, and to what its layer may use', () => {
  const complaints = files
    .filter((file) => !isTool(file) && !AROUND.test(file))
    .flatMap(importsOf)
    .map(complaint)
    .filter((each) => each !== undefined);
  assert.deepEqual(complaints, []);
});

test('the table has no rule that it would take a cycle to use', () => {
  const order = Object.keys(layers);
  for (const [name, { imports }] of Object.entries(layers)) {
    for (const imported of imports) {
      assert.ok(order.indexOf(imported) < order.indexOf(name), `${name} may import ${imported}, which is not below it`);
    }
  }
});

test('a rule that is broken is noticed', () => {
  const broken: readonly Import[] = [
    { file: 'std/x.ts', layer: 'std', from: '#bpf' },
    { file: 'bpf/x.ts', layer: 'bpf', from: 'node:fs' },
    { file: 'bpf/x.ts', layer: 'bpf', from: '../std/align.ts' },
    { file: 'events/x.ts', layer: 'events', from: 'pino' },
    { file: 'new/x.ts', layer: 'new', from: '#std' },
  ];
  for (const each of broken) assert.notEqual(complaint(each), undefined, JSON.stringify(each));
});

test('every file says in its first line what it is for', () => {
  const shipped = files.filter((file) => !isTool(file));
  const silent = shipped.filter(
    (file) => !/^(#!.*\n)?(\/\*\*|\/\/ |\/\* )/.test(readFileSync(join(source, file), 'utf8')),
  );
  assert.deepEqual(silent, []);
});

test('every folder has one door, and package.json names it', () => {
  const { imports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly imports: Readonly<Record<string, string>>;
  };
  for (const layer of Object.keys(layers)) {
    if (layer === 'cli') continue; // entered by the shell, not by an import
    const door = layer === 'agent.ts' ? './src/agent.ts' : `./src/${layer}/index.ts`;
    assert.equal(imports[`#${layer.replace('.ts', '')}`], door);
  }
});
