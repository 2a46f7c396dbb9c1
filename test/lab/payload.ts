/**
 * The repository as a read-only disk for guests: sources, tests, built programs, what they need of node_modules, and
 * bundles of just these sources and tests.
 */
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { bundle } from '../../src/bundle/bundle.ts';
import { execute } from './command.ts';
import { provideContainerRuntime } from './packages.ts';
import { TemporaryDirectory } from './temporary.ts';
import { bundleTests, TEST_BUNDLE } from './test-bundle.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const FOLDERS = ['src', 'test', 'policies', 'kprobes/build', 'kprobes/include', 'package.json'];
/** Policies that others wrote, beside the repository; guests have them at `corpus`, if they are there. */
const CORPUS = process.env.RINGFENCE_CORPUS ?? join(REPOSITORY, '../shared/corpus');
/** Where guests have runc; test/kernel/harness/containers.ts looks there. */
const CONTAINER_RUNTIME = 'container-runtime';
const DISK_BYTES = 256 * 1024 * 1024;

let shared: Promise<string> | undefined;

/** The disk image of the repository as it was when this process first asked for it. */
export function sharedPayload(): Promise<string> {
  shared ??= buildPayload();
  return shared;
}

async function buildPayload(): Promise<string> {
  const { path: directory } = new TemporaryDirectory('payload'); // kept until this process ends
  const tree = join(directory, 'tree');
  for (const path of [...FOLDERS, ...(await packagesToShip())]) {
    if (existsSync(join(REPOSITORY, path))) await copy(path, tree);
  }
  if (existsSync(CORPUS)) await cp(CORPUS, join(tree, 'corpus'), { recursive: true });
  await addBundle(join(tree, 'dist'));
  const { runc, library } = await provideContainerRuntime();
  for (const file of [runc, library])
    await cp(file, join(tree, CONTAINER_RUNTIME, basename(file)), { dereference: true });
  await addTestBundle(join(tree, TEST_BUNDLE));
  await stripTypes(tree);
  const image = join(directory, 'payload.ext4');
  await makeExt4(image, DISK_BYTES, ['-O', '^has_journal', '-d', tree]);
  await rm(tree, { recursive: true });
  return image;
}

/** With a mark, as a developer's own `dist` may be of any age. Sources that cannot be bundled stop the tests that run the bundle, and no others. */
async function addBundle(into: string): Promise<void> {
  try {
    await bundle(into);
    await writeFile(join(into, 'of-these-sources'), '');
  } catch (error) {
    console.error(`lab: guests do without the bundle: ${(error as Error).message}`);
  }
}

/** Tests that cannot be bundled are run from their sources, which tell why. */
async function addTestBundle(into: string): Promise<void> {
  try {
    await bundleTests(into);
  } catch (error) {
    console.error(`lab: guests run tests from their sources: ${(error as Error).message}`);
  }
}

/** See guest/stripped.js. */
export async function stripTypes(tree: string): Promise<void> {
  await execute([
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    join(import.meta.dirname, 'strip.ts'),
    tree,
  ]);
}

async function copy(path: string, tree: string): Promise<void> {
  await mkdir(dirname(join(tree, path)), { recursive: true });
  await cp(join(REPOSITORY, path), join(tree, path), { recursive: true, verbatimSymlinks: true });
}

/** What the lock file does not call a development dependency, but for Node itself: the guest has that. */
async function packagesToShip(): Promise<string[]> {
  const lock = JSON.parse(await readFile(join(REPOSITORY, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
  };
  return Object.entries(lock.packages)
    .filter(([path, { dev }]) => /^node_modules\/(?!.*\/node_modules\/)(?!node-linux-)/.test(path) && dev !== true)
    .map(([path]) => path);
}

/** A new ext4 image of `bytes`, of which only what is used takes room. */
export async function makeExt4(image: string, bytes: number, options: readonly string[] = []): Promise<void> {
  await writeFile(image, '');
  await truncate(image, bytes);
  await execute(['mkfs.ext4', '-q', '-F', '-E', 'lazy_itable_init=1,root_owner=0:0', ...options, image], {
    env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
}
