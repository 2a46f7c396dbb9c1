/**
 * Builds an agent of the next version: this one, but for another ABI number, and for structures of shared maps that
 * have one more member in front, so that whoever takes an old map for a new one reads nonsense. A guest, which has no
 * compiler, has the result: the program in the form that is shipped.
 */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { buildDirectory } from '../../kprobes/build.ts';
import { execute } from '../lab/command.ts';

const repository = join(import.meta.dirname, '../..');
const SOURCES = [
  ...[
    'package.json',
    'package-lock.json',
    'LICENSE',
    'LICENSES/*',
    'policies/examples/**/*.*',
    'charts/systemd/**/*.*',
  ],
  ...['src/**/*.*', 'kprobes/**/*.*'],
];
const HEADER = 'kprobes/include/ringfence/abi.h';
const STRUCTURES = ['rf_control', 'rf_policy'];

const nextDirectory = join(buildDirectory, 'next');
const stampFile = join(nextDirectory, 'stamp');

/** Builds it anew when its sources are others. */
export async function buildNext(): Promise<void> {
  const stamp = sourcesDigest();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  mkdirSync(buildDirectory, { recursive: true });
  const workspace = mkdtempSync(join(buildDirectory, 'tmp-'));
  try {
    for (const name of sources()) copyTo(workspace, name);
    const header = join(workspace, HEADER);
    writeFileSync(header, nextHeader(readFileSync(header, 'utf8')));
    for (const script of ['kprobes/build.ts', 'src/abi/generate.ts']) {
      await execute([process.execPath, join(workspace, script)], { cwd: workspace });
    }
    symlinkSync(join(repository, 'node_modules'), join(workspace, 'node_modules'));
    const { bundle } = (await import(
      join(workspace, 'src/bundle/bundle.ts')
    )) as typeof import('../../src/bundle/bundle.ts');
    const result = join(workspace, 'bundle');
    await bundle(result);
    writeFileSync(join(result, 'stamp'), stamp);
    rmSync(nextDirectory, { recursive: true, force: true });
    renameSync(result, nextDirectory);
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

/** Relative to the repository. */
function sources(): readonly string[] {
  const built = `${relative(repository, buildDirectory)}/`;
  return globSync(SOURCES, { cwd: repository })
    .filter((name) => !name.startsWith(built) && !name.endsWith('.test.ts'))
    .toSorted();
}

function copyTo(directory: string, name: string): void {
  const path = join(directory, name);
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(join(repository, name), path);
}

export function nextHeader(text: string): string {
  const numbered = replaced(text, /^(#define RF_ABI_VERSION) (\d+)$/m, (_, define: string, version: string) => {
    return `${define} ${Number(version) + 1}`;
  });
  return STRUCTURES.reduce(
    (header, name) => replaced(header, new RegExp(`^struct ${name} \\{$`, 'm'), (line) => `${line}\n\t__u64 of_next;`),
    numbered,
  );
}

function replaced(text: string, what: RegExp, by: (...match: string[]) => string): string {
  if (!what.test(text)) throw new Error(`${basename(HEADER)} has no ${what}`);
  return text.replace(what, by);
}

function sourcesDigest(): string {
  const digest = createHash('sha256').update(readFileSync(import.meta.filename));
  for (const name of sources()) digest.update(name).update(readFileSync(join(repository, name)));
  return digest.digest('hex');
}

if (import.meta.main) await buildNext();
