/**
 * `npm run targets [-- KERNEL...]`: saves the kernels of the lab as targets, each by `ringfence doctor` in a guest, so
 * that tests compile for them without one. To be run again when a kernel test needs a newer kernel, or when the format
 * of saved targets changes.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { parseTarget } from '#bpf';
import { type Guest, provideTools, startGuest } from '../lab/index.ts';
import { isSavedKernel, SAVED_KERNELS, type SavedKernel, savedPath } from './index.ts';

const IN_GUEST = '/tmp/kernel.target';
/** These files stay in the history of the repository: as small as can be. */
const LEVEL = 22;

async function main(): Promise<void> {
  const { positionals } = parseArgs({ allowPositionals: true });
  const log = (line: string) => console.error(`targets: ${line}`);
  await provideTools('lab', log);
  for (const kernel of positionals.length === 0 ? SAVED_KERNELS : positionals) {
    if (!isSavedKernel(kernel)) throw new Error(`${kernel} is none of ${SAVED_KERNELS.join(', ')}`);
    log(`${kernel}: ${await save(kernel)}`);
  }
}

async function save(kernel: SavedKernel): Promise<string> {
  using guest = await startGuest({ kernel });
  const { status, output } = await guest.run(['ringfence', 'doctor', '--save-target', IN_GUEST]);
  if (status !== 0) throw new Error(`ringfence doctor ended with status ${status}:\n${output}`);
  const bytes = zstdDecompressSync(await download(guest, IN_GUEST));
  const { release } = parseTarget(bytes);
  if (release !== guest.kernelRelease) throw new Error(`saved ${release} from a guest with ${guest.kernelRelease}`);
  const packed = zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } });
  writeFileSync(savedPath(kernel), packed);
  return `${release}, ${packed.length} bytes`;
}

/** The serial line carries a megabyte in a few seconds. */
async function download(guest: Guest, path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const { status } = await guest.run(['cat', path], { onOutput: (chunk) => chunks.push(chunk) });
  if (status !== 0) throw new Error(`${path} could not be read in the guest: ${Buffer.concat(chunks)}`);
  return Buffer.concat(chunks);
}

await main();
