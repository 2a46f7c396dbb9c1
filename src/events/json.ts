/** Events as JSON text: the form of the events API, one object on one line, what is ours under `ringfence`. */
import type { Namespaces, Process, RenderedProcess } from '#process';
import { assertNever, known } from '#std';
import { argumentJson } from './argument-json.ts';
import { binaryPropertiesJson, capabilitiesJson, credentialsJson, namespacesJson } from './credentials-json.ts';
import { quote } from './escape.ts';
import type { Event, ExecEvent, ExitEvent, KprobeEvent, LsmEvent, PolicyEvent, TracepointEvent } from './event.ts';
import type { EventArgument } from './event-argument.ts';
import { execExtension, exitExtension, lossExtension, policyExtension } from './ringfence-json.ts';
import { rfc3339 } from './timestamp.ts';

export type JsonOptions = {
  /** `cluster_name` of every event. */
  readonly clusterName?: string | undefined;
  /** Adds `cap`, `process_credentials` and `binary_properties`. */
  readonly processCredentials?: boolean;
  /** Adds `ns`. */
  readonly processNamespaces?: boolean;
  /** With `processNamespaces`: those that are marked as the host's. */
  readonly hostNamespaces?: Namespaces | undefined;
};

export class JsonRenderer {
  readonly #options: JsonOptions;
  readonly #cluster: string;
  #last: { readonly event: Event; readonly text: string } | undefined;

  constructor(options: JsonOptions = {}) {
    this.#options = options;
    this.#cluster = options.clusterName ? `,"cluster_name":${quote(options.clusterName)}` : '';
  }

  /** No line end. Rendering the same event again, for the next publisher, costs nothing. */
  render(event: Event): string {
    if (this.#last?.event === event) return this.#last.text;
    const text = this.#render(event);
    this.#last = { event, text };
    return text;
  }

  #render(event: Event): string {
    switch (event.kind) {
      case 'exec':
        return `{"process_exec":{${this.#processes(event, true)}}${this.#tail(event, execExtension(event))}`;
      case 'exit':
        return `{"process_exit":{${this.#exit(event)}}${this.#tail(event, exitExtension(event))}`;
      case 'lsm':
        return `{"process_lsm":{${this.#lsm(event)}}${this.#tail(event, policyExtension(event))}`;
      case 'kprobe':
        return `{"process_kprobe":{${this.#kprobe(event)}}${this.#tail(event, policyExtension(event))}`;
      case 'tracepoint':
        return `{"process_tracepoint":{${this.#tracepoint(event)}}${this.#tail(event, policyExtension(event))}`;
      case 'loss':
        return `{${this.#tail(event, lossExtension(event)).slice(1)}`;
      default:
        return assertNever(event);
    }
  }

  #tail(event: Event, extension: string): string {
    const time = rfc3339(event.timeNs);
    return `,"node_name":${quote(event.nodeName)},"time":"${time}"${this.#cluster},"ringfence":${extension}}`;
  }

  #exit(event: ExitEvent): string {
    const signal = event.signal === '' ? '' : `,"signal":"${event.signal}"`;
    const status = event.status === 0 ? '' : `,"status":${event.status}`;
    return `${this.#processes(event, false)}${signal}${status},"time":"${rfc3339(event.timeNs)}"`;
  }

  #lsm(event: LsmEvent): string {
    const names = `${textJson('function_name', event.functionName)}${textJson('policy_name', event.policyName)}`;
    const told = `${textJson('message', event.message)}${argumentsJson(event.arguments)}`;
    return `${this.#processes(event, false)}${names}${told},"action":"${event.action}"${tagsJson(event.tags)}`;
  }

  #kprobe(event: KprobeEvent): string {
    const result = event.result === undefined ? '' : `,"return":${argumentJson(event.result)}`;
    const call = `${textJson('function_name', event.functionName)}${argumentsJson(event.arguments)}${result}`;
    const actions = `,"action":"${event.action}"${textJson('policy_name', event.policyName)}`;
    const told = `${textJson('message', event.message)}${tagsJson(event.tags)}`;
    return `${this.#processes(event, false)}${call}${actions},"return_action":"${event.returnAction}"${told}`;
  }

  #tracepoint(event: TracepointEvent): string {
    const call = `${textJson('subsys', event.subsystem)}${textJson('event', event.event)}`;
    const told = `${argumentsJson(event.arguments)}${textJson('policy_name', event.policyName)}`;
    const message = `${textJson('message', event.message)}${tagsJson(event.tags)}`;
    return `${this.#processes(event, false)}${call}${told},"action":"${event.action}"${message}`;
  }

  #processes(event: ExecEvent | ExitEvent | PolicyEvent, withBinary: boolean): string {
    const process = this.#process(event.process, event.tid, withBinary);
    if (event.parent === undefined) return `"process":${process}`;
    return `"process":${process},"parent":${this.#process(event.parent, event.parent.tid, false)}`;
  }

  #process(process: Process, tid: number, withBinary: boolean): string {
    if (process.rendered?.renderer !== this) process.rendered = this.#fragments(process);
    const { head, tail } = known(process.rendered, 'the text of a process');
    const properties = withBinary && this.#options.processCredentials ? binaryPropertiesJson(process) : undefined;
    const binary = properties === undefined ? '' : `,"binary_properties":${properties}`;
    return `${head},"tid":${tid}${tail}${binary}}`;
  }

  /** In the order of the field numbers; `tid`, which differs by event, stands between head and tail. */
  #fragments(process: Process): RenderedProcess {
    const { credentials } = process;
    let head = `{"exec_id":${quote(process.execId)},"pid":${process.key.pid}`;
    if (credentials !== undefined) head += `,"uid":${credentials.euid}`;
    if (process.cwd.text !== '') head += `,"cwd":${quote(process.cwd.text)}`;
    if (process.binary.text !== '') head += `,"binary":${quote(process.binary.text)}`;
    if (process.arguments.text !== '') head += `,"arguments":${quote(process.arguments.text)}`;
    head += `,"flags":${quote(process.flags)},"start_time":"${rfc3339(process.startWallNs)}"`;
    if (credentials !== undefined) head += `,"auid":${credentials.auid}`;
    if (process.parentExecId !== undefined) head += `,"parent_exec_id":${quote(process.parentExecId)}`;

    let tail = '';
    if (this.#options.processCredentials && credentials !== undefined) {
      head += `,"cap":${capabilitiesJson(credentials)}`;
      tail = `,"process_credentials":${credentialsJson(credentials)}`;
    }
    if (this.#options.processNamespaces && process.namespaces !== undefined) {
      head += `,"ns":${namespacesJson(process.namespaces, this.#options.hostNamespaces)}`;
    }
    return { renderer: this, head, tail };
  }
}

/** Members after others; an empty text is left out, as protobuf's JSON leaves it out. */
function textJson(name: string, text: string): string {
  return text === '' ? '' : `,"${name}":${quote(text)}`;
}

function tagsJson(tags: readonly string[]): string {
  return tags.length === 0 ? '' : `,"tags":[${tags.map(quote).join(',')}]`;
}

function argumentsJson(list: readonly EventArgument[]): string {
  return list.length === 0 ? '' : `,"args":[${list.map(argumentJson).join(',')}]`;
}
