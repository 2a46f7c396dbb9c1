/**
 * Which emulator a guest runs on: the one that is installed, where there is one; for guests that change code which runs,
 * and where there is none, one unpacked from Debian's archive, with libraries and firmware of its own.
 */
import { join } from 'node:path';
import { Apt } from './apt.ts';
import { attempt } from './command.ts';
import { SUITES } from './packages.ts';
import { once } from './state.ts';
import { LabUnavailable } from './unavailable.ts';

export type EmulatorVersion = readonly [major: number, minor: number];

export type Emulator = {
  /** The program and what it needs to run from where it lies; its own arguments follow. */
  readonly command: readonly string[];
  readonly version: EmulatorVersion;
  /** Tells builds of one version apart: what one saves, another need not read. */
  readonly build: string;
  /** Why it is an older one. */
  readonly noNewer?: string;
};

const INSTALLED = ['qemu-system-x86_64'];
const PACKAGE = 'qemu-system-x86';

/**
 * Before 8.1 QEMU can lose a write to code that another CPU is translating at that moment: a guest that attaches and
 * detaches programs while its other CPUs call them runs into a half-written instruction, and panics.
 */
const WRITES_CODE: EmulatorVersion = [8, 1];

const found = new Map<boolean, Promise<Emulator>>();

/**
 * The same for all guests of this process with equal wants. The older one is used where it does: an agent takes 20 %
 * more processor time to start on QEMU 10.0 than on 7.2.
 */
export function provideEmulator({ writesCode }: { readonly writesCode: boolean }): Promise<Emulator> {
  const emulator = found.get(writesCode) ?? findEmulator(writesCode);
  found.set(writesCode, emulator);
  return emulator;
}

export function standsWrites([major, minor]: EmulatorVersion): boolean {
  return major > WRITES_CODE[0] || (major === WRITES_CODE[0] && minor >= WRITES_CODE[1]);
}

async function findEmulator(writesCode: boolean): Promise<Emulator> {
  const installed = await examine(INSTALLED).catch(() => undefined);
  if (installed !== undefined && (!writesCode || standsWrites(installed.version))) return installed;
  try {
    return await examine(await unpacked());
  } catch (error) {
    if (!(error instanceof LabUnavailable) || installed === undefined) throw error;
    return { ...installed, noNewer: error.message };
  }
}

async function examine(command: readonly string[]): Promise<Emulator> {
  const { stdout, stderr } = await attempt([...command, '--version']);
  const [build = '', major, minor] = /^.*version (\d+)\.(\d+).*$/m.exec(stdout) ?? [];
  if (major === undefined) throw new LabUnavailable(`${command.join(' ')} does not run: ${stderr.trim()}`);
  return { command, version: [Number(major), Number(minor)], build };
}

/** Its libraries are of another release than this machine's: they come with a dynamic linker of their own. */
async function unpacked(): Promise<readonly string[]> {
  const suites = SUITES['6.12'];
  const root = await once({
    kind: 'packages',
    name: 'emulator',
    inputs: { suites, package: PACKAGE },
    build: async (directory) => {
      using apt = await Apt.open(suites);
      await apt.unpackWithDependencies(PACKAGE, directory);
    },
  });
  const libraries = join(root, 'usr/lib/x86_64-linux-gnu');
  const folders = [libraries, join(libraries, 'pulseaudio')];
  return [
    ...[join(root, 'usr/lib64/ld-linux-x86-64.so.2'), '--inhibit-cache', '--library-path', folders.join(':')],
    join(root, 'usr/bin/qemu-system-x86_64'),
    ...['seabios', 'qemu'].flatMap((firmware) => ['-L', join(root, 'usr/share', firmware)]),
  ];
}
