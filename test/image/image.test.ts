/** The image: the same bytes each time, what is inside and what is not, and that it runs where nothing else is. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, lstatSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { CommandFailed } from '../lab/command.ts';
import { LabUnavailable } from '../lab/index.ts';
import { TemporaryDirectory } from '../lab/temporary.ts';
import { IMAGE_CONFIG } from './config.ts';
import { IMAGE, readLock } from './lock.ts';
import { writeLayout } from './oci.ts';
import { makeRoot, packRoot } from './root.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const CHART = join(REPOSITORY, 'charts/ringfence');
const scratch = new TemporaryDirectory('image');
after(() => scratch[Symbol.dispose]());

function emptyFolder(name: string): string {
  const path = join(scratch.path, name);
  mkdirSync(path);
  return path;
}

async function build(name: string): Promise<{ readonly root: string; readonly layer: Buffer }> {
  const root = emptyFolder(name);
  await makeRoot(root);
  await packRoot(root, `${root}.tar`);
  return { root, layer: readFileSync(`${root}.tar`) };
}

/** Why the image can not be built here. */
async function whyNot(): Promise<string | false> {
  if (!existsSync(join(REPOSITORY, 'kprobes/build/runtime.bpf.o'))) return 'the BPF objects have not been built';
  try {
    await build('first');
    return false;
  } catch (error) {
    if (!(error instanceof LabUnavailable) && !(error instanceof CommandFailed)) throw error;
    return error.message;
  }
}

const skip = await whyNot();
const root = join(scratch.path, 'first');

test('two builds of it are the same bytes', { skip }, async () => {
  const first = readFileSync(`${root}.tar`);
  const { layer } = await build('second');
  assert.ok(first.equals(layer));
  const part = layer.subarray(0, 1024 ** 2);
  assert.equal(
    writeLayout(emptyFolder('one'), part, IMAGE_CONFIG),
    writeLayout(emptyFolder('two'), part, IMAGE_CONFIG),
  );
});

type Descriptor = { readonly digest: string; readonly size: number };

test('every blob of the layout is what its name says', { skip }, () => {
  const layout = emptyFolder('whole');
  writeLayout(layout, readFileSync(`${root}.tar`), IMAGE_CONFIG);
  const blob = ({ digest, size }: Descriptor) => {
    const content = readFileSync(join(layout, 'blobs', digest.replace(':', '/')));
    assert.equal(`sha256:${createHash('sha256').update(content).digest('hex')}`, digest);
    assert.equal(content.length, size);
    return content;
  };
  const json = (content: Buffer) => JSON.parse(content.toString()) as Record<string, unknown>;
  const index = json(readFileSync(join(layout, 'index.json'))) as { readonly manifests: readonly [Descriptor] };
  const manifest = json(blob(index.manifests[0])) as {
    readonly config: Descriptor;
    readonly layers: readonly Descriptor[];
  };
  for (const layer of manifest.layers) blob(layer);
  assert.partialDeepStrictEqual(json(blob(manifest.config)), {
    os: 'linux',
    config: { Entrypoint: ['/usr/bin/ringfence'], Env: ['PATH=/usr/bin'] },
  });
});

/** MiB; a change of what is inside should be meant. */
const SIZE_MAX = 160;

test('it has two programs, no shell, nothing that gives more rights, and is not large', { skip }, () => {
  assert.deepEqual(globSync('usr/{bin,sbin}/*', { cwd: root }).toSorted(), ['usr/bin/node', 'usr/bin/ringfence']);
  const withRights = globSync('**/*', { cwd: root }).filter(
    (path) => (lstatSync(join(root, path)).mode & 0o6000) !== 0,
  );
  assert.deepEqual(withRights, []);
  const bytes = statSync(`${root}.tar`).size;
  assert.ok(bytes < SIZE_MAX * 1024 ** 2, `${bytes} bytes`);
});

test('the bill of materials has all that is inside, and every part its licence', { skip }, () => {
  const bill = JSON.parse(readFileSync(join(root, 'usr/lib/ringfence/sbom.cdx.json'), 'utf8')) as {
    readonly components: readonly { readonly name: string; readonly purl?: string }[];
  };
  const ofDebian = readLock().map(({ name }) => name);
  const names = bill.components.map(({ name }) => name);
  assert.equal(ofDebian.length, 8);
  assert.deepEqual(names.slice(-9), ['node', ...ofDebian]);
  assert.ok(names.length > 9 + 10, 'and the packages of the bundle');
  for (const name of ['node', ...ofDebian]) {
    const [copyright] = globSync(`usr/share/doc/${name}/copyright`, { cwd: root });
    assert.ok(copyright !== undefined, name);
  }
});

test('its name is what a kubelet makes of what the chart asks for', () => {
  const chart = (file: string) => parse(readFileSync(join(CHART, file), 'utf8')) as unknown;
  const { ringfence } = chart('values.yaml') as {
    readonly ringfence: { readonly image: { readonly repository: string } };
  };
  const { appVersion } = chart('Chart.yaml') as { readonly appVersion: string };
  assert.equal(IMAGE_CONFIG.name, `docker.io/${ringfence.image.repository}:${appVersion}`);
});

test('the Dockerfile makes the same of the same root', () => {
  const text = readFileSync(join(IMAGE, 'Dockerfile'), 'utf8').replaceAll('\\\n', ' ');
  const { entrypoint, environment, labels } = IMAGE_CONFIG;
  const written = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  const lines = text.split('\n').filter((line) => /^[A-Z]+ /.test(line));
  assert.deepEqual(
    lines.map((line) => line.replaceAll(/ +/g, ' ')),
    [
      'FROM scratch',
      'ADD root.tar /',
      ...Object.entries(environment).map(([name, value]) => `ENV ${name}=${value}`),
      `LABEL ${written.join(' ')}`,
      `ENTRYPOINT ${JSON.stringify(entrypoint)}`,
    ],
  );
});

/** With nothing but its own root, and what a container gets of the kernel. */
function runInside(argv: readonly string[]) {
  const mounts = ['proc', 'sys', 'dev'].map((name) => `mount --rbind /${name} "$0/${name}"`).join(' && ');
  const script = `${mounts} && exec chroot "$0" /usr/bin/ringfence "$@"`;
  return spawnSync('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script, root, ...argv], {
    encoding: 'utf8',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
}

const cannotRun = skip || (process.getuid?.() === 0 ? false : 'only root can run it without a container runtime');

test('it runs, and finds libbpf', { skip: cannotRun }, () => {
  const { version } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as { version: string };
  const said = runInside(['--version']);
  assert.deepEqual([said.stdout, said.stderr, said.status], [`${version}\n`, '', 0]);
  const checked = runInside(['policy', 'check', '/usr/lib/ringfence/policies/examples']);
  assert.doesNotMatch(checked.stderr, /cannot be loaded|libbpf\.so/);
  const examined = runInside(['doctor', '--json']);
  const { features } = JSON.parse(examined.stdout || '{}') as { readonly features?: Readonly<Record<string, unknown>> };
  // a machine whose kernel has no types is told so before libbpf is asked
  if (features === undefined) assert.match(examined.stderr, /RF3005/);
  else assert.ok(Object.keys(features).length > 3);
});
