/** Where on NATS an event goes: subjects of nine tokens, made of names that can not steer the server. */
import { createHash } from 'node:crypto';
import { EnvironmentError } from '#diagnostics';
import { type Event, type PodFacts, workloadOf } from '#events';
import { assertNever } from '#std';
import { eventClass } from './event-class.ts';

const TOKEN_MAX = 63;
/** What a token that is cut ends with: `~` and eight digits of the hash of the whole. */
const CUT_MARK = 9;
/** Of a subject; the parts around the tokens that names make have less than what is set aside for them. */
const SUBJECT_MAX = 255;
const FIXED_MAX = 40;
const HOST = '_host._';

/** Dots become `_`, which no DNS name has: it can be undone. */
export function subjectToken(what: string, name: string): string {
  if (!/^[A-Za-z0-9_.-]+$/.test(name)) throw new EnvironmentError('RF4006', { what, value: name });
  const token = name.replaceAll('.', '_');
  return token.length <= TOKEN_MAX ? token : cut(token, TOKEN_MAX, name);
}

/**
 * The same of a name that an event carries, in `lengthMax` characters. Somebody else chose it, so it is never refused:
 * what is no DNS name is cut as one that is too long, and so is not taken for another.
 */
function eventToken(name: string, lengthMax: number): string {
  const token = name.replaceAll(/[^A-Za-z0-9-]/g, '_');
  const isPlain = /^[A-Za-z0-9.-]+$/.test(name) && token.length <= lengthMax;
  return isPlain ? token : cut(token, lengthMax, name);
}

function cut(token: string, lengthMax: number, name: string): string {
  return `${token.slice(0, lengthMax - CUT_MARK)}~${hash8(name)}`;
}

/** Eight hexadecimal digits that stand for `text`. */
export function hash8(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

export type Place = { readonly clusterName: string; readonly nodeName: string };

/** Makes the function from event to subject for one node. */
export function subjects(place: Place): (event: Event) => string {
  const cluster = subjectToken('cluster name', place.clusterName);
  const node = subjectToken('node name', place.nodeName);
  const nodeEvents = `ringfence.v1.evt.${cluster}.${node}`;
  const podTokens = podTokensWithin(SUBJECT_MAX - FIXED_MAX - cluster.length - node.length);
  const audit = `ringfence.v1.audit.${cluster}.${node}`;
  const losses = `ringfence.v1.loss.${cluster}.${node}`;
  return (event) => {
    const pod = workloadOf(event)?.pod;
    const events = `${nodeEvents}.${pod === undefined ? HOST : podTokens(pod)}`;
    switch (event.kind) {
      case 'exec':
        return `${events}.exec.obs`;
      case 'exit':
        return `${events}.exit.obs`;
      case 'lsm':
      case 'kprobe':
      case 'tracepoint':
        return `${events}.${eventClass(event)}.${event.verdict}`;
      case 'held':
        return `${events}.exec.${event.outcome}`;
      case 'tamper':
        return `${audit}.tamper`;
      case 'demotion':
        return `${audit}.demotion`;
      case 'loss':
        return `${losses}.${event.stage}`;
      default:
        return assertNever(event);
    }
  };
}

/** Namespace and pod in `lengthMax` characters, by what the pod is known as: made once for each. */
function podTokensWithin(lengthMax: number): (pod: PodFacts) => string {
  const made = new WeakMap<PodFacts, string>();
  return (pod) => {
    const kept = made.get(pod);
    if (kept !== undefined) return kept;
    const namespace = eventToken(pod.namespace, Math.min(TOKEN_MAX, Math.floor(lengthMax / 2)));
    const name = eventToken(pod.name, Math.min(TOKEN_MAX, lengthMax - namespace.length));
    const tokens = `${namespace}.${name}`;
    made.set(pod, tokens);
    return tokens;
  };
}
