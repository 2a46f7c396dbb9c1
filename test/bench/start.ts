/** What it costs to start a command: from the sources, as developers do, and from the bundle, which is what is shipped. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from '../../src/bundle/bundle.ts';
import { TemporaryDirectory } from '../lab/temporary.ts';
import { savedPath } from '../targets/index.ts';
import { type Cell, table } from './table.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
/** Taken in turn, so that a busy moment of the machine meets all alike. */
const ROUNDS = 20;
const MS_PER_TICK = 10; // USER_HZ is 100 wherever Node runs

const COMMANDS: readonly (readonly [name: string, argv: readonly string[]])[] = [
  ['--version', ['--version']],
  ['policy check', ['policy', 'check', '--target', savedPath('6.12'), join(REPOSITORY, 'policies/examples')]],
  ['run, up to its policies', ['run', '--policy', '/nonexistent']],
];

/** Processor time, of the kernel too; without a compile cache, and with one that the first round filled. */
export async function startTable(): Promise<string> {
  using scratch = new TemporaryDirectory('start');
  const { start } = await bundle(scratch.path);
  const cache = { NODE_COMPILE_CACHE: join(scratch.path, 'cache') };
  const sources = join(REPOSITORY, 'src/cli/main.ts');
  const shipped = join(scratch.path, start);
  const rows = COMMANDS.map(([name, argv]): readonly Cell[] => {
    const [plain = 0, bundled = 0, cachedSources = 0, cachedBundle = 0] = inTurn([
      () => run([sources, ...argv]),
      () => run([shipped, ...argv]),
      () => run([sources, ...argv], cache),
      () => run([shipped, ...argv], cache),
    ]);
    return [name, plain, bundled, bundled / plain, cachedSources, cachedBundle];
  });
  return table(['start, ms of CPU', 'sources', 'bundle', 'ratio', 'sources, cached', 'bundle, cached'], rows);
}

/** The mean of each, after a round that does not count. */
function inTurn(runs: readonly (() => number)[]): readonly number[] {
  for (const each of runs) each();
  const sums = runs.map(() => 0);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, each] of runs.entries()) sums[index] = (sums[index] ?? 0) + each();
  }
  return sums.map((sum) => sum / ROUNDS);
}

/** What the kernel adds to the account of this process when the child is gone; see proc(5), cutime and cstime. */
function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}): number {
  const { NODE_COMPILE_CACHE: _, NODE_DISABLE_COMPILE_CACHE: __, ...inherited } = process.env;
  const before = childrenTicks();
  const { error } = spawnSync(process.execPath, argv, { stdio: 'ignore', env: { ...inherited, ...env } });
  if (error !== undefined) throw error;
  return (childrenTicks() - before) * MS_PER_TICK;
}

function childrenTicks(): number {
  const [, fields = ''] = readFileSync('/proc/self/stat', 'utf8').split(') ');
  const [user, system] = fields.split(' ').slice(13, 15);
  return Number(user) + Number(system);
}
