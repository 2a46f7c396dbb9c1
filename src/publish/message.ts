/** An event as a NATS message: subject, headers, JSON. The message id is the record's identity, so a repeat is known. */
import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { type Event, type Identity, isPolicyEvent, type RingName, type TamperSource, workloadOf } from '#events';
import { hash8, type Place, subjects } from './subject.ts';

export type Message = {
  readonly subject: string;
  readonly headers: MsgHdrs;
  readonly payload: Uint8Array;
  /** When it happened, for the loss that it becomes when it can not be sent. */
  readonly timeNs: bigint;
};

/** Of the JSON and of the headers. */
const SCHEMA = '1';
const encoder = new TextEncoder();
const ringLetters: Readonly<Record<RingName, string>> = { verdict: 'v', observation: 'o', iterator: 'i' };

/** Makes the function from event to message for one node. */
export function messages(place: Place, render: (event: Event) => string): (event: Event) => Message {
  const subjectOf = subjects(place);
  const node = hash8(place.nodeName);
  return (event) => ({
    subject: subjectOf(event),
    headers: headersOf(event, node),
    payload: encoder.encode(render(event)),
    timeNs: event.timeNs,
  });
}

function headersOf(event: Event, node: string): MsgHdrs {
  const found = headers();
  found.set('Nats-Msg-Id', messageId(event, node));
  found.set('Rf-Schema', SCHEMA);
  const source = sourceOf(event);
  if (source === undefined) return found;
  const { identity, process } = source;
  found.set('Rf-Seq', String(identity.sequence));
  found.set('Rf-Boot', identity.bootId);
  found.set('Rf-Ring', identity.ringIncarnation);
  found.set('Rf-Cpu', String(identity.cpu));
  found.set('Rf-Exec-Id', process.execId);
  const workload = workloadOf(event);
  if (workload !== undefined) {
    found.set('Rf-Container', headerText(workload.container.id));
    const { workload: owner } = workload.pod ?? {};
    if (owner !== undefined) found.set('Rf-Workload', headerText(`${owner.kind}/${owner.name}`));
  }
  if (isPolicyEvent(event) && event.hook.policyName !== '') found.set('Rf-Policy', headerText(event.hook.policyName));
  return found;
}

export function messageId(event: Event, node: string): string {
  if (event.kind === 'loss') {
    const { hole } = event;
    if (hole === undefined) return `loss-${node}-${event.stage}-${event.timeNs}`;
    const source = sourceText(hole.ring, hole.ringIncarnation, hole.cpu);
    return `${hole.bootId.slice(0, 8)}-${node}-${source}-loss${hole.fromSequence}`;
  }
  if (event.kind === 'demotion') {
    return `demotion-${node}-${hash8(JSON.stringify([event.namespace, event.policyName]))}-${event.timeNs}`;
  }
  if (event.kind !== 'tamper') return recordId(event, node);
  return event.by === undefined
    ? `tamper-${node}-${event.what}-${hash8(event.name.text)}-${event.timeNs}`
    : recordId(event.by, node);
}

type Source = Pick<TamperSource, 'identity' | 'process'>;

/** The record that it comes from; undefined for what the agent has to say itself. */
function sourceOf(event: Event): Source | undefined {
  if (event.kind === 'loss' || event.kind === 'demotion') return undefined;
  return event.kind === 'tamper' ? event.by : event;
}

function recordId({ identity, process }: Source, node: string): string {
  return `${identity.bootId.slice(0, 8)}-${node}-${recordText(identity, process.execId)}`;
}

/** What the iterator tells has no number; a process is told once. */
function recordText(identity: Identity, execId: string): string {
  if (identity.ring === 'iterator') return `i-${execId}`;
  return `${sourceText(identity.ring, identity.ringIncarnation, identity.cpu)}-${identity.sequence}`;
}

/** A new ring of the same boot counts from 1 again: its incarnation belongs to the id. */
function sourceText(ring: RingName, incarnation: string, cpu: number): string {
  return `${ringLetters[ring]}${incarnation.slice(0, 8)}.${cpu}`;
}

/** Of a name of Kubernetes. */
const HEADER_TEXT_MAX = 253;

/** Visible ASCII; a name of Kubernetes is nothing else. */
function headerText(text: string): string {
  return text.slice(0, HEADER_TEXT_MAX).replaceAll(/[^!-~]/g, '?');
}
