/** Where settings come from, which source wins, and what is said of wrong ones: without a secret in it. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { catalogue, type Diagnostic, renderDiagnostic } from '#diagnostics';
import { describeSettings } from './describe.ts';
import { type LoadedSettings, loadSettings } from './load.ts';
import { camelCase, optionNames, optionOf, variableOf } from './schema.ts';

const root = mkdtempSync(join(tmpdir(), 'ringfence-config-'));
after(() => rmSync(root, { recursive: true }));
let made = 0;

type Sources = {
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: Readonly<Record<string, string>>;
  readonly file?: string;
};

/** From files that are really there. */
async function load({ flags = {}, environment = {}, directory = {}, file = '' }: Sources): Promise<LoadedSettings> {
  const folder = join(root, String(made++));
  mkdirSync(join(folder, 'conf.d'), { recursive: true });
  for (const [name, text] of Object.entries(directory)) writeFileSync(join(folder, 'conf.d', name), text);
  const config = join(folder, 'ringfence.yaml');
  writeFileSync(config, file);
  chmodSync(config, 0o600);
  return loadSettings({ flags: { config, configDir: join(folder, 'conf.d'), ...flags }, environment });
}

/** As printed, with the directory of the test left out. */
function printed(diagnostics: readonly Diagnostic[]): string {
  return diagnostics.map((each) => renderDiagnostic(each).replaceAll(/\S*ringfence-config-\w+\/\d+\//g, '')).join('\n');
}

test('nothing given: every option has its default', async () => {
  const { settings, origins, diagnostics } = await load({});
  const values: Readonly<Record<string, unknown>> = settings;
  assert.deepEqual(diagnostics, []);
  for (const name of optionNames.filter((each) => optionOf(each).locating !== true)) {
    assert.deepEqual(values[camelCase(name)], optionOf(name).default, name);
    assert.equal(origins[name], 'default');
  }
});

test('a flag before the environment, that before the directory, that before the file', async () => {
  const sources = {
    flags: { exportFileMaxBackups: '1' },
    environment: { RINGFENCE_EXPORT_FILE_MAX_BACKUPS: '2' },
    directory: { 'export-file-max-backups': '3\n' },
    file: 'export-file-max-backups: 4\n',
  };
  const expected = [1, 2, 3, 4, 5] as const;
  const left: Partial<typeof sources> = { ...sources };
  const seen: (number | string)[] = [(await load(left)).settings.exportFileMaxBackups];
  for (const gone of ['flags', 'environment', 'directory', 'file'] as const) {
    delete left[gone];
    seen.push((await load(left)).settings.exportFileMaxBackups);
  }
  assert.deepEqual(seen, expected);
  assert.equal((await load(sources)).origins['export-file-max-backups'], 'flag');
  assert.equal((await load({ file: sources.file })).origins['export-file-max-backups'], 'file');
});

test('lists: of each source in its own form, and the first source that has one counts', async () => {
  const servers = ['nats://a:1', 'nats://b:2'];
  const forms: readonly Sources[] = [
    { flags: { nats: servers } },
    { environment: { RINGFENCE_NATS: 'nats://a:1, nats://b:2' } },
    { directory: { nats: 'nats://a:1\nnats://b:2\n' } },
    { file: 'nats: [nats://a:1, nats://b:2]' },
  ];
  for (const form of forms) assert.deepEqual((await load({ ...form })).settings.nats, servers);
  assert.deepEqual((await load({ file: 'nats: nats://a:1' })).settings.nats, ['nats://a:1'], 'one needs no brackets');
  assert.deepEqual((await load({ flags: { nats: ['nats://c:3'] }, file: 'nats: nats://a:1' })).settings.nats, [
    'nats://c:3',
  ]);
});

test('other names: of flags, in files, and further variables', async () => {
  assert.deepEqual((await load({ flags: { policy: ['a'], tracingPolicy: ['b'] } })).settings.tracingPolicy, ['b', 'a']);
  assert.equal((await load({ file: 'kprobes: /opt/objects' })).settings.bpfLib, '/opt/objects');
  assert.equal((await load({ environment: { NODE_NAME: 'n1' } })).settings.nodeName, 'n1');
  assert.equal((await load({ environment: { NODE_NAME: 'n1', HUBBLE_NODE_NAME: 'n2' } })).settings.nodeName, 'n2');
  assert.equal((await load({ environment: { NODE_NAME: 'n1', RINGFENCE_NODE_NAME: 'n3' } })).settings.nodeName, 'n3');
});

test('the environment: an empty variable is none, a near miss is told, what Kubernetes makes is not', async () => {
  const { settings, diagnostics } = await load({
    environment: {
      RINGFENCE_DETECT: '',
      RINGFENCE_EXPORT_FILENAM: 'x',
      RINGFENCE_SERVICE_HOST: '10.0.0.1',
      RINGFENCE_PORT_443_TCP: 'tcp://10.0.0.1:443',
      RINGFENCE_LIBBPF: '/usr/lib/libbpf.so.1',
    },
  });
  assert.equal(settings.detect, false);
  assert.equal(
    printed(diagnostics),
    'warning RF5004: the environment variable RINGFENCE_EXPORT_FILENAM is not used\n' +
      '  hint: did you mean RINGFENCE_EXPORT_FILENAME?',
  );
});

test('a numeral keeps its zeros, and a quoted text is taken as it is', async () => {
  assert.equal((await load({ file: 'export-file-perm: 0640' })).settings.exportFilePerm, 0o640);
  assert.equal((await load({ file: 'cluster-name: "true"' })).settings.clusterName, 'true');
  assert.equal((await load({ file: 'cluster-name: null' })).diagnostics.length, 1);
});

test('a directory as a ConfigMap is mounted: links, and names with a dot in front', async () => {
  const folder = join(root, 'mounted');
  mkdirSync(join(folder, '..2026_11_21'), { recursive: true });
  writeFileSync(join(folder, '..2026_11_21/detect'), 'true\n');
  symlinkSync('..2026_11_21', join(folder, '..data'));
  symlinkSync('..data/detect', join(folder, 'detect'));
  const { settings, diagnostics } = await load({ flags: { configDir: folder } });
  assert.deepEqual([settings.detect, diagnostics], [true, []]);
});

/** Every code has a case: what is given, and all that is printed. */
const golden: readonly (readonly [string, Sources, string])[] = [
  [
    'RF5001 no YAML',
    { file: 'detect: true\nnats: "nats://user:secret@host\n' },
    'ringfence.yaml:3:1: error RF5001: the configuration is not YAML: missing closing "quote\n' +
      '  hint: look at this line and the one before: indentation, brackets, quotes, colons',
  ],
  [
    'RF5002 a list',
    { file: '- detect\n' },
    'ringfence.yaml:1:1: error RF5002: the configuration is not a list of options and their values\n' +
      '  hint: write "option: value", each in a line of its own',
  ],
  [
    'RF5003 unknown options, in the file and the directory',
    { file: 'export-file-name: /x\n  # comment\npassword: secret\n', directory: { detekt: 'true' } },
    'conf.d/detekt:1:1: error RF5003: there is no option "detekt"\n' +
      '  hint: did you mean detect?\n' +
      'ringfence.yaml:1:1: error RF5003: there is no option "export-file-name"\n' +
      '  hint: did you mean export-filename?\n' +
      'ringfence.yaml:3:1: error RF5003: there is no option "password"\n' +
      '  hint: docs/configuration.md has all of them',
  ],
  [
    'RF5005 wrong values, of every source at once',
    {
      flags: { startGuard: '2d' },
      environment: { RINGFENCE_OUTPUT: 'xml' },
      directory: { 'verdict-ring-size': '3M' },
      file: 'export-file-max-backups: 0 # none\nexport-file-max-size-mb: { a: 1 }\n',
    },
    '--start-guard: ',
  ],
  [
    'RF5005 a secret that is wrong',
    { file: 'nats: ["nats://user:secret@host", ""]\n', environment: { RINGFENCE_DETECT: 'maybe' } },
    'ringfence.yaml:1:7: error RF5005: nats: what is given is not a list of texts, none of them empty\n',
  ],
  [
    'RF5006 twice, also by another name',
    { file: 'policy: a.yaml\ntracing-policy: b.yaml\n' },
    'ringfence.yaml:2:1: error RF5006: tracing-policy is there twice\n' +
      '  2 | tracing-policy\n' +
      '    | ^^^^^^^^^^^^^^\n' +
      '  hint: keep one; the other is in line 1',
  ],
  [
    'RF5007 where the configuration is',
    { file: 'config-dir: /etc\n' },
    'ringfence.yaml:1:1: error RF5007: config-dir says where the configuration is, and can not be in it\n' +
      '  1 | config-dir\n' +
      '    | ^^^^^^^^^^\n' +
      '  hint: give it as --config-dir, or in the environment as RINGFENCE_CONFIG_DIR',
  ],
  [
    'RF5010 too large',
    { file: `# ${'x'.repeat(65_536)}\n` },
    'error RF5010: the configuration ringfence.yaml is larger than 65536 bytes\n' +
      '  hint: it holds options and their values only; policies have files of their own',
  ],
];

for (const [name, sources, expected] of golden) {
  test(`told: ${name}`, async () => {
    const text = printed((await load(sources)).diagnostics);
    assert.ok(text.includes(name.slice(0, 6)), text);
    assert.ok(name.startsWith('RF5005') ? text.includes(expected) : text === expected, text);
    assert.doesNotMatch(text, /secret/);
  });
}

test('told: a value with its place, and what the option is for', async () => {
  const { diagnostics } = await load({ file: '# how many\nexport-file-max-backups: 0 # none\n' });
  assert.equal(
    printed(diagnostics),
    'ringfence.yaml:2:26: error RF5005: export-file-max-backups: "0" is not a number from 1 to 1000\n' +
      '  2 | export-file-max-backups: 0\n' +
      '    |                          ^\n' +
      '  hint: export-file-max-backups: how many rotated files are kept',
  );
});

test('wrong values of all sources are told at once, those that lose too', async () => {
  const { diagnostics } = await load({
    flags: { detect: 'true', startGuard: '2d' },
    environment: { RINGFENCE_OUTPUT: 'xml', RINGFENCE_DETECT: 'maybe' },
    directory: { 'verdict-ring-size': '3M' },
    file: 'export-file-max-size-mb: { a: 1 }\n',
  });
  assert.deepEqual(diagnostics.map(({ message }) => message.replace(/ is not .*/, '')).toSorted(), [
    '--start-guard: "2d"',
    'RINGFENCE_DETECT: "maybe"',
    'RINGFENCE_OUTPUT: "xml"',
    'export-file-max-size-mb: what stands here',
    'verdict-ring-size: "3M"',
  ]);
});

test('a file that is hostile to the parser is refused, without a stack', async () => {
  const [first] = (await load({ file: `a: ${'['.repeat(60_000)}` })).diagnostics;
  assert.equal(first?.code, 'RF5001');
  const aliases = (await load({ file: 'cluster-name: &a x\nnode-name: *a\n' })).diagnostics;
  assert.deepEqual(
    aliases.map(({ code }) => code),
    ['RF5005'],
  );
});

test('RF5009: a file that everybody can write to is not used', async () => {
  const config = join(root, 'open.yaml');
  writeFileSync(config, 'detect: true\n');
  chmodSync(config, 0o666);
  const { settings, diagnostics } = await load({ flags: { config } });
  assert.deepEqual([settings.detect, diagnostics.map(({ code }) => code)], [false, ['RF5009']]);
});

test('RF5008: what is named must be there, and a file', async () => {
  const missing = join(root, 'missing');
  for (const flags of [{ config: missing }, { configDir: missing }, { config: root }]) {
    await assert.rejects(load({ flags }), { code: 'RF5008' });
  }
});

test('described: every option, where it comes from, and no password', async () => {
  const loaded = await load({
    file: 'nats: [nats://user:secret@host:1, "tls://secret/@x@h", "secret@h"]',
    flags: { detect: 'true' },
  });
  const described = describeSettings(loaded);
  assert.deepEqual(
    described.map(({ name }) => name),
    optionNames,
  );
  assert.doesNotMatch(JSON.stringify(described), /secret/);
  const shown = (name: string) => described.find((each) => each.name === name);
  assert.deepEqual(shown('nats'), { name: 'nats', value: 'nats://***@host:1,tls://***@h,***@h', origin: 'file' });
  assert.deepEqual(shown('detect'), { name: 'detect', value: 'true', origin: 'flag' });
});

test('every option can be given in the environment under one name only', async () => {
  const variables = optionNames.flatMap((name) => [variableOf(name), ...(optionOf(name).variables ?? [])]);
  assert.equal(new Set(variables).size, variables.length);
});

test('every code of the configuration has a case here', async () => {
  const codes = Object.keys(catalogue).filter((code) => code.startsWith('RF50'));
  const cases = [...golden.map(([name]) => name.slice(0, 6)), 'RF5004', 'RF5008', 'RF5009'];
  assert.deepEqual(
    codes.filter((code) => !cases.includes(code)),
    [],
  );
});
