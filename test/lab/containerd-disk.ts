/** containerd as a disk for the guests that want it: a hundred megabytes that others need not carry. */
import { copyFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileStamp, provideContainerd } from './packages.ts';
import { makeExt4 } from './payload.ts';
import { once } from './state.ts';
import { TemporaryDirectory } from './temporary.ts';

/** Where guests have it; test/kernel/harness/containerd.ts looks there. */
export const CONTAINERD_AT = '/run/containerd-programs';

const DISK_BYTES = 160 * 1024 * 1024;

export async function provideContainerdDisk(): Promise<string> {
  const programs = await provideContainerd();
  const directory = await once({
    kind: 'disks',
    name: 'containerd',
    inputs: { format: 1, programs: await Promise.all(programs.map(fileStamp)) },
    build: async (into) => {
      using tree = new TemporaryDirectory('containerd');
      for (const program of programs) await copyFile(program, join(tree.path, basename(program)));
      await makeExt4(join(into, 'containerd.ext4'), DISK_BYTES, ['-O', '^has_journal', '-d', tree.path]);
    },
  });
  return join(directory, 'containerd.ext4');
}
