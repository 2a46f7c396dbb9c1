/**
 * The quickstart's story, told by the machine on which it happens: this one, or a guest.
 * `node scenario.ts JSON`, where JSON is a `ScenarioOptions`; exits 0 only when every proof was seen.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Agent,
  attackDirectly,
  type Delivered,
  type JsonEvent,
  pathsOf,
  repository,
  Scene,
  type Subscriber,
  startAgent,
  startNatsServer,
  startSubscriber,
} from '../kernel/harness/index.ts';
import { Story } from './story.ts';

export type ScenarioOptions = {
  readonly colour: boolean;
  readonly natsServer: string;
  /** Undefined: the quickstart's own. */
  readonly policy: { readonly name: string; readonly text: string } | undefined;
  /** A shell command instead of the intruder. */
  readonly command: string | undefined;
  /** Streams events until interrupted. */
  readonly follow: boolean;
};

type Stage = { readonly story: Story; readonly scene: Scene; readonly agent: Agent; readonly subscriber: Subscriber };

const EXAMPLE = 'policies/examples/quickstart.yaml';
const EXAMPLE_SECRET = '/srv/ringfence-demo/secret';
const EXAMPLE_READER = '/usr/bin/cat';

const DELIVERY_TIMEOUT_MS = 30_000;
const FOLLOW_INTERVAL_MS = 200;
const EVENTS_SHOWN_MAX = 10;

async function main(options: ScenarioOptions): Promise<number> {
  const story = new Story(options.colour);
  const scene = new Scene('tmpfs');
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => scene.remove());
  const isExample = options.policy === undefined && options.command === undefined;
  if (isExample) await showUnprotected(story, scene);

  story.step(`Ringfence starts with ${options.policy?.name ?? EXAMPLE}`);
  const server = await startNatsServer(options.natsServer);
  cleanup.defer(() => server.stop());
  const subscriber = await startSubscriber(server.url);
  cleanup.defer(() => subscriber.stop());
  const text = options.policy?.text ?? exampleFor(scene);
  const agent = await startAgent({
    policies: [text],
    output: 'compact',
    args: ['--event', 'lsm', '--nats', server.url],
  });
  cleanup.defer(async () => void (await agent.stop()));
  story.proof(agent.log.includes('"msg":"ready"'), 'the agent is ready: the policy is attached in the kernel');
  story.fact('listening', `a subscriber in another process, at ${server.url}`);

  const stage: Stage = { story, scene, agent, subscriber };
  if (isExample) await showIntruder(stage);
  if (options.command !== undefined) await showCommand(stage, options.command);
  summarise(story);
  if (options.follow) await follow(agent);
  return story.failures === 0 ? 0 : 1;
}

/** The policy as it stands in the repository, about this run's file. */
function exampleFor(scene: Scene): string {
  return readFileSync(join(repository, EXAMPLE), 'utf8').replaceAll(EXAMPLE_SECRET, scene.secret.path);
}

async function showUnprotected(story: Story, scene: Scene): Promise<void> {
  story.step('Without Ringfence, anyone with the rights can read a secret');
  story.fact('secret', `${scene.secret.path}: ${scene.secret.content.length} random bytes`);
  story.fact('intruder', `${scene.intruder}, running as root`);
  const { evidence } = await attackDirectly(scene, { way: 'openat', path: scene.secret.path });
  story.proof(evidence.equals(scene.secret.content), `the intruder reads all ${evidence.length} bytes of it`);
}

async function showIntruder(stage: Stage): Promise<void> {
  const { story, scene } = stage;
  story.fact('policy', `only ${EXAMPLE_READER} may open the secret; any other program that tries is killed`);

  story.step('The intruder tries again');
  const outcome = await attackDirectly(scene, { way: 'openat', path: scene.secret.path });
  story.proof(outcome.signal === 'SIGKILL', `it was ended by ${outcome.signal ?? `exit status ${outcome.status}`}`);
  story.proof(
    outcome.evidence.length === 0,
    `${outcome.evidence.length} bytes reached the memory that it reads into, which outlives it`,
  );
  showOthers(story, scene);

  story.step('The evidence');
  const isAboutIntruder = ({ process_lsm: lsm }: JsonEvent) => lsm?.process?.pid === outcome.pid;
  const line = await stage.agent.lineWhere((each) => each.includes(scene.secret.path));
  story.fact('terminal', line ?? 'nothing');
  story.proof(line?.includes('killed') === true, 'the terminal shows the kill');
  const message = await stage.subscriber.first(({ event }) => isAboutIntruder(event), DELIVERY_TIMEOUT_MS);
  story.fact('NATS', message?.subject ?? 'nothing');
  if (message !== undefined) tell(story, message);
  story.proof(
    message !== undefined && isWholeStory(message, scene),
    'the subscriber received who, what, where and why',
  );
}

/** Programs that the policy is not about. */
function showOthers(story: Story, scene: Scene): void {
  story.step('Everybody else goes on');
  const reader = spawnSync(EXAMPLE_READER, [scene.secret.path]);
  story.proof(
    reader.status === 0 && reader.stdout.equals(scene.secret.content),
    `${EXAMPLE_READER}, the allowed reader, reads the secret: ${reader.stdout.length} bytes`,
  );
  const other = spawnSync('/usr/bin/head', ['-c', '4096', scene.neighbour.path]);
  story.proof(
    other.status === 0 && other.stdout.equals(scene.neighbour.content),
    `/usr/bin/head, an ordinary program, reads the file beside it: ${other.stdout.length} bytes`,
  );
}

/** Any policy and any command: the proof is that the policy had something to say about it, here and at the subscriber. */
async function showCommand({ story, scene, agent, subscriber }: Stage, command: string): Promise<void> {
  story.step(`sh -c '${command}'`);
  const { status, signal, stdout, stderr } = spawnSync('/bin/sh', ['-c', command], {
    encoding: 'utf8',
    env: { ...process.env, SECRET: scene.secret.path, NEIGHBOUR: scene.neighbour.path },
  });
  story.quote(stdout);
  story.quote(stderr);
  story.fact('ended by', signal ?? `exit status ${status}`);

  story.step('The evidence');
  const line = await agent.lineWhere(() => true);
  for (const each of agent.lines.slice(0, EVENTS_SHOWN_MAX)) story.fact('terminal', each);
  story.proof(line !== undefined, 'the policy matched, and the terminal shows it');
  const message = await subscriber.first(({ event }) => event.process_lsm !== undefined, DELIVERY_TIMEOUT_MS);
  story.fact('NATS', message?.subject ?? 'nothing');
  if (message !== undefined) tell(story, message);
  story.proof(message !== undefined, 'the subscriber received it');
}

function tell(story: Story, { event }: Delivered): void {
  const { process_lsm: lsm, ringfence } = event;
  const named = (one: { readonly binary?: string; readonly pid?: number; readonly uid?: number } | undefined) =>
    `${one?.binary ?? 'unknown'} (pid ${one?.pid ?? '?'}, uid ${one?.uid ?? '?'})`;
  story.fact('who', named(lsm?.process));
  story.fact('parent', named(lsm?.parent));
  story.fact('arguments', lsm?.process?.arguments ?? 'none');
  story.fact('file', pathsOf(lsm ?? {}).join(' ') || 'none');
  story.fact('policy', `${lsm?.policy_name ?? '?'}, at the hook ${lsm?.function_name ?? '?'}`);
  story.fact('action', `${lsm?.action ?? '?'}: ${ringfence?.verdict ?? '?'}`);
}

function isWholeStory({ subject, event: { process_lsm: lsm, ringfence } }: Delivered, scene: Scene): boolean {
  return (
    subject.endsWith('.file.killed') &&
    ringfence?.verdict === 'killed' &&
    lsm?.process?.binary === scene.intruder &&
    (lsm.process.arguments ?? '').includes(scene.secret.path) &&
    lsm.parent?.pid === process.pid &&
    pathsOf(lsm)[0] === scene.secret.path &&
    lsm.policy_name === 'quickstart' &&
    lsm.action === 'KPROBE_ACTION_SIGKILL'
  );
}

function summarise(story: Story): void {
  const total = story.proofs + story.failures;
  if (story.failures === 0) console.log(`\nAll ${total} proofs were seen.`);
  else console.log(`\n${story.failures} of ${total} proofs were NOT seen.`);
}

async function follow(agent: Agent): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  console.log('Events follow as they come. Ctrl-C ends it.');
  let shown = agent.lines.length;
  while (!stop.signal.aborted) {
    for (const line of agent.lines.slice(shown)) console.log(line);
    shown = agent.lines.length;
    await sleep(FOLLOW_INTERVAL_MS, undefined, { signal: stop.signal }).catch(() => undefined);
  }
}

try {
  process.exitCode = await main(JSON.parse(process.argv[2] ?? '{}') as ScenarioOptions);
} catch (error) {
  console.error(`\n${(error as Error).message}`);
  process.exitCode = 1;
}
