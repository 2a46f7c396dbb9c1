/**
 * `npm start`: the main job, shown on real input. An intruder that is killed before it has read a byte, everybody else
 * undisturbed, and the evidence in the terminal and at a NATS subscriber. Does all the set-up, and leaves nothing behind.
 */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { buildAttackPrograms } from '../attacks/build.ts';
import { execute } from './command.ts';
import { isKernelName, KERNEL_NAMES, type KernelName } from './packages.ts';
import { findPlace, type Place } from './place.ts';
import type { ScenarioOptions } from './scenario.ts';
import { provideTools } from './tools.ts';
import { LabUnavailable } from './unavailable.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const PID_FILE = '/run/ringfence-quickstart.pid';

const USAGE = `npm start -- [options]
  --kernel NAME      in a guest with this kernel: ${KERNEL_NAMES.join(', ')}
  --policy FILE      with this policy, instead of policies/examples/quickstart.yaml
  --try COMMAND      run this shell command instead of the intruder; $SECRET and $NEIGHBOUR name the files of the story
  --follow           go on streaming events until Ctrl-C; in a guest, each line that you type runs there`;

type Options = {
  readonly kernel: KernelName | undefined;
  readonly policy: string | undefined;
  readonly command: string | undefined;
  readonly follow: boolean;
};

async function main(): Promise<number> {
  const options = readOptions();
  const policy = options.policy === undefined ? undefined : readPolicy(options.policy);
  const log = (line: string) => console.log(`   ${line}`);
  console.log('Ringfence: one secret, one allowed reader, one intruder.\n');
  await provideTools('build', log);
  await execute([process.execPath, 'kprobes/build.ts'], { cwd: REPOSITORY });
  await buildAttackPrograms();
  using place = await findPlace(options.kernel, log);
  log(`it happens on ${place.description}`);
  const scenario: ScenarioOptions = {
    colour: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
    natsServer: place.natsServer,
    policy,
    command: options.command,
    follow: options.follow,
  };
  return await tell(place, scenario);
}

/** The script's shell leaves its own pid, which becomes the script's, so that Ctrl-C can be carried into a guest. */
async function tell(place: Place, scenario: ScenarioOptions): Promise<number> {
  const script = `echo $$ > ${PID_FILE}; exec "$@"`;
  const node = place.kind === 'guest' ? 'node' : process.execPath;
  const argv = ['sh', '-c', script, 'sh', node, 'test/lab/scenario.ts', JSON.stringify(scenario)];
  if (place.kind === 'host') return place.run(argv.slice(4));
  const interrupt = () => void place.run(['sh', '-c', `kill -INT "$(cat ${PID_FILE})"`]);
  process.on('SIGINT', interrupt);
  const typed = scenario.follow ? createInterface({ input: process.stdin }) : undefined;
  typed?.on('line', (line) => void place.run(['bash', '-c', line]));
  try {
    return await place.run(argv);
  } finally {
    typed?.close();
    process.off('SIGINT', interrupt);
  }
}

function readPolicy(path: string): { readonly name: string; readonly text: string } {
  return { name: basename(path), text: readFileSync(path, 'utf8') };
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      kernel: { type: 'string' },
      policy: { type: 'string' },
      try: { type: 'string' },
      follow: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const { kernel, policy, follow } = values;
  if (kernel !== undefined && !isKernelName(kernel)) throw new UsageError(`no kernel is called ${kernel}`);
  if (policy !== undefined && values.try === undefined && !follow) {
    throw new UsageError('a policy of your own needs --try COMMAND, or --follow');
  }
  return { kernel, policy, command: values.try, follow };
}

class UsageError extends Error {}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof UsageError) console.error(`${error.message}\n${USAGE}`);
  else if (error instanceof LabUnavailable) console.error(`the quickstart can not run here: ${error.message}`);
  else throw error;
  process.exitCode = 1;
}
