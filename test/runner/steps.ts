/** A step of the run that is not a test file but passes or fails like one: a tool, a build, a check. */
import { attempt } from '../lab/command.ts';
import type { Outcome } from './results.ts';

export type Step = { readonly name: string; readonly argv: readonly string[] };

const REPOSITORY = `${import.meta.dirname}/../..`;

/** Runs the step and prints one line about it. */
export async function runStep({ name, argv }: Step): Promise<Outcome> {
  const start = performance.now();
  const { status, stdout, stderr } = await attempt(argv, { cwd: REPOSITORY, env: { NO_COLOR: '1' } });
  const seconds = (performance.now() - start) / 1000;
  const kind = status === 0 ? 'passed' : 'failed';
  console.log(`${kind === 'passed' ? 'ok  ' : 'FAIL'} ${name} (${seconds.toFixed(1)} s)`);
  const detail = kind === 'passed' ? '' : `\`${argv.join(' ')}\` exited with ${status}\n${stdout}${stderr}`.trim();
  return { kind, file: name, name: '', seconds, detail, where: 'host' };
}
