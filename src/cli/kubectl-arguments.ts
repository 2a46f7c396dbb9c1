/** The command line of `kubectl ringfence`: what says which agents are asked, and the command that each of them runs. */
import { parseArgs } from 'node:util';

export type PluginArguments = {
  /** Empty: all that have an agent. */
  readonly nodes: readonly string[];
  /** Where the agents' pods are; undefined: in any namespace. */
  readonly agentNamespace: string | undefined;
  readonly selector: string;
  /** How many nodes are asked at once. */
  readonly concurrency: number;
  /** For kubectl itself. */
  readonly kubectl: readonly string[];
  readonly command: Command;
};

/**
 * - `here`: needs no agent, so it runs where it was typed
 * - `each`: ends by itself. `files` are read here, and handed over on the standard input
 * - `stream`: goes on until interrupted
 */
export type Command =
  | { readonly kind: 'here' }
  | { readonly kind: 'stream'; readonly argv: readonly string[] }
  | { readonly kind: 'each'; readonly argv: readonly string[]; readonly files: readonly string[] };

export type Parsed =
  | { readonly kind: 'run'; readonly arguments: PluginArguments }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly reason: string };

const CONCURRENCY_DEFAULT = 16;
const CONCURRENCY_MAX = 256;
const SELECTOR = 'app.kubernetes.io/part-of=ringfence,app.kubernetes.io/component=agent';

export const USAGE = `Usage: kubectl ringfence [options] <command>

Asks the agents of a cluster, by kubectl exec. Commands, with the options that they have on a node:
  status                        how agents are, and what their policies do
  events                        events as they happen, until interrupted
  policy list                   policies of the agents
  policy add <file...>          give policies to agents; in a cluster, kubectl apply is the usual way
  policy delete|enable|disable|mode <name>
  doctor                        what nodes can do
  policy check|explain|compile  of files, here

Options:
  --node <names>                only on these nodes, separated by commas; may be repeated
  --agent-namespace <name>      where the agents run (default: wherever their pods are found)
  --selector <labels>           of the agents' pods
  --concurrency <number>        how many nodes are asked at once (default: ${CONCURRENCY_DEFAULT}, at most ${CONCURRENCY_MAX})
  --context <name>, --kubeconfig <file>, --as <user>
                                as for kubectl
`;

/** Options of ours; all take a value, and may stand anywhere before `--`. */
const OWN = ['node', 'agent-namespace', 'selector', 'concurrency', 'context', 'kubeconfig', 'as'] as const;
type Own = (typeof OWN)[number];

/** Of kubectl, with the same names. */
const HANDED_ON = ['context', 'kubeconfig', 'as'] as const;

export function parsePlugin(argv: readonly string[]): Parsed {
  const { own, rest, missing } = separate(argv);
  if (missing !== undefined) return { kind: 'wrong', reason: `--${missing} needs a value` };
  if (rest.length === 0 || ['help', '--help', '-h'].includes(rest[0] ?? '')) return { kind: 'help' };
  const command = commandOf(rest);
  if (command === undefined) return { kind: 'wrong', reason: `"${rest.slice(0, 2).join(' ')}" is not a command here` };
  const concurrency = Number(own.concurrency.at(-1) ?? CONCURRENCY_DEFAULT);
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > CONCURRENCY_MAX) {
    return { kind: 'wrong', reason: `--concurrency is a number from 1 to ${CONCURRENCY_MAX}` };
  }
  return {
    kind: 'run',
    arguments: {
      nodes: own.node.flatMap((each) => each.split(',')).filter((name) => name !== ''),
      agentNamespace: own['agent-namespace'].at(-1),
      selector: own.selector.at(-1) ?? SELECTOR,
      concurrency,
      kubectl: HANDED_ON.flatMap((name) => own[name].map((value) => `--${name}=${value}`)),
      command,
    },
  };
}

type Separated = {
  readonly own: Readonly<Record<Own, readonly string[]>>;
  readonly rest: readonly string[];
  /** An option of ours at the end, without its value. */
  readonly missing: Own | undefined;
};

function separate(argv: readonly string[]): Separated {
  const own: Record<Own, string[]> = {
    ...{ node: [], 'agent-namespace': [], selector: [], concurrency: [], context: [], kubeconfig: [], as: [] },
  };
  const rest: string[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    if (word === '--') return { own, rest: [...rest, ...argv.slice(at)], missing: undefined };
    const name = OWN.find((each) => word === `--${each}` || word.startsWith(`--${each}=`));
    if (name === undefined) {
      rest.push(word);
      continue;
    }
    const inWord = word.includes('=') ? word.slice(word.indexOf('=') + 1) : undefined;
    const value = inWord ?? argv[++at];
    if (value === undefined) return { own, rest, missing: name };
    own[name].push(value);
  }
  return { own, rest, missing: undefined };
}

const POLICY_HERE = ['check', 'explain', 'compile'];
const POLICY_EACH = ['list', 'delete', 'enable', 'disable', 'mode', 'set-mode'];

function commandOf(argv: readonly string[]): Command | undefined {
  const [first = '', second = ''] = argv;
  if (['status', 'doctor'].includes(first)) return { kind: 'each', argv, files: [] };
  if (['events', 'getevents'].includes(first)) return { kind: 'stream', argv };
  if (first === '--version') return { kind: 'here' };
  if (first !== 'policy') return undefined;
  if (POLICY_HERE.includes(second)) return { kind: 'here' };
  if (POLICY_EACH.includes(second)) return { kind: 'each', argv, files: [] };
  return second === 'add' ? addOf(argv.slice(2)) : undefined;
}

/** Files of this machine are not there on a node: the command there reads its standard input. */
function addOf(argv: readonly string[]): Command {
  const { values, positionals } = parseArgs({
    args: [...argv],
    strict: false,
    allowPositionals: true,
    options: { mode: { type: 'string', short: 'm' }, replace: { type: 'boolean' } },
  });
  const options = Object.entries(values).flatMap(([name, value]) =>
    typeof value === 'string' ? [`--${name}`, value] : [`--${name}`],
  );
  return { kind: 'each', argv: ['policy', 'add', '-', ...options], files: positionals };
}
