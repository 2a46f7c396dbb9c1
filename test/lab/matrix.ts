/**
 * `npm run test:matrix [-- --full]`: every kernel that Debian packages and we speak of.
 * On the supported ones the kernel tests must pass (the smoke test; all of them with --full); on those that lack a
 * feature `ringfence doctor` must refuse, and name what is missing rather than compare versions.
 */
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runBuilds } from '../runner/builds.ts';
import { runKernelTests } from '../runner/kernel-tests.ts';
import { count, failed, type Outcome, skipped, summaryLine } from '../runner/results.ts';
import { type GuestOptions, startGuest } from './guest.ts';
import type { KernelName } from './packages.ts';
import { provideTools } from './tools.ts';
import { LabUnavailable } from './unavailable.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const SUPPORTED: readonly KernelName[] = ['6.1', '6.12', 'newest'];
const SMOKE_TESTS = ['test/kernel/lab.test.ts', 'test/kernel/smoke.test.ts'];

type Unsupported = { readonly guest: GuestOptions; readonly missing: RegExp };

const UNSUPPORTED: readonly Unsupported[] = [
  // Debian's 5.10 has BPF LSM built but not among the modules that are active by default.
  { guest: { kernel: '5.10' }, missing: /\blsm\b/i },
  { guest: { kernel: '6.12', cmdline: ['lsm=lockdown,capability,landlock,yama,apparmor'] }, missing: /\blsm\b/i },
];

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { full: { type: 'boolean', default: false } } });
  await provideTools('build', console.log);
  await provideTools('lab', console.log);
  const outcomes = await runBuilds();
  const files = values.full ? globSync('test/kernel/**/*.test.ts', { cwd: REPOSITORY }).sort() : smokeTests();
  for (const kernel of SUPPORTED) {
    outcomes.push(
      ...(await runKernelTests({ jobs: files.map((file) => ({ file, kernel, preempt: undefined })), left: [] })),
    );
  }
  for (const unsupported of UNSUPPORTED) outcomes.push(await mustRefuse(unsupported));
  printTable(outcomes);
  process.exitCode = count(outcomes, 'failed') > 0 ? 1 : 0;
}

function smokeTests(): string[] {
  return SMOKE_TESTS.filter((file) => existsSync(join(REPOSITORY, file)));
}

async function mustRefuse({ guest: options, missing }: Unsupported): Promise<Outcome> {
  const where = ['kernel', options.kernel, ...(options.cmdline ?? [])].join(' ');
  const file = 'ringfence doctor refuses';
  const start = performance.now();
  try {
    using guest = await startGuest(options);
    const { status, output } = await guest.run(['ringfence', 'doctor']);
    const refused = status === 1 && missing.test(output);
    if (!refused) return failed(file, where, `exit status ${status}, want 1 and ${missing} in:\n${output}`);
    return { kind: 'passed', file, name: '', seconds: (performance.now() - start) / 1000, detail: '', where };
  } catch (error) {
    if (error instanceof LabUnavailable) return skipped(file, where, error.message);
    return failed(file, where, (error as Error).stack ?? '');
  }
}

function printTable(outcomes: readonly Outcome[]): void {
  const rows = Map.groupBy(outcomes, ({ where, file }) => `${where}\t${file}`);
  for (const { file, where, detail } of outcomes.filter(({ kind }) => kind === 'failed')) {
    console.log(`\n=== FAILED: ${file} (${where})\n${detail}`);
  }
  console.log('');
  for (const [row, ofRow] of rows) {
    const [where = '', file = ''] = row.split('\t');
    const reason = ofRow.find(({ kind }) => kind === 'skipped')?.detail ?? '';
    const verdict = count(ofRow, 'failed') > 0 ? 'FAILED' : count(ofRow, 'passed') > 0 ? 'ok' : `skipped: ${reason}`;
    console.log(`${where.padEnd(64)} ${file.padEnd(36)} ${verdict}`);
  }
  console.log(summaryLine(outcomes));
}

await main();
