/** `kubectl ringfence`: asks the agents of a cluster, each in its own pod, and prints what they answer. */
import { once } from 'node:events';
import { EnvironmentError, printable } from '#diagnostics';
import { EXIT } from './exit.ts';
import { fanOut } from './fan-out.ts';
import { readPolicyFiles } from './files.ts';
import { type PluginArguments, parsePlugin, USAGE } from './kubectl-arguments.ts';
import { type AgentPod, Kubectl, type Output } from './kubectl-client.ts';
import { LineCutter } from './line-cutter.ts';

/** `here`: the command needs no agent, and is one of ours under its usual name. */
export async function runPlugin(argv: readonly string[]): Promise<number | 'here'> {
  const parsed = parsePlugin(argv);
  if (parsed.kind === 'help') {
    process.stdout.write(USAGE);
    return EXIT.ok;
  }
  if (parsed.kind === 'wrong') {
    process.stderr.write(`${printable(parsed.reason)}\n\n${USAGE}`);
    return EXIT.policy;
  }
  const { command } = parsed.arguments;
  if (command.kind === 'here') return 'here';
  const kubectl = new Kubectl(parsed.arguments.kubectl);
  const pods = await choosePods(kubectl, parsed.arguments);
  return command.kind === 'stream'
    ? stream(kubectl, pods, command.argv, parsed.arguments.concurrency)
    : runOnEach(kubectl, pods, command, parsed.arguments.concurrency);
}

async function choosePods(
  kubectl: Kubectl,
  { nodes, agentNamespace, selector }: PluginArguments,
): Promise<readonly AgentPod[]> {
  const found = await kubectl.agents(agentNamespace, selector);
  const without = nodes.filter((node) => !found.some((pod) => pod.node === node));
  if (without.length > 0) throw new EnvironmentError('RF3603', { where: `on ${without.join(', ')}` });
  const pods = nodes.length === 0 ? found : found.filter(({ node }) => nodes.includes(node));
  if (pods.length === 0) throw new EnvironmentError('RF3603', { where: `with the labels ${selector}` });
  return pods;
}

type Each = { readonly argv: readonly string[]; readonly files: readonly string[] };

/** Each file is a call of its own: what one is refused for does not undo the others. */
async function runOnEach(
  kubectl: Kubectl,
  pods: readonly AgentPod[],
  { argv, files }: Each,
  concurrency: number,
): Promise<number> {
  const inputs = files.length === 0 ? [undefined] : readPolicyFiles(files).map(({ text }) => text);
  let worst: number = EXIT.ok;
  for (const input of inputs) {
    await fanOut(
      pods,
      concurrency,
      (pod) => kubectl.exec(pod, argv, input),
      (pod, output) => {
        print(pod, output, pods.length > 1);
        worst = Math.max(worst, output.status);
      },
    );
  }
  return worst;
}

/** Of several nodes, JSON is a line for each with the name of its node; text is under it. */
function print({ node }: AgentPod, { stdout, stderr }: Output, isOneOfMany: boolean): void {
  if (!isOneOfMany) {
    process.stdout.write(stdout);
    process.stderr.write(stderr);
    return;
  }
  if (stdout.startsWith('{')) process.stdout.write(`{"node":${JSON.stringify(node)},"answer":${stdout.trim()}}\n`);
  else if (stdout !== '') process.stdout.write(`# ${printable(node)}\n${stdout}`);
  if (stderr !== '') process.stderr.write(`# ${printable(node)}\n${stderr}`);
}

/** Lines of all nodes in the order in which they come, each whole; events say which node they are from. */
async function stream(
  kubectl: Kubectl,
  pods: readonly AgentPod[],
  argv: readonly string[],
  concurrency: number,
): Promise<number> {
  if (pods.length > concurrency) throw new EnvironmentError('RF3604', { count: pods.length, limit: concurrency });
  let isStopped = false;
  const stop = () => {
    isStopped = true;
    kubectl.end();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  process.stdout.setMaxListeners(0); // each stream waits for it by itself
  process.stdout.on('error', stop); // the reader went away
  const ended = await Promise.all(
    pods.map(async (pod) => {
      const lines = new LineCutter();
      const { status, stderr } = await kubectl.stream(pod, argv, (text) => write(lines.add(text)));
      await write(lines.rest());
      if (!isStopped) print(pod, { stdout: '', stderr, status }, pods.length > 1);
      return status;
    }),
  );
  return isStopped ? EXIT.ok : Math.max(...ended);
}

async function write(text: string): Promise<void> {
  if (text === '' || process.stdout.destroyed || process.stdout.write(text)) return;
  await Promise.race([once(process.stdout, 'drain'), once(process.stdout, 'close')]);
}
