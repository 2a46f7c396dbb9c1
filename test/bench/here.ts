/** The same work on this machine, as far as its kernel lets the agent and its programs in. Nanoseconds, not instructions. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { release } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { assert } from '#std';
import { bundle } from '../../src/bundle/bundle.ts';
import { TemporaryDirectory } from '../lab/temporary.ts';
import type { MeasureOptions } from './measure.ts';
import type { Measurement } from './measurement.ts';

export type MeasuredHere = { readonly release: string; readonly measurement: Measurement };

/** In a process of its own, as what is measured is left out of the account of this one. */
export async function measureHere(options: Omit<MeasureOptions, 'program'>): Promise<MeasuredHere> {
  using shipped = new TemporaryDirectory('bench');
  const { start } = await bundle(shipped.path);
  const rows = options.rows.filter(({ kind }) => kind === 'work');
  const asked = JSON.stringify({ ...options, rows, program: join(shipped.path, start) });
  const argv = [join(import.meta.dirname, 'measure.ts'), asked];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, complaints] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  assert(child.exitCode === 0, `the measurements on this machine failed:\n${complaints.slice(-4_000)}`);
  const measurement = JSON.parse(output.trimEnd().split('\n').at(-1) ?? '') as Measurement;
  return { release: release(), measurement };
}
