/**
 * `npm run build:image`: the image as one file, and its root for who builds with charts/image/Dockerfile, in dist.image/.
 * `--update` takes the newest versions of Debian's packages first.
 */
import { mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build as buildObjects } from '../../kprobes/build.ts';
import { TemporaryDirectory } from '../lab/temporary.ts';
import { IMAGE_CONFIG } from './config.ts';
import { updateLock } from './lock.ts';
import { writeImage } from './write.ts';

const OUTPUT = join(import.meta.dirname, '../../dist.image');

const { values } = parseArgs({ options: { update: { type: 'boolean', default: false } } });
if (values.update) {
  using scratch = new TemporaryDirectory('packages');
  for (const { name, version } of await updateLock(scratch.path)) console.log(`${name} ${version}`);
}

buildObjects();
const aside = mkdtempSync(`${OUTPUT}.`); // so that nobody takes half an image
try {
  const [root, file] = [join(aside, 'root.tar'), join(aside, 'image.oci.tar')];
  const digest = await writeImage(root, file);
  const mebibytes = (path: string) => (statSync(path).size / 1024 ** 2).toFixed(1);
  console.log(`${IMAGE_CONFIG.name}@${digest}: ${mebibytes(file)} MiB, unpacked ${mebibytes(root)} MiB`);
  rmSync(OUTPUT, { recursive: true, force: true });
  renameSync(aside, OUTPUT);
} finally {
  rmSync(aside, { recursive: true, force: true });
}
