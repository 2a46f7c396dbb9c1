/** Tells whoever runs the tests which policies were loaded, for its lists of what kernel tests cover. */
import type { ReportLine } from '../../runner/results.ts';

/** Set where somebody reads what a test run reports; people see nothing of it. */
const WANTED = process.env.RINGFENCE_TELL_LOADED === '1';

export function tellLoaded(policies: readonly string[]): void {
  if (!WANTED) return;
  const line: ReportLine = { event: 'loaded', policies };
  process.stdout.write(`\n${JSON.stringify(line)}\n`);
}
