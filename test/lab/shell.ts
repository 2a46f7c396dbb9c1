/**
 * `npm run lab -- --kernel 6.12 [--preempt full] [--cpus N]`: a shell in a guest, with this repository at /ringfence.
 * Where standard input is no terminal, it runs the commands that come there and exits with their status.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { execute } from './command.ts';
import { CONTAINERD_AT, provideContainerdDisk } from './containerd-disk.ts';
import { type Guest, type GuestOptions, isPreemption, PREEMPTIONS, startGuest } from './guest.ts';
import { isKernelName, KERNEL_NAMES } from './packages.ts';
import { provideTools } from './tools.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const CPUS_MAX = 4;
/** A developer may leave a shell open: the timer of the guest allows at most this. */
const SESSION_SECONDS_MAX = 7 * 24 * 3600;

const USAGE = `npm run lab -- [options]
  --kernel NAME      ${KERNEL_NAMES.join(', ')} (6.12)
  --preempt MODEL    ${PREEMPTIONS.join(', ')} (the kernel's own default)
  --cpus N           1 to ${CPUS_MAX} (2)
  --memory MIB       (1024)
  --cmdline TEXT     more arguments for the kernel
  --containerd       with containerd, at ${CONTAINERD_AT}
  --writes-code      on an emulator that stands programs which are replaced while all CPUs call them`;

async function main(): Promise<void> {
  const { containerd, ...options } = readOptions();
  const log = (line: string) => console.error(`lab: ${line}`);
  await provideTools('build', log);
  await provideTools('lab', log);
  if (!existsSync(join(REPOSITORY, 'kprobes/build'))) {
    await execute([process.execPath, 'kprobes/build.ts'], { cwd: REPOSITORY });
  }
  using guest = await startGuest(options);
  if (containerd) await guest.mount('rf-containerd', await provideContainerdDisk(), CONTAINERD_AT);
  process.exitCode = process.stdin.isTTY ? await interact(guest) : await runScript(guest, await text(process.stdin));
}

async function runScript(guest: Guest, script: string): Promise<number> {
  const { status } = await guest.run(['bash', '-c', script], {
    timeoutSeconds: SESSION_SECONDS_MAX,
    onOutput: (chunk, stream) => process[stream].write(chunk),
  });
  return status ?? 1;
}

/** Ties this terminal to a shell on the guest's third serial line, until the shell exits. */
async function interact(guest: Guest): Promise<number> {
  const { stdin, stdout } = process;
  console.log(
    `kernel ${guest.kernelRelease}; the repository is at /ringfence, a scratch ext4 at /mnt/ext4; leave with exit`,
  );
  stdin.setRawMode(true);
  stdin.on('data', (data) => guest.terminal.write(data));
  guest.terminal.on('data', (data: Buffer) => stdout.write(data));
  const size = `stty sane rows ${stdout.rows || 24} cols ${stdout.columns || 80}`;
  const shell = `exec < /dev/ttyS2 > /dev/ttyS2 2>&1; ${size}; exec setsid -c bash -l`;
  try {
    const { status } = await guest.run(['sh', '-c', shell], { timeoutSeconds: SESSION_SECONDS_MAX });
    return status ?? 1;
  } finally {
    stdin.setRawMode(false);
    stdin.unref();
  }
}

function readOptions(): GuestOptions & { readonly containerd: boolean } {
  const { values } = parseArgs({
    options: {
      kernel: { type: 'string', default: '6.12' },
      preempt: { type: 'string' },
      cpus: { type: 'string' },
      memory: { type: 'string' },
      cmdline: { type: 'string', default: '' },
      containerd: { type: 'boolean', default: false },
      'writes-code': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const { kernel, preempt } = values;
  if (!isKernelName(kernel)) throw new Error(`no kernel is called ${kernel}\n${USAGE}`);
  if (preempt !== undefined && !isPreemption(preempt)) throw new Error(`no preemption model ${preempt}\n${USAGE}`);
  return {
    kernel,
    preempt,
    containerd: values.containerd,
    writesCode: values['writes-code'],
    ...(values.cpus !== undefined && { cpus: wholeNumber(values.cpus, 1, CPUS_MAX) }),
    ...(values.memory !== undefined && { memoryMiB: wholeNumber(values.memory, 768, 8_192) }),
    cmdline: values.cmdline.split(' ').filter((word) => word !== ''),
  };
}

function wholeNumber(text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new Error(`${text} is not a whole number from ${min} to ${max}\n${USAGE}`);
}

await main();
