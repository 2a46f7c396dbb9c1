/** Runs a command of the host to its end and returns what it printed. */
import { spawn } from 'node:child_process';

const TAIL_CHARACTERS = 4_000;

export type CommandOptions = {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each piece of output as it comes. */
  readonly onOutput?: (text: string, stream: 'stdout' | 'stderr') => void;
};

export type CommandResult = { readonly status: number; readonly stdout: string; readonly stderr: string };

/** A command that had to succeed did not; the message carries the end of what it printed. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

/** Runs `argv` and returns its result, whatever its exit status. */
export async function attempt(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [program = '', ...rest] = argv;
  const child = spawn(program, rest, {
    cwd: options.cwd,
    env: { ...process.env, LC_ALL: 'C', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      text[stream] += chunk;
      options.onOutput?.(chunk, stream);
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new CommandFailed(`cannot run ${program}`, { cause })));
    child.once('close', (status, signal) => {
      if (signal !== null) text.stderr += `\n${program} was ended by ${signal}`;
      resolve({ status: status ?? 1, ...text });
    });
  });
}

/** Runs `argv`, which must succeed, and returns its standard output. */
export async function execute(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { status, stdout, stderr } = await attempt(argv, options);
  if (status === 0) return stdout;
  const tail = `${stdout}${stderr}`.trim().slice(-TAIL_CHARACTERS);
  throw new CommandFailed(`\`${argv.join(' ')}\` failed (exit status ${status})\n${tail}`);
}
