/** Which emulator guests run on. */
import { spawnSync } from 'node:child_process';

export type EmulatorVersion = readonly [major: number, minor: number];

/**
 * Before 8.1 QEMU can lose a write to code that another CPU is translating at that moment: a guest that attaches and
 * detaches programs while its other CPUs call them runs into a half-written instruction, and panics.
 */
const WRITES_CODE: EmulatorVersion = [8, 1];

/** Undefined where there is none. */
export function emulatorVersion(): EmulatorVersion | undefined {
  const { stdout } = spawnSync('qemu-system-x86_64', ['--version'], { encoding: 'utf8' });
  const [, major, minor] = /version (\d+)\.(\d+)/.exec(stdout ?? '') ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor)];
}

export function writesCode([major, minor]: EmulatorVersion): boolean {
  return major > WRITES_CODE[0] || (major === WRITES_CODE[0] && minor >= WRITES_CODE[1]);
}
