/** What a guest needs to be a node, as a disk: the kubelet, the image of the agent, and the driver of layered file systems. */
import { globSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build as buildObjects } from '../../kprobes/build.ts';
import { writeImage } from '../image/write.ts';
import { type KernelName, provideKernel } from '../lab/packages.ts';
import { makeExt4 } from '../lab/payload.ts';
import { TemporaryDirectory } from '../lab/temporary.ts';
import { LabUnavailable } from '../lab/unavailable.ts';
import { provideNodePrograms } from '../peers/index.ts';

const DISK_BYTES = 256 * 1024 * 1024;

/** Kept until this process ends. */
export async function provideNodeDisk(kernel: KernelName): Promise<string> {
  const { path: directory } = new TemporaryDirectory('node');
  using tree = new TemporaryDirectory('node-tree');
  using root = new TemporaryDirectory('node-root');
  await copyFile(await provideNodePrograms(), join(tree.path, 'node'));
  const modules = await provideKernel(kernel);
  const [driver] = globSync('{usr/,}lib/modules/*/kernel/**/overlay.ko*', { cwd: modules.directory });
  if (driver === undefined) throw new LabUnavailable(`the kernel ${kernel} has no driver overlay`);
  await copyFile(join(modules.directory, driver), join(tree.path, basename(driver)));
  buildObjects();
  await writeImage(join(root.path, 'root.tar'), join(tree.path, 'image.oci.tar'));
  const image = join(directory, 'node.ext4');
  await makeExt4(image, DISK_BYTES, ['-O', '^has_journal', '-d', tree.path]);
  return image;
}
