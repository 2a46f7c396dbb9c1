/** What is shipped: the same bytes each time, nothing of this machine, all that it needs, and it runs where only Node is. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Bundle, bundle } from './bundle.ts';

const repository = join(import.meta.dirname, '../..');
const examples = join(repository, 'policies/examples');
const target = join(repository, 'test/targets/6.12.target');
const shipped = ['base.bpf.o', 'guard.bpf.o', 'ringfence-hook', 'runtime.bpf.o'];

/** All code of others that runs as root on a node. What comes here is argued for in docs/decisions/0007. */
const PACKAGES = [
  '@koromix/koffi-linux-x64',
  '@nats-io/nats-core',
  '@nats-io/nkeys',
  '@nats-io/nuid',
  '@nats-io/transport-node',
  '@pinojs/redact',
  '@prometheus-io/client',
  'atomic-sleep',
  'commander',
  'on-exit-leak-free',
  'pino',
  'pino-std-serializers',
  'quick-format-unescaped',
  'safe-stable-stringify',
  'sonic-boom',
  'thread-stream',
  'tweetnacl',
  'yaml',
];

const skip = !shipped.every((name) => existsSync(join(repository, 'kprobes/build', name))) && 'npm run build:kprobes';

const scratch = mkdtempSync(join(tmpdir(), 'ringfence-bundle-'));
const first = join(scratch, 'first');
const second = join(scratch, 'deeper/second');
let built: Bundle;

before(async () => {
  if (skip) return;
  built = await bundle(first);
  await bundle(second);
});
after(() => rmSync(scratch, { recursive: true }));

test('two bundles of the same sources are the same', { skip }, () => {
  const files = filesOf(first);
  assert.deepEqual(filesOf(second), files);
  for (const file of files) {
    assert.ok(readFileSync(join(first, file)).equals(readFileSync(join(second, file))), file);
    assert.equal(statSync(join(first, file)).mode, statSync(join(second, file)).mode, file);
  }
});

test('nothing in it tells of the machine that made it', { skip }, () => {
  for (const file of filesOf(first)) {
    const bytes = readFileSync(join(first, file));
    for (const place of [repository, scratch]) assert.ok(!bytes.includes(place), `${file} contains ${place}`);
  }
});

test('it contains these packages, each with its licence', { skip }, () => {
  assert.deepEqual(
    built.packages.map(({ name }) => name.replace(`-${process.arch}`, '-x64')),
    PACKAGES,
  );
  const licenses = readFileSync(join(first, 'licenses.txt'), 'utf8');
  const { components } = JSON.parse(readFileSync(join(first, 'sbom.cdx.json'), 'utf8')) as {
    readonly components: readonly { readonly name: string; readonly version: string; readonly purl: string }[];
  };
  for (const [index, { name, version, license, text }] of built.packages.entries()) {
    assert.match(license, /^(Apache-2\.0|BSD-[23]-Clause|ISC|MIT|Unlicense)$/, name);
    assert.ok(licenses.includes(`${name} ${version} (${license})\n\n${text}`), name);
    const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
    assert.partialDeepStrictEqual(components[index], { name, version, purl });
  }
  assert.equal(components.length, PACKAGES.length);
});

test('it contains what it asks for of what was built, and nothing else', { skip }, () => {
  const scripts = [...built.scripts.keys()].map((script) => readFileSync(join(first, script), 'utf8'));
  const named = scripts.flatMap((script) => script.match(/[\w-]+\.bpf\.o\b|\bringfence-hook\b/g) ?? []);
  assert.deepEqual([...new Set(named)].toSorted(), shipped);
  assert.deepEqual(readdirSync(join(first, 'kprobes/build')).toSorted(), shipped);
});

const NEEDED_BY_THE_AGENT = /^src\/(agent|sensors|publish|control)\b|^node_modules\/(@nats-io|pino|sonic-boom)\//;
const NEEDED_FOR_METRICS = /^src\/metrics\/|^node_modules\/@prometheus-io\//;
const NEEDED_BY_THE_COMPILER = /^src\/(compiler|policy|kernel|bpf)\//;

for (const [command, argv, forbidden] of [
  ['--version', ['--version'], [NEEDED_BY_THE_AGENT, NEEDED_BY_THE_COMPILER]],
  ['policy check', ['policy', 'check', '--target', target, examples], [NEEDED_BY_THE_AGENT]],
  ['policy explain', ['policy', 'explain', '--target', target, examples], [NEEDED_BY_THE_AGENT]],
  ['policy compile', ['policy', 'compile', '--target', target, examples], [NEEDED_BY_THE_AGENT]],
  ['doctor', ['doctor'], [NEEDED_BY_THE_AGENT]],
] as const) {
  test(`${command} loads only what it needs`, { skip }, () => {
    const loaded = sourcesLoadedBy(argv);
    assert.ok(loaded.includes('src/cli/main.ts'), loaded.join(' '));
    for (const pattern of forbidden) {
      assert.deepEqual(
        loaded.filter((source) => pattern.test(source)),
        [],
      );
    }
  });
}

test('the pattern of what the agent needs finds something; of metrics it needs nothing', { skip }, () => {
  const loaded = sourcesLoadedBy(['run', '--policy', '/nonexistent']);
  assert.ok(loaded.some((source) => NEEDED_BY_THE_AGENT.test(source)));
  assert.deepEqual(
    loaded.filter((source) => NEEDED_FOR_METRICS.test(source)),
    [],
  );
  assert.ok([...built.scripts.values()].flat().some((source) => NEEDED_FOR_METRICS.test(source)));
});

test('an older Node is told what is needed', { skip }, () => {
  const older = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '22.11.0' } });`;
  const { status, stderr } = node(['--import', `data:text/javascript,${older}`, join(first, built.start), '--version']);
  assert.equal(status, 1);
  assert.equal(stderr, 'ringfence: needs Node 24 or newer; this is Node 22.11.0.\n');
});

test('the tarball runs where it is installed alone, without a network', { skip }, () => {
  const tarballs = join(scratch, 'tarballs');
  const prefix = join(scratch, 'prefix');
  mkdirSync(tarballs);
  npm(['pack', first, '--pack-destination', tarballs]);
  const [tarball = ''] = readdirSync(tarballs);
  npm(['install', '--global', '--prefix', prefix, '--offline', join(tarballs, tarball)]);
  assert.deepEqual(readdirSync(join(prefix, 'lib/node_modules')), ['ringfence']);
  const program = join(prefix, 'bin/ringfence');

  const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { version: string };
  assert.deepEqual(runAlone(program, ['--version']), { status: 0, stdout: `${version}\n`, stderr: '' });

  const argv = ['policy', 'check', '--target', target, join(prefix, 'lib/node_modules/ringfence/policies/examples')];
  const ours = node([join(repository, 'src/cli/main.ts'), ...argv]);
  assert.match(ours.stdout, /ok for kernel 6\.12/);
  assert.deepEqual(runAlone(program, argv), ours);

  const { features } = JSON.parse(runAlone(program, ['doctor', '--json']).stdout) as { readonly features: unknown };
  assert.equal(typeof features, 'object', 'libbpf is called');
});

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(folder, path)).isFile())
    .toSorted();
}

/** What the scripts were made of that the command loaded. */
function sourcesLoadedBy(argv: readonly string[]): readonly string[] {
  const hook = `
    import { registerHooks } from 'node:module';
    registerHooks({ load(url, context, next) { process._rawDebug('loads ' + url); return next(url, context); } });
  `;
  const { stderr } = node([
    '--import',
    `data:text/javascript,${encodeURIComponent(hook)}`,
    join(first, built.start),
    ...argv,
  ]);
  const scripts = [...stderr.matchAll(/^loads file:.*\/(.+)$/gm)].map(([, name]) => name);
  return [...built.scripts].flatMap(([script, sources]) => (scripts.includes(basename(script)) ? sources : []));
}

type Answer = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

function node(argv: readonly string[]): Answer {
  return run(process.execPath, argv, process.env);
}

/** In an environment that knows of Node only. */
function runAlone(program: string, argv: readonly string[]): Answer {
  return run(program, argv, { PATH: `${dirname(process.execPath)}:/usr/bin` });
}

function npm(argv: readonly string[]): void {
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  const { status, stderr } = run('npm', [...argv, ...quiet], process.env);
  assert.equal(status, 0, stderr);
}

function run(program: string, argv: readonly string[], env: NodeJS.ProcessEnv): Answer {
  const { status, stdout, stderr, error } = spawnSync(program, argv, { cwd: scratch, env, encoding: 'utf8' });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}
