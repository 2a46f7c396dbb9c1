/** A guest: a kernel of choice in a second or so, with this repository mounted, that runs commands for the host. */
import { join } from 'node:path';
import { provideInitramfs } from './initramfs.ts';
import type { Machine, Shape } from './machine.ts';
import { GUEST_NETWORK, makeDriverDisk, networkArguments } from './network.ts';
import { type Kernel, type KernelName, provideKernel } from './packages.ts';
import { makeExt4, sharedPayload } from './payload.ts';
import { CreditedWriter, encodeFrame, type Frame, FrameReader, type RunExit, type RunRequest } from './protocol.ts';
import { boot, restore } from './snapshot.ts';

const DEFAULT_CPUS = 2;
const DEFAULT_MEMORY_MIB = 1_024;
const DEFAULT_TIMEOUT_SECONDS = 300;
const SETUP_TIMEOUT_SECONDS = 60;
const SCRATCH_BYTES = 256 * 1024 * 1024;
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;
const CONSOLE_TAIL_CHARACTERS = 6_000;

export type GuestOptions = {
  readonly kernel: KernelName;
  readonly cpus?: number;
  readonly memoryMiB?: number;
  /** Preemption model to switch to; without it, the kernel's own default. */
  readonly preempt?: Preemption | undefined;
  /** More arguments for the kernel; a guest that has some is booted, not restored. */
  readonly cmdline?: readonly string[];
  /** A single CPU whose clock counts instructions, for figures that can be had again; such a guest is booted. */
  readonly exact?: boolean;
  /** Programs are replaced while all CPUs call them, which not every emulator stands. */
  readonly writesCode?: boolean;
};

/** So that addresses are the same each time, and the clock is the counter. */
const EXACT_ARGUMENTS = ['nokaslr', 'norandmaps', 'tsc=reliable'];

export const PREEMPTIONS = ['none', 'voluntary', 'full', 'lazy'] as const;
export type Preemption = (typeof PREEMPTIONS)[number];

export function isPreemption(name: string): name is Preemption {
  return (PREEMPTIONS as readonly string[]).includes(name);
}

export type RunOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly onOutput?: (chunk: Buffer, stream: 'stdout' | 'stderr') => void;
  /** When the command takes longer, the guest is ended and `run` throws. */
  readonly timeoutSeconds?: number;
};

/** `output` is both streams as they came, up to 16 MiB; what came after that went to `onOutput` only. */
export type RunResult = {
  readonly status: number | null;
  readonly signal: string | null;
  readonly output: string;
};

/** The guest ended or hung; the message carries the end of its console. */
export class GuestFailed extends Error {
  override readonly name = 'GuestFailed';
}

export async function startGuest(options: GuestOptions): Promise<Guest> {
  const { exact = false, writesCode = false, cmdline = [] } = options;
  const kernel = await provideKernel(options.kernel);
  const shape: Shape = {
    kernelImage: kernel.image,
    initramfs: await provideInitramfs(),
    cmdline: exact ? [...EXACT_ARGUMENTS, ...cmdline] : cmdline,
    cpus: exact ? 1 : (options.cpus ?? DEFAULT_CPUS),
    memoryMiB: options.memoryMiB ?? DEFAULT_MEMORY_MIB,
    ...(exact ? { exact } : {}),
    ...(writesCode ? { writesCode } : {}),
  };
  const payload = await sharedPayload();
  const usual = shape.cmdline.length === 0 && options.cpus === undefined && options.memoryMiB === undefined;
  const machine = usual
    ? await restore(shape, writesCode ? `${options.kernel}-writes-code` : options.kernel)
    : await boot(shape);
  const guest = new Guest(machine, kernel);
  try {
    await guest.setUp(payload, options.preempt);
    return guest;
  } catch (error) {
    guest[Symbol.dispose]();
    throw error;
  }
}

type Run = {
  readonly resolve: (result: RunResult) => void;
  readonly reject: (error: Error) => void;
  readonly onOutput: RunOptions['onOutput'];
  readonly output: Buffer[];
  outputBytes: number;
};

export class Guest implements Disposable {
  /** As `uname -r` says. */
  readonly kernelRelease: string;
  readonly #kernel: Kernel;
  readonly #machine: Machine;
  readonly #writer: CreditedWriter;
  readonly #frames = new FrameReader();
  readonly #runs = new Map<number, Run>();
  #lastRun = 0;
  #disposed = false;

  constructor(machine: Machine, kernel: Kernel) {
    this.#kernel = kernel;
    this.kernelRelease = kernel.release;
    this.#machine = machine;
    this.#writer = new CreditedWriter((bytes) => machine.agentLine.write(bytes));
    machine.agentLine.on('data', (chunk: Buffer) => this.#receive(chunk));
    machine.ended.then(() => this.#fail('the guest stopped'));
  }

  /** What the kernel and the first process printed so far. */
  get console(): string {
    return this.#machine.console;
  }

  /** The third serial line, for whoever wants to speak to a terminal in the guest (/dev/ttyS2). */
  get terminal() {
    return this.#machine.shellLine;
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#machine[Symbol.dispose]();
  }

  /** Plugs the disks in and sets clock and preemption, which a snapshot cannot carry. */
  async setUp(payload: string, preempt: Preemption | undefined): Promise<void> {
    const scratch = join(this.#machine.directory, 'scratch.ext4');
    await makeExt4(scratch, SCRATCH_BYTES);
    await this.#plug('rf-payload', payload, true);
    await this.#plug('rf-scratch', scratch, false);
    const steps = [
      `date -s @${Math.round(Date.now() / 1000)} > /dev/null`,
      '/usr/lib/ringfence/plug rf-payload /ringfence ro',
      '/usr/lib/ringfence/plug rf-scratch /mnt/ext4 rw',
    ];
    if (preempt !== undefined) steps.push(...switchPreemption(preempt));
    const { status, output } = await this.run(['sh', '-c', steps.join(' && ')], {
      cwd: '/',
      timeoutSeconds: SETUP_TIMEOUT_SECONDS,
    });
    if (status !== 0) throw this.#failure(`the guest could not be set up: ${output.trim()}`);
  }

  /** Lets it connect to a port of this machine's loopback, at the address and port of `network.ts`, and nowhere else. */
  async reach(port: number): Promise<void> {
    const drivers = join(this.#machine.directory, 'drivers.ext4');
    await makeDriverDisk(drivers, this.#kernel);
    await this.#plug('rf-drivers', drivers, true);
    const { qmp } = this.#machine;
    const { backend, device } = networkArguments(port);
    await qmp.execute('netdev_add', backend);
    await qmp.execute('device_add', device);
    const { status, output } = await this.run(['sh', '-c', GUEST_NETWORK], { timeoutSeconds: SETUP_TIMEOUT_SECONDS });
    if (status !== 0) throw this.#failure(`the guest has no network: ${output.trim()}`);
  }

  /** One more disk, read-only, at a directory of the guest that is made for it. */
  async mount(serial: string, image: string, directory: string): Promise<void> {
    await this.#plug(serial, image, true);
    const script = 'mkdir -p "$2" && exec /usr/lib/ringfence/plug "$1" "$2" ro';
    const { status, output } = await this.run(['sh', '-c', script, 'sh', serial, directory], {
      timeoutSeconds: SETUP_TIMEOUT_SECONDS,
    });
    if (status !== 0) throw this.#failure(`the guest does not have ${directory}: ${output.trim()}`);
  }

  async #plug(serial: string, filename: string, readOnly: boolean): Promise<void> {
    const { qmp } = this.#machine;
    const file = { driver: 'file', filename, 'read-only': readOnly };
    await qmp.execute('blockdev-add', { driver: 'raw', 'node-name': serial, 'read-only': readOnly, file });
    await qmp.execute('device_add', { driver: 'nvme', drive: serial, serial, id: `${serial}-device` });
  }

  /** Runs `argv` in the guest, by default in the repository, and returns how it ended. */
  async run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const { timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = options;
    const request: RunRequest = { argv, env: options.env ?? {}, cwd: options.cwd ?? '/ringfence' };
    this.#lastRun = (this.#lastRun % 0xffff) + 1;
    const id = this.#lastRun;
    const result = new Promise<RunResult>((resolve, reject) => {
      this.#runs.set(id, { resolve, reject, onOutput: options.onOutput, output: [], outputBytes: 0 });
    });
    const timer = setTimeout(() => {
      this.#fail(`\`${argv.join(' ')}\` did not end within ${timeoutSeconds} s`);
      this[Symbol.dispose]();
    }, timeoutSeconds * 1_000);
    if (this.#disposed) this.#fail('the guest was ended');
    else this.#writer.send(encodeFrame('run', id, JSON.stringify(request)));
    try {
      return await result;
    } finally {
      clearTimeout(timer);
    }
  }

  #receive(chunk: Buffer): void {
    for (const frame of this.#frames.read(chunk)) {
      if (frame.kind === 'credit') this.#writer.credit(frame.body.readUInt32LE());
      const run = this.#runs.get(frame.run);
      if (run !== undefined) this.#progress(run, frame);
    }
  }

  #progress(run: Run, frame: Frame): void {
    if (frame.kind === 'stdout' || frame.kind === 'stderr') {
      run.onOutput?.(frame.body, frame.kind);
      if (run.outputBytes < OUTPUT_BYTES_MAX) run.output.push(frame.body);
      run.outputBytes += frame.body.length;
    }
    if (frame.kind === 'exit') {
      this.#runs.delete(frame.run);
      const { status, signal, error } = JSON.parse(frame.body.toString()) as RunExit;
      if (error !== undefined) run.reject(new Error(`the guest cannot run the command: ${error}`));
      else run.resolve({ status, signal, output: Buffer.concat(run.output).toString() });
    }
  }

  #fail(reason: string): void {
    const error = this.#failure(reason);
    for (const run of this.#runs.values()) run.reject(error);
    this.#runs.clear();
  }

  #failure(reason: string): GuestFailed {
    const tail = this.console.slice(-CONSOLE_TAIL_CHARACTERS).trim();
    return new GuestFailed(`${reason}\n--- end of the console of the guest (${this.kernelRelease}) ---\n${tail}`);
  }
}

/** Debian's kernels can switch at run time (CONFIG_PREEMPT_DYNAMIC), so one snapshot serves all models. */
function switchPreemption(model: Preemption): string[] {
  const file = '/sys/kernel/debug/sched/preempt';
  return [`echo ${model} > ${file}`, `grep -q '(${model})' ${file}`];
}
