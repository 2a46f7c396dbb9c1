/** The Debian packages in the image, by exact version and content: what was built once can be built again. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Apt } from '../lab/apt.ts';
import { execute } from '../lab/command.ts';
import { once } from '../lab/state.ts';

export const IMAGE = join(import.meta.dirname, '../../charts/image');
const LOCK = join(IMAGE, 'packages.json');

const SUITES = ['trixie', 'trixie-security'] as const;

/**
 * What Node and libbpf are linked with, and the licence of two of them, which is in a package of its own; not a shell,
 * and nothing that installs anything.
 */
const NAMES = [
  ...['libc6', 'gcc-14-base', 'libgcc-s1', 'libstdc++6'],
  ...['libbpf1', 'libelf1t64', 'zlib1g', 'libzstd1'],
] as const;

export type Locked = { readonly name: string; readonly version: string; readonly sha256: string };

export function readLock(): readonly Locked[] {
  return (JSON.parse(readFileSync(LOCK, 'utf8')) as { readonly packages: readonly Locked[] }).packages;
}

/** Unpacks the packages of the lock, each as it was when it was locked. */
export async function unpackLocked(directory: string): Promise<void> {
  const locked = readLock();
  const downloads = await once({
    kind: 'packages',
    name: 'image',
    inputs: { suites: SUITES, locked },
    build: async (into) => {
      using apt = await Apt.open(SUITES);
      const files = await download(apt, locked, into);
      for (const { name, version, sha256 } of locked) {
        if (files.get(name)?.sha256 === sha256) continue;
        throw new Error(`${name} ${version} is not what charts/image/packages.json says`);
      }
    },
  });
  for (const file of await readdir(downloads)) await execute(['dpkg', '-x', join(downloads, file), directory]);
}

/** Writes the newest versions into the lock. */
export async function updateLock(scratch: string): Promise<readonly Locked[]> {
  using apt = await Apt.open(SUITES);
  const newest = await Promise.all(NAMES.map((name) => apt.newest(name)));
  const files = await download(apt, newest, join(scratch, '.downloads'));
  const packages = newest.map(({ name, version }) => ({ name, version, sha256: files.get(name)?.sha256 ?? '' }));
  writeFileSync(LOCK, `${JSON.stringify({ suites: SUITES, packages }, null, 2)}\n`);
  return packages;
}

type Downloaded = { readonly path: string; readonly sha256: string };

async function download(
  apt: Apt,
  packages: readonly { readonly name: string; readonly version: string }[],
  into: string,
): Promise<ReadonlyMap<string, Downloaded>> {
  await mkdir(into, { recursive: true });
  await apt.download(packages, into);
  const files = new Map<string, Downloaded>();
  for (const file of await readdir(into)) {
    const path = join(into, file);
    const sha256 = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    files.set(file.split('_')[0] ?? '', { path, sha256 });
  }
  return files;
}
