/** Where on NATS an event goes: subjects of nine tokens, made of names that can not steer the server. */
import { createHash } from 'node:crypto';
import { EnvironmentError } from '#diagnostics';
import type { Event } from '#events';
import { assertNever } from '#std';
import { eventClass } from './event-class.ts';

const TOKEN_MAX = 63;
/** A longer token keeps this much of its start, then `~` and eight digits of its hash. */
const TOKEN_HEAD = 54;
const HOST_NAMESPACE = '_host';
const HOST_POD = '_';

/** Dots become `_`, which no DNS name has: it can be undone. */
export function subjectToken(what: string, name: string): string {
  if (!/^[A-Za-z0-9_.-]+$/.test(name)) throw new EnvironmentError('RF4006', { what, value: name });
  const token = name.replaceAll('.', '_');
  return token.length <= TOKEN_MAX ? token : `${token.slice(0, TOKEN_HEAD)}~${hash8(name)}`;
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
  const events = `ringfence.v1.evt.${cluster}.${node}.${HOST_NAMESPACE}.${HOST_POD}`;
  const audit = `ringfence.v1.audit.${cluster}.${node}`;
  const losses = `ringfence.v1.loss.${cluster}.${node}`;
  return (event) => {
    switch (event.kind) {
      case 'exec':
        return `${events}.exec.obs`;
      case 'exit':
        return `${events}.exit.obs`;
      case 'lsm':
      case 'kprobe':
      case 'tracepoint':
        return `${events}.${eventClass(event)}.${event.verdict}`;
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
