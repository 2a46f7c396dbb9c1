/** Runs the unit tests, which need no kernel of their own, with Node's runner on this machine. */
import { attempt } from '../lab/command.ts';
import { count, failureLines, type Outcome, ReportReader } from './results.ts';

const REPOSITORY = `${import.meta.dirname}/../..`;
/** More than small machines have processors: some of them wait for servers. */
const CONCURRENCY = 3;

export async function runHostTests(files: readonly string[]): Promise<Outcome[]> {
  const reader = new ReportReader('host');
  const { status } = await attempt(
    [
      ...[process.execPath, '--test', `--test-concurrency=${CONCURRENCY}`],
      ...['--test-reporter=./test/runner/reporter.ts', ...files],
    ],
    {
      cwd: REPOSITORY,
      env: { NO_COLOR: '1' },
      onOutput: (text, stream) => (stream === 'stdout' ? reader.read(text) : reader.note(text)),
    },
  );
  const outcomes = reader.finish(files, { status, signal: null });
  console.log(`unit tests: ${count(outcomes, 'passed')} passed, ${count(outcomes, 'failed')} failed`);
  for (const line of failureLines(outcomes)) console.log(`FAIL unit: ${line}`);
  return outcomes;
}
