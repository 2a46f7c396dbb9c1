/** Builds the attack programs: static, so that they run in every guest and under every root directory. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execute } from '../lab/command.ts';
import { findClang } from '../lab/tools.ts';
import { LabUnavailable } from '../lab/unavailable.ts';

const sourceDirectory = import.meta.dirname;
const buildDirectory = join(sourceDirectory, 'build');
const stampFile = join(buildDirectory, 'stamp');

const intruderSources = [
  'intruder.c',
  'ways-open.c',
  'ways-names.c',
  'ways-read.c',
  'ways-exec.c',
  'uring.c',
  'broker.c',
  'flip.c',
] as const;

const deedSources = [
  'deeds.c',
  'deeds-files.c',
  'deeds-programs.c',
  'deeds-network.c',
  'deeds-kernel.c',
  'uring.c',
] as const;

const warnings = ['-Wall', '-Wextra', '-Wno-missing-field-initializers', '-Werror'] as const;

/** What the compiler is told, per program. */
const programs = {
  intruder: ['-O2', '-pthread', ...warnings, ...intruderSources],
  watcher: ['-O2', ...warnings, 'watcher.c'],
  target: ['-nostdlib', 'target.c'],
  trigger: ['-O2', '-pthread', ...warnings, 'trigger.c'],
  racer: ['-O2', '-pthread', ...warnings, 'racer.c'],
  caller: ['-O2', '-pthread', ...warnings, 'caller.c'],
  deeds: ['-O2', ...warnings, ...deedSources],
  tamper: ['-O2', ...warnings, 'tamper.c'],
  siege: ['-O2', '-pthread', ...warnings, 'siege.c'],
  shifter: ['-O2', '-pthread', ...warnings, 'shifter.c', 'uring.c'],
} as const;

export type AttackPrograms = Readonly<Record<keyof typeof programs, string>>;

/** Where the programs are, whether or not they have been built. */
export const attackPrograms: AttackPrograms = {
  intruder: join(buildDirectory, 'intruder'),
  watcher: join(buildDirectory, 'watcher'),
  target: join(buildDirectory, 'target'),
  trigger: join(buildDirectory, 'trigger'),
  racer: join(buildDirectory, 'racer'),
  caller: join(buildDirectory, 'caller'),
  deeds: join(buildDirectory, 'deeds'),
  tamper: join(buildDirectory, 'tamper'),
  siege: join(buildDirectory, 'siege'),
  shifter: join(buildDirectory, 'shifter'),
};

/** Builds what is missing or older than its sources; elsewhere (a guest has no compiler) only the result is used. */
export async function buildAttackPrograms(): Promise<AttackPrograms> {
  const stamp = sourcesDigest();
  if (isBuilt(stamp)) return attackPrograms;
  const compiler = await findCompiler();
  mkdirSync(buildDirectory, { recursive: true });
  for (const [name, options] of Object.entries(programs)) {
    await execute([compiler, '-static', '-o', join(buildDirectory, name), ...options], { cwd: sourceDirectory });
  }
  writeFileSync(stampFile, stamp);
  return attackPrograms;
}

function isBuilt(stamp: string): boolean {
  return (
    existsSync(stampFile) &&
    readFileSync(stampFile, 'utf8') === stamp &&
    Object.values(attackPrograms).every(existsSync)
  );
}

function sourcesDigest(): string {
  const digest = createHash('sha256').update(JSON.stringify(programs));
  for (const name of readdirSync(sourceDirectory).sort()) {
    if (/\.[ch]$/.test(name)) digest.update(name).update(readFileSync(join(sourceDirectory, name)));
  }
  return digest.digest('hex');
}

/** The clang that builds the BPF programs does, where there is no gcc: it came with what static programs need. */
async function findCompiler(): Promise<string> {
  const hasGcc = (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'gcc')));
  const compiler = hasGcc ? 'gcc' : await findClang();
  if (compiler === undefined) throw new LabUnavailable('the attack programs need gcc or clang, and libc6-dev');
  return compiler;
}

if (import.meta.main) console.log(Object.values(await buildAttackPrograms()).join('\n'));
