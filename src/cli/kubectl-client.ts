/**
 * The cluster, through the real kubectl: it is there, since it started us, and it knows contexts, credential plugins and
 * proxies. Commands run in the agent's own pod, so that no port of an agent has to be open.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { EnvironmentError } from '#diagnostics';

export type AgentPod = { readonly node: string; readonly namespace: string; readonly name: string };

export type Output = { readonly stdout: string; readonly stderr: string; readonly status: number };

/** What a command of an agent may print; more than that is no answer. */
const OUTPUT_CHARACTERS_MAX = 64 * 1024 * 1024;

export class Kubectl {
  readonly #options: readonly string[];
  readonly #running = new Set<ChildProcess>();

  /** `options` are for every call, such as `--context=…`. */
  constructor(options: readonly string[]) {
    this.#options = options;
  }

  /** Pods that run, by the name of their node. */
  async agents(namespace: string | undefined, selector: string): Promise<readonly AgentPod[]> {
    const where = namespace === undefined ? ['--all-namespaces'] : ['--namespace', namespace];
    const argv = ['get', 'pods', ...where, '--selector', selector, '--output', 'json'];
    const { stdout, stderr, status } = await this.#run(argv, undefined);
    if (status !== 0) throw new EnvironmentError('RF3602', { verb: 'get pods', reason: stderr.trim() });
    return podsOf(stdout).toSorted((a, b) => (a.node < b.node ? -1 : a.node > b.node ? 1 : 0));
  }

  /** Runs `ringfence` beside the agent, to its end. */
  async exec(pod: AgentPod, argv: readonly string[], input: string | undefined): Promise<Output> {
    return this.#run(execOf(pod, argv, input !== undefined), input);
  }

  /** The same, until somebody ends it; what it says goes to `onText` as it comes, and waits for what that returns. */
  async stream(
    pod: AgentPod,
    argv: readonly string[],
    onText: (text: string) => Promise<void>,
  ): Promise<Omit<Output, 'stdout'>> {
    const child = this.#spawn(execOf(pod, argv, false));
    const ended = endOf(child);
    const stderr = collect(child.stderr);
    for await (const text of (child.stdout ?? []) as AsyncIterable<string>) await onText(text);
    return { status: await ended, stderr: await stderr };
  }

  /** Of all calls that have not ended. */
  end(): void {
    for (const child of this.#running) child.kill('SIGTERM');
  }

  async #run(argv: readonly string[], input: string | undefined): Promise<Output> {
    const child = this.#spawn(argv);
    child.stdin?.on('error', () => undefined); // it ended without reading: its status says why
    child.stdin?.end(input ?? '');
    const [stdout, stderr, status] = await Promise.all([collect(child.stdout), collect(child.stderr), endOf(child)]);
    return { stdout, stderr, status };
  }

  #spawn(argv: readonly string[]): ChildProcess {
    const child = spawn('kubectl', [...this.#options, ...argv], { stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdout.setEncoding('utf8');
    child.stderr.setEncoding('utf8');
    this.#running.add(child);
    child.once('close', () => this.#running.delete(child));
    return child;
  }
}

function execOf({ namespace, name }: AgentPod, argv: readonly string[], withInput: boolean): readonly string[] {
  const input = withInput ? ['--stdin'] : [];
  return ['exec', '--namespace', namespace, name, '--container', 'ringfence', ...input, '--', 'ringfence', ...argv];
}

function endOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new EnvironmentError('RF3601', { reason: cause.message }, { cause })));
    child.once('close', (status) => resolve(status ?? 1));
  });
}

async function collect(stream: AsyncIterable<unknown> | null): Promise<string> {
  let text = '';
  for await (const part of stream ?? []) {
    text += String(part);
    if (text.length > OUTPUT_CHARACTERS_MAX) {
      throw new EnvironmentError('RF3605', { verb: 'exec', reason: `it is longer than ${OUTPUT_CHARACTERS_MAX}` });
    }
  }
  return text;
}

type PodItem = {
  readonly metadata?: { readonly namespace?: unknown; readonly name?: unknown; readonly deletionTimestamp?: unknown };
  readonly spec?: { readonly nodeName?: unknown };
  readonly status?: { readonly phase?: unknown };
};

function podsOf(json: string): readonly AgentPod[] {
  let list: { readonly items?: readonly PodItem[] };
  try {
    list = JSON.parse(json) as typeof list;
  } catch (cause) {
    throw new EnvironmentError('RF3605', { verb: 'get pods', reason: (cause as Error).message }, { cause });
  }
  return (list.items ?? []).flatMap(({ metadata, spec, status }) => {
    const { namespace, name, deletionTimestamp } = metadata ?? {};
    const node = spec?.nodeName;
    if (typeof namespace !== 'string' || typeof name !== 'string' || typeof node !== 'string') return [];
    return status?.phase === 'Running' && deletionTimestamp === undefined ? [{ node, namespace, name }] : [];
  });
}
