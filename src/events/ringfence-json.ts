/** What only Ringfence says of an event: the object under the key `ringfence`, described in docs/events.md. */
import { base64, type Text } from '#process';
import { quote } from './escape.ts';
import type {
  DemotionEvent,
  ExecEvent,
  ExitEvent,
  HeldEvent,
  Identity,
  LossEvent,
  PolicyEvent,
  TamperEvent,
  TamperSource,
} from './event.ts';
import type { EventArgument } from './event-argument.ts';
import { errorName } from './kernel-names.ts';
import { rfc3339 } from './timestamp.ts';

export function execExtension(event: ExecEvent): string {
  const { process } = event;
  const json: string[] = [identityJson(event.identity), cgroupJson(process.cgroupId)];
  if (process.namespacePid !== 0) json.push(`"namespace_pid":${process.namespacePid}`);
  if (process.file !== undefined) {
    const { inode, device, links } = process.file;
    const truncated = event.binaryTruncated ? ',"truncated":true' : '';
    json.push(`"binary":{"inode":"${inode}","device":"${deviceText(device)}","links":${links}${truncated}}`);
  }
  return object([...json, rawJson(event)]);
}

export function exitExtension(event: ExitEvent): string {
  return object([identityJson(event.identity), cgroupJson(event.process.cgroupId), rawJson(event)]);
}

export function policyExtension(event: PolicyEvent): string {
  const { namespace, decided, racy } = event.hook;
  let json = `{"verdict":"${event.verdict}"`;
  if (event.errno !== 0) json += `,"errno":${event.errno},"error":"${errorName(event.errno)}"`;
  if (event.signal !== '') json += `,"signal":"${event.signal}"`;
  json += `,"mode":"${event.mode}","selector":${event.selector}`;
  if (namespace !== undefined) json += `,"policy_namespace":${quote(namespace)}`;
  if (decided !== undefined) json += `,"decided_at":${quote(decided.at)},"decided_on":${quote(decided.on)}`;
  if (racy) json += ',"racy":true';
  if (event.mayComplete) json += ',"may_complete":true';
  if (event.returnLost) json += ',"return_lost":true';
  if (event.unreadable) json += ',"unreadable":true';
  if (event.notKilled) json += ',"not_killed":true';
  if (event.critical) json += ',"critical":true';
  if (event.demoted) json += ',"demoted":true';
  if (event.comm.text !== '') json += `,"comm":${quote(event.comm.text)}`;
  json += `,${identityJson(event.identity)}`;
  const cgroup = cgroupJson(event.cgroupId);
  for (const member of [cgroup, filesJson(event.arguments), truncatedJson(event.arguments), rawJson(event)]) {
    if (member !== '') json += `,${member}`;
  }
  return `${json}}`;
}

/** The events API has no event for it: who tried stands here, as `processes`. */
export function tamperExtension(event: TamperEvent, processes: string): string {
  const { by, name, detail } = event;
  const json = [`"what":"${event.what}","outcome":"${event.outcome}"`];
  if (name.text !== '') json.push(`"name":${quote(name.text)}`);
  if (detail !== '') json.push(`"detail":${quote(detail)}`);
  if (by === undefined) return `{"tamper":${object(json)}}`;
  json.push(`"subject":"${by.subject}","host":${by.onHost}`);
  if (by.comm.text !== '') json.push(`"comm":${quote(by.comm.text)}`);
  json.push(processes, cgroupJson(by.cgroupId));
  return object([`"tamper":${object(json)}`, identityJson(by.identity), rawJson({ ...by, name })]);
}

/** Nor for this; who it was stands beside what was to run. */
export function heldExtension(event: HeldEvent, processes: string): string {
  const { outcome, name, comm, cgroupId, identity } = event;
  const json = [`"outcome":"${outcome}","name":${quote(name.text)},"comm":${quote(comm.text)}`, processes];
  return object([`"held":${object([...json, cgroupJson(cgroupId)])}`, identityJson(identity), rawJson(event)]);
}

export function demotionExtension({ policyName, namespace, killBudget }: DemotionEvent): string {
  const json = [`"policy":${quote(policyName)}`];
  if (namespace !== undefined) json.push(`"policy_namespace":${quote(namespace)}`);
  return `{"demotion":${object([...json, `"kill_budget":${quote(killBudget)}`, '"mode":"monitor"'])}}`;
}

export function lossExtension(event: LossEvent): string {
  const json = [`"stage":"${event.stage}","count":"${event.count}"`];
  const { hole } = event;
  if (hole !== undefined) {
    json.push(`"boot":${quote(hole.bootId)},"ring":"${hole.ring}","incarnation":${quote(hole.ringIncarnation)}`);
    json.push(`"cpu":${hole.cpu},"from_sequence":"${hole.fromSequence}","to_sequence":"${hole.toSequence}"`);
  }
  json.push(`"interval":{"from":"${rfc3339(event.fromNs)}","to":"${rfc3339(event.toNs)}"}`);
  return `{"loss":${object(json)}}`;
}

/** The kernel's numbers of a device, as stat(1) writes them. */
export function deviceText(device: number): string {
  return `${device >>> 20}:${device & 0xf_ffff}`;
}

function identityJson(identity: Identity): string {
  const { bootId, ring, ringIncarnation, cpu, sequence } = identity;
  const source = `"boot":${quote(bootId)},"ring":"${ring}","incarnation":${quote(ringIncarnation)}`;
  const away = identity.whileAway ? ',"while_away":true' : '';
  return `"identity":{${source},"cpu":${cpu},"sequence":"${sequence}"}${away}`;
}

function cgroupJson(cgroupId: bigint): string {
  return cgroupId === 0n ? '' : `"cgroup_id":"${cgroupId}"`;
}

/** By position in `args`: a name can be replaced, the file behind it is told by device and inode. */
function filesJson(list: readonly EventArgument[]): string {
  const files = list.map((each, index) =>
    'inode' in each ? `"${index}":{"inode":"${each.inode}","device":"${deviceText(each.device)}"}` : '',
  );
  const present = files.filter((each) => each !== '');
  return present.length === 0 ? '' : `"files":{${present.join(',')}}`;
}

/** Strings that are longer than what is kept, by place: the events API has no word for it. */
function truncatedJson(list: readonly EventArgument[]): string {
  const places = list.map((each, index) => (each.kind === 'string_arg' && each.truncated ? `"args.${index}"` : ''));
  const present = places.filter((each) => each !== '');
  return present.length === 0 ? '' : `"truncated":[${present.join(',')}]`;
}

type Texts = ExecEvent | ExitEvent | PolicyEvent | HeldEvent | (TamperSource & Pick<TamperEvent, 'name'>);

/** The bytes of whatever is not UTF-8, by the place where U+FFFD stands for them. */
function rawJson(event: Texts): string {
  const found: string[] = [];
  const add = (place: string, text: Text) => {
    if (text.raw !== undefined) found.push(`"${place}":"${base64(text.raw)}"`);
  };
  for (const role of ['process', 'parent'] as const) {
    const process = event[role];
    if (process === undefined) continue;
    add(`${role}.cwd`, process.cwd);
    add(`${role}.binary`, process.binary);
    add(`${role}.arguments`, process.arguments);
  }
  if ('comm' in event) add('comm', event.comm);
  if ('name' in event) add('name', event.name);
  if ('arguments' in event) {
    event.arguments.forEach((each, index) => {
      if ('path' in each) add(`args.${index}`, each.path);
      else if ('text' in each) add(`args.${index}`, each.text);
    });
  }
  return found.length === 0 ? '' : `"raw":{${found.join(',')}}`;
}

function object(members: readonly string[]): string {
  return `{${members.filter((each) => each !== '').join(',')}}`;
}
