/** Where the quickstart happens: on this machine when its kernel can, else in a guest; and how to run something there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { attempt } from './command.ts';
import { type Guest, startGuest } from './guest.ts';
import { type KernelName, providePrograms } from './packages.ts';
import { provideTools } from './tools.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const SESSION_SECONDS_MAX = 24 * 3600;

export type Place = {
  readonly kind: 'host' | 'guest';
  readonly description: string;
  readonly natsServer: string;
  /** Runs a command in the repository to its end, its output going to the terminal. */
  readonly run: (argv: readonly string[]) => Promise<number>;
  readonly [Symbol.dispose]: () => void;
};

/** A kernel that is named means a guest; else this machine is asked first. */
export async function findPlace(kernel: KernelName | undefined, log: (line: string) => void): Promise<Place> {
  const obstacle = kernel === undefined ? await hostObstacle() : 'a guest was asked for';
  if (obstacle === undefined) return hostPlace();
  await provideTools('lab', log);
  log(`starting a small guest, as ${obstacle}`);
  return guestPlace(await startGuest({ kernel: kernel ?? '6.12' }));
}

type Doctor = {
  readonly ready: boolean;
  readonly features: Readonly<Record<string, { readonly kind: string; readonly reason?: string }>>;
};

/** Why not on this machine; undefined when nothing stands in the way. */
async function hostObstacle(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'this is not root';
  const { stdout, stderr } = await attempt([process.execPath, 'src/cli/main.ts', 'doctor', '--json'], {
    cwd: REPOSITORY,
  });
  if (!stdout.startsWith('{')) return `this machine could not be examined: ${stderr.split('\n')[0]}`;
  const { ready, features } = JSON.parse(stdout) as Doctor;
  if (ready) return undefined;
  const [name, feature] = Object.entries(features).find(([, { kind }]) => kind !== 'yes') ?? [];
  return `this machine's kernel lacks ${name ?? 'what is needed'} (${feature?.reason?.split(':')[0] ?? 'unknown'})`;
}

async function hostPlace(): Promise<Place> {
  return {
    kind: 'host',
    description: 'this machine: its kernel can enforce policies',
    natsServer: await hostNatsServer(),
    run: async (argv) => {
      const [program = '', ...args] = argv;
      // Ctrl-C reaches the whole process group: the command ends by itself, and this process waits for it.
      const ignore = () => undefined;
      process.on('SIGINT', ignore);
      const child = spawn(program, args, { cwd: REPOSITORY, stdio: 'inherit' });
      const [status] = await once(child, 'exit');
      process.off('SIGINT', ignore);
      return status ?? 1;
    },
    [Symbol.dispose]: () => undefined,
  };
}

async function hostNatsServer(): Promise<string> {
  const folders = (process.env.PATH ?? '').split(delimiter);
  if (folders.some((folder) => existsSync(join(folder, 'nats-server')))) return 'nats-server';
  return join(await providePrograms(), 'usr/sbin/nats-server');
}

function guestPlace(guest: Guest): Place {
  return {
    kind: 'guest',
    description: `a small guest with the kernel ${guest.kernelRelease}, emulated and so some twenty times slower`,
    natsServer: 'nats-server',
    run: async (argv) => {
      const { status } = await guest.run(argv, {
        timeoutSeconds: SESSION_SECONDS_MAX,
        onOutput: (chunk, stream) => process[stream].write(chunk),
      });
      return status ?? 1;
    },
    [Symbol.dispose]: () => guest[Symbol.dispose](),
  };
}
