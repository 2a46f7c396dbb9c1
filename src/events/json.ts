/** Events as JSON text: the form of the events API, one object on one line, what is ours under `ringfence`. */
import type { Namespaces, Process, RenderedProcess } from '#process';
import { assertNever, known } from '#std';
import { binaryPropertiesJson, capabilitiesJson, credentialsJson, namespacesJson } from './credentials-json.ts';
import { quote } from './escape.ts';
import type { Event, EventArgument, ExecEvent, ExitEvent, LsmEvent } from './event.ts';
import { permissionText } from './permission.ts';
import { execExtension, exitExtension, lossExtension, lsmExtension } from './ringfence-json.ts';
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
        return `{"process_lsm":{${this.#lsm(event)}}${this.#tail(event, lsmExtension(event))}`;
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
    let json = this.#processes(event, false);
    if (event.functionName !== '') json += `,"function_name":${quote(event.functionName)}`;
    if (event.policyName !== '') json += `,"policy_name":${quote(event.policyName)}`;
    if (event.message !== '') json += `,"message":${quote(event.message)}`;
    if (event.arguments.length > 0) json += `,"args":[${event.arguments.map(argumentJson).join(',')}]`;
    json += `,"action":"${event.action}"`;
    if (event.tags.length > 0) json += `,"tags":[${event.tags.map(quote).join(',')}]`;
    return json;
  }

  #processes(event: ExecEvent | ExitEvent | LsmEvent, withBinary: boolean): string {
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

function argumentJson(argument: EventArgument): string {
  const label = argument.label === undefined ? '' : `,"label":${quote(argument.label)}`;
  return `{"${argument.kind}":${valueJson(argument)}${label}}`;
}

function valueJson(argument: EventArgument): string {
  switch (argument.kind) {
    case 'int_arg':
      return String(BigInt.asIntN(32, argument.value));
    case 'uint_arg':
      return String(BigInt.asUintN(32, argument.value));
    case 'long_arg':
      return `"${BigInt.asIntN(64, argument.value)}"`;
    case 'size_arg':
      return `"${BigInt.asUintN(64, argument.value)}"`;
    case 'error_arg':
      return `{"Message":${quote(argument.message)}}`;
    case 'file_arg':
    case 'path_arg':
    case 'linux_binprm_arg': {
      const flags = argument.flags === '' ? '' : `,"flags":"${argument.flags}"`;
      const permission = argument.mode === 0 ? '' : `,"permission":"${permissionText(argument.mode)}"`;
      return `{"path":${quote(argument.path.text)}${flags}${permission}}`;
    }
    default:
      return assertNever(argument);
  }
}
