/** The Debian packages that guests are made of: kernels by the name the tests use, and a few programs. */
import { globSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Apt } from './apt.ts';
import { once } from './state.ts';
import { LabUnavailable } from './unavailable.ts';

/** Each kernel is the newest "cloud" build in its suites: the stock configuration with few drivers. */
export const SUITES = {
  '5.10': ['bullseye', 'bullseye-security'],
  '6.1': ['bookworm', 'bookworm-security'],
  '6.12': ['trixie', 'trixie-security'],
  newest: ['sid', 'trixie-backports'],
} as const satisfies Record<string, readonly string[]>;

export type KernelName = keyof typeof SUITES;
export const KERNEL_NAMES = Object.keys(SUITES) as readonly KernelName[];

const KERNEL_PACKAGE = 'linux-image-cloud-amd64';
const PROGRAM_PACKAGES = ['busybox-static', 'bpftool', 'nats-server'];
const RUNTIME_PACKAGES = ['runc', 'libseccomp2'];
/** The first that has NRI; it asks for no newer C library than the lab's oldest release has. */
const CONTAINERD = { suites: SUITES['6.12'], package: 'containerd' } as const;
const CONTAINERD_PROGRAMS = ['containerd', 'containerd-shim-runc-v2', 'ctr'];

export function isKernelName(name: string): name is KernelName {
  return Object.hasOwn(SUITES, name);
}

export type Kernel = {
  readonly name: KernelName;
  readonly image: string;
  readonly release: string;
  /** What its package has: drivers that are not part of the image lie below. */
  readonly directory: string;
};

/** The kernel called `name`, downloaded the first time; for newer ones, remove the state directory. */
export async function provideKernel(name: KernelName): Promise<Kernel> {
  requireX64();
  const directory = await once({
    kind: 'packages',
    name: `kernel-${name}`,
    inputs: { format: 2, suites: SUITES[name], package: KERNEL_PACKAGE },
    build: (into) => unpackKernel(name, into),
  });
  const [image] = globSync(['boot/vmlinuz-*', 'usr/lib/modules/*/vmlinuz'], { cwd: directory });
  const release = /(?:vmlinuz-|modules\/)([^/]+)/.exec(image ?? '')?.[1];
  if (image === undefined || release === undefined) {
    throw new LabUnavailable(`the kernel package in ${directory} holds no kernel`);
  }
  return { name, image: join(directory, image), release, directory };
}

async function unpackKernel(name: KernelName, directory: string): Promise<void> {
  using apt = await Apt.open(SUITES[name]);
  const meta = await apt.newest(KERNEL_PACKAGE);
  const image = (await apt.dependencies(meta)).find((dependency) => /^linux-image-\d/.test(dependency.name));
  if (image === undefined) throw new LabUnavailable(`${meta.name} ${meta.version} names no kernel image`);
  // Newer image packages hold nothing themselves and name the one with the binary.
  const binary = (await apt.dependencies(image)).filter((dependency) => /^linux-binary-\d/.test(dependency.name));
  await apt.unpack([image, ...binary], directory);
}

/** Programs that guests need and hosts seldom have; unpacked from the oldest release that the lab runs on. */
export async function providePrograms(): Promise<string> {
  requireX64();
  return once({
    kind: 'packages',
    name: 'programs',
    inputs: { suites: SUITES['6.1'], packages: PROGRAM_PACKAGES },
    build: async (directory) => {
      using apt = await Apt.open(SUITES['6.1']);
      const versions = [];
      for (const name of PROGRAM_PACKAGES) versions.push(await apt.newest(name));
      await apt.unpack(versions, directory);
    },
  });
}

/** runc, as Debian has it, and the one library that guests lack for it; not in their file system, as few tests ask. */
export async function provideContainerRuntime(): Promise<{ readonly runc: string; readonly library: string }> {
  requireX64();
  const directory = await once({
    kind: 'packages',
    name: 'container-runtime',
    inputs: { suites: SUITES['6.1'], packages: RUNTIME_PACKAGES },
    build: async (into) => {
      using apt = await Apt.open(SUITES['6.1']);
      const versions = [];
      for (const name of RUNTIME_PACKAGES) versions.push(await apt.newest(name));
      await apt.unpack(versions, into);
    },
  });
  return {
    runc: join(directory, 'usr/sbin/runc'),
    library: join(directory, 'usr/lib/x86_64-linux-gnu/libseccomp.so.2'),
  };
}

/** containerd 1.7, the program that it starts for each pod, and the one that speaks to it: their paths. */
export async function provideContainerd(): Promise<readonly string[]> {
  requireX64();
  const directory = await once({
    kind: 'packages',
    name: 'containerd',
    inputs: CONTAINERD,
    build: async (into) => {
      using apt = await Apt.open(CONTAINERD.suites);
      await apt.unpack([await apt.newest(CONTAINERD.package)], into);
    },
  });
  return CONTAINERD_PROGRAMS.map((name) => join(directory, 'usr/bin', name));
}

function requireX64(): void {
  if (process.platform === 'linux' && process.arch === 'x64') return;
  throw new LabUnavailable(`guests run on Linux on x86-64; this is ${process.platform} on ${process.arch}`);
}

/** What tells one content of a file from another without reading it. */
export async function fileStamp(path: string): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  return `${path} ${size} ${mtimeMs}`;
}
