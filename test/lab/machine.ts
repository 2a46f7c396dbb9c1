/** One QEMU process: a machine with a console, two serial lines to the host and a control socket. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { provideEmulator } from './emulator.ts';
import { Qmp } from './qmp.ts';
import { TemporaryDirectory } from './temporary.ts';

const CONNECT_TIMEOUT_MS = 30_000;
const KERNEL_ARGUMENTS = ['console=ttyS0', 'quiet', 'panic=-1', 'oops=panic', 'rdinit=/init'];

/** What the machine is made of; two machines of equal shape can take over each other's saved state. */
export type Shape = {
  readonly kernelImage: string;
  readonly initramfs: string;
  readonly cmdline: readonly string[];
  readonly cpus: number;
  readonly memoryMiB: number;
  /** Its clock counts instructions: a nanosecond is one, whatever else runs on this machine. Needs a single CPU. */
  readonly exact?: boolean;
  /** Needs an emulator that stands writes to code which runs. */
  readonly writesCode?: boolean;
};

/** Memory kept in a file: shared to write a snapshot, private (copy on write) to start from one. */
export type MemoryFile = { readonly path: string; readonly share: boolean };

export type MachineOptions = {
  readonly shape: Shape;
  readonly memory?: MemoryFile;
  /** Do not boot, but wait for saved state. */
  readonly incoming?: boolean;
};

export class Machine implements Disposable {
  readonly #temporary: TemporaryDirectory;
  readonly qmp: Qmp;
  readonly agentLine: Socket;
  readonly shellLine: Socket;
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;

  private constructor(
    temporary: TemporaryDirectory,
    child: ChildProcess,
    [qmp, agentLine, shellLine]: readonly [Qmp, Socket, Socket],
  ) {
    this.#temporary = temporary;
    this.qmp = qmp;
    this.agentLine = agentLine;
    this.shellLine = shellLine;
    this.#child = child;
    this.ended = new Promise((resolve) => child.once('exit', () => resolve()));
    // The lines break when QEMU ends, which `ended` tells.
    for (const line of [agentLine, shellLine]) line.on('error', () => line.destroy());
  }

  static async start(options: MachineOptions): Promise<Machine> {
    const { command } = await provideEmulator({ writesCode: options.shape.writesCode === true });
    const temporary = new TemporaryDirectory('guest');
    const directory = temporary.path;
    const lines = ['qmp', 'agent', 'shell'].map((name) => listen(join(directory, name)));
    // The guest must not outlive this process, however that ends.
    const argv = ['--pdeathsig', 'KILL', ...command, ...qemuArguments(options, directory)];
    const child = spawn('setpriv', argv, { stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-4_000);
    });
    try {
      const [qmp, agent, shell] = await connected(lines, child, () => complaint);
      const machine = new Machine(temporary, child, [new Qmp(qmp), agent, shell]);
      await machine.qmp.execute('qmp_capabilities');
      return machine;
    } catch (error) {
      child.kill('SIGKILL');
      temporary[Symbol.dispose]();
      throw error;
    }
  }

  /** For files of this machine's own; gone when it is. */
  get directory(): string {
    return this.#temporary.path;
  }

  /** What the kernel and the first process printed so far. */
  get console(): string {
    try {
      return readFileSync(join(this.directory, 'console'), 'utf8');
    } catch {
      return '';
    }
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL');
    this.#temporary[Symbol.dispose]();
  }
}

function qemuArguments({ shape, memory, incoming }: MachineOptions, directory: string): string[] {
  const kind = memory === undefined ? 'memory-backend-ram' : 'memory-backend-file';
  const file = memory === undefined ? '' : `,mem-path=${memory.path},share=${memory.share ? 'on' : 'off'}`;
  const line = (name: string) => ['-chardev', `socket,id=${name},path=${join(directory, name)}`];
  return [
    // /dev/kvm, where there is one, need not run a stock kernel; emulation does so everywhere. What it has translated
    // has to fit: an agent and a test fill 256 MiB, and then all is translated anew
    ...['-accel', 'tcg,tb-size=512', '-machine', 'pc,memory-backend=ram'],
    // without `erms` and `fsrm`, which make a single instruction of a copy, and do it, and count it, by the byte
    ...(shape.exact ? ['-icount', 'shift=0', '-cpu', 'max,-erms'] : ['-cpu', 'max,-erms,-fsrm']),
    ...['-object', `${kind},id=ram,size=${shape.memoryMiB}M${file}`],
    ...['-m', String(shape.memoryMiB), '-smp', String(shape.cpus)],
    ...['-nodefaults', '-display', 'none', '-no-reboot', '-nic', 'none'],
    ...['-kernel', shape.kernelImage, '-initrd', shape.initramfs],
    ...['-append', [...KERNEL_ARGUMENTS, ...shape.cmdline].join(' ')],
    ...['-chardev', `file,id=console,path=${join(directory, 'console')}`, '-serial', 'chardev:console'],
    ...[...line('agent'), '-serial', 'chardev:agent', ...line('shell'), '-serial', 'chardev:shell'],
    ...[...line('qmp'), '-mon', 'chardev=qmp,mode=control'],
    ...(incoming ? ['-incoming', 'defer'] : []),
  ];
}

type Line = { readonly server: Server; readonly socket: Promise<Socket> };

/** QEMU connects to us, not we to it: nothing that the guest says early is lost. */
function listen(path: string): Line {
  const server = createServer();
  const socket = new Promise<Socket>((resolve, reject) => {
    server.once('connection', resolve);
    server.once('error', reject);
  });
  server.listen(path);
  return { server, socket };
}

async function connected(
  lines: readonly Line[],
  child: ChildProcess,
  complaint: () => string,
): Promise<[Socket, Socket, Socket]> {
  const timeout = new AbortController();
  const failed = new Promise<never>((_, reject) => {
    const fail = (what: string) => reject(new Error(`${what}\n${complaint()}`));
    child.once('error', (cause) => reject(new Error('cannot run setpriv (package util-linux)', { cause })));
    child.once('close', (status) => fail(`QEMU ended with status ${status} before the guest ran`));
    const timer = setTimeout(() => fail('QEMU did not open its control lines'), CONNECT_TIMEOUT_MS);
    timeout.signal.addEventListener('abort', () => clearTimeout(timer));
  });
  try {
    const sockets = await Promise.race([Promise.all(lines.map(({ socket }) => socket)), failed]);
    return sockets as [Socket, Socket, Socket];
  } finally {
    timeout.abort();
    failed.catch(() => {});
    for (const { server } of lines) server.close();
  }
}
