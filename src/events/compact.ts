/** Events as one line for people: the layout of the events API's command line, with what became of the call behind it. */
import type { Process, Workload } from '#process';
import { assertNever } from '#std';
import { argumentText } from './compact-argument.ts';
import { compactCall, type SyscallNames } from './compact-call.ts';
import { compactWord, compactWords } from './escape.ts';
import type {
  DemotionEvent,
  Event,
  HeldEvent,
  LossEvent,
  PolicyEvent,
  TamperEvent,
  TamperOutcome,
  Verdict,
} from './event.ts';
import { errorName } from './kernel-names.ts';
import { rfc3339Nano } from './timestamp.ts';

export type CompactOptions = {
  readonly colour?: boolean;
  readonly timestamps?: boolean;
  /** Without it a system call that is told by number is shown so. */
  readonly syscallNames?: SyscallNames;
};

type Colour = 'blue' | 'green' | 'magenta' | 'cyan' | 'red' | 'yellow';
type Paint = (colour: Colour, text: string) => string;

const codes: Readonly<Record<Colour, number>> = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 };

const colourful: Paint = (colour, text) => (text === '' ? '' : `\u001b[${codes[colour]}m${text}\u001b[0m`);
const plain: Paint = (_, text) => text;

/** Makes the renderer. Its lines have no line end, and no control characters but its own colours. */
export function compactRenderer(options: CompactOptions = {}): (event: Event) => string {
  const paint = options.colour ? colourful : plain;
  const names = options.syscallNames ?? (() => undefined);
  return (event) => {
    const time = options.timestamps ? `${rfc3339Nano(event.timeNs)} ` : '';
    return `${time}${line(event, paint, names)}`;
  };
}

function line(event: Event, paint: Paint, names: SyscallNames): string {
  switch (event.kind) {
    case 'exec':
      return join(start('🚀', 'process', event, paint), paint('cyan', compactWords(event.process.arguments.text)));
    case 'exit': {
      const how = event.signal === '' ? String(event.status) : event.signal;
      const args = paint('cyan', compactWords(event.process.arguments.text));
      return join(start('💥', 'exit', event, paint), args, paint('red', how));
    }
    case 'lsm':
    case 'kprobe':
    case 'tracepoint':
      return policyLine(event, paint, names);
    case 'held':
      return heldLine(event, paint);
    case 'tamper':
      return tamperLine(event, paint);
    case 'demotion':
      return demotionLine(event, paint);
    case 'loss':
      return lossLine(event, paint);
    default:
      return assertNever(event);
  }
}

/** Parsers of the line know it up to the detail; what follows is ours. */
function policyLine(event: PolicyEvent, paint: Paint, names: SyscallNames): string {
  const { glyph, verb, details } = compactCall(event, names);
  return join(
    start(glyph, verb, event, paint),
    ...details.map((each) => paint('cyan', each)),
    paint('cyan', resultText(event)),
    paint(verdictColours[event.verdict], verdictText(event)),
    compactWord(event.hook.policyName),
  );
}

function resultText({ result, returnLost }: PolicyEvent): string {
  if (result !== undefined) return `= ${argumentText(result)}`;
  return returnLost ? '= ?' : '';
}

const verdictColours: Readonly<Record<Verdict, Colour>> = {
  killed: 'red',
  denied: 'red',
  signalled: 'red',
  would: 'yellow',
  match: 'green',
};

function verdictText(event: PolicyEvent): string {
  const words: string[] = [event.verdict];
  if (event.errno !== 0) words.push(errorName(event.errno));
  if (event.signal !== '') words.push(event.signal);
  if (event.mayComplete) words.push('(may complete)');
  if (event.hook.racy) words.push('(racy)');
  if (event.unreadable) words.push('(unreadable)');
  if (event.critical) words.push(event.notKilled ? '(critical: not killed)' : '(critical)');
  else if (event.notKilled) words.push('(not killed)');
  if (event.demoted) words.push('(kill budget spent)');
  return words.join(' ');
}

const outcomeColours: Readonly<Record<TamperOutcome, Colour>> = {
  denied: 'red',
  would: 'yellow',
  seen: 'yellow',
  repaired: 'green',
  failed: 'red',
};

function tamperLine(event: TamperEvent, paint: Paint): string {
  const { by, nodeName } = event;
  const words = [event.what, compactWord(event.detail), compactWord(event.name.text)];
  const what = [...words.map((each) => paint('cyan', each)), paint(outcomeColours[event.outcome], event.outcome)];
  if (by !== undefined) return join(start('🛡', 'tamper', { nodeName, ...by }, paint), ...what);
  return join(paint('blue', `🛡 ${'tamper'.padEnd(7)}`), paint('green', compactWord(nodeName)), ...what);
}

function heldLine(event: HeldEvent, paint: Paint): string {
  const outcome = paint(outcomeColours[event.outcome], event.outcome);
  return join(start('⏳', 'held', event, paint), paint('cyan', compactWord(event.name.text)), outcome);
}

function demotionLine({ nodeName, policyName, namespace, killBudget }: DemotionEvent, paint: Paint): string {
  const verb = paint('yellow', `⏬ ${'demoted'.padEnd(7)}`);
  const policy = namespace === undefined ? policyName : `${namespace}/${policyName}`;
  const what = paint('yellow', `monitor, kill budget ${killBudget} spent`);
  return join(verb, paint('green', compactWord(nodeName)), compactWord(policy), what);
}

function lossLine(event: LossEvent, paint: Paint): string {
  const { hole } = event;
  const where =
    hole === undefined
      ? event.stage
      : `${event.stage} ${hole.ring} cpu ${hole.cpu} ${hole.fromSequence}..${hole.toSequence}`;
  const verb = paint('red', `🕳 ${'loss'.padEnd(7)}`);
  return join(verb, paint('green', compactWord(event.nodeName)), where, paint('red', `${event.count} lost`));
}

function start(
  emoji: string,
  verb: string,
  event: { readonly nodeName: string; readonly process: Process; readonly workload: Workload | undefined },
  paint: Paint,
): string {
  const pod = event.workload?.pod;
  const source = paint('green', compactWord(pod === undefined ? event.nodeName : `${pod.namespace}/${pod.name}`));
  return join(
    paint('blue', `${emoji} ${verb.padEnd(7)}`),
    source,
    paint('magenta', compactWord(event.process.binary.text)),
  );
}

function join(...words: readonly string[]): string {
  return words.filter((each) => each !== '').join(' ');
}
