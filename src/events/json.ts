/** Events as JSON text: the form of the events API, one object on one line, what is ours under `ringfence`. */
import type { Namespaces, Process, RenderedProcess, Workload } from '#process';
import { assertNever, known } from '#std';
import { binaryPropertiesJson, capabilitiesJson, credentialsJson, namespacesJson } from './credentials-json.ts';
import { quote } from './escape.ts';
import type { Event, ExecEvent, ExitEvent, HeldEvent, PolicyEvent, TamperSource } from './event.ts';
import { PodTexts } from './pod-json.ts';
import { kprobeJson, lsmJson, tracepointJson } from './policy-json.ts';
import {
  demotionExtension,
  execExtension,
  exitExtension,
  heldExtension,
  lossExtension,
  policyExtension,
  tamperExtension,
} from './ringfence-json.ts';
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
  /** Adds `pod_annotations`. */
  readonly podAnnotations?: boolean;
};

type Role = { readonly process: Process; readonly workload: Workload | undefined; readonly tid: number };

export class JsonRenderer {
  readonly #options: JsonOptions;
  readonly #cluster: string;
  readonly #pods: PodTexts;
  #last: { readonly event: Event; readonly text: string } | undefined;

  constructor(options: JsonOptions = {}) {
    this.#options = options;
    this.#pods = new PodTexts({ annotations: options.podAnnotations === true });
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
      case 'kprobe':
      case 'tracepoint':
        return `{${this.#policy(event)}}${this.#tail(event, policyExtension(event))}`;
      case 'held':
        return `{${this.#tail(event, heldExtension(event, this.#processes(event, false))).slice(1)}`;
      case 'tamper': {
        const processes = event.by === undefined ? '' : this.#processes(event.by, false);
        return `{${this.#tail(event, tamperExtension(event, processes)).slice(1)}`;
      }
      case 'demotion':
        return `{${this.#tail(event, demotionExtension(event)).slice(1)}`;
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

  #policy(event: PolicyEvent): string {
    const processes = this.#processes(event, false);
    const { declared } = event.hook;
    switch (declared.kind) {
      case 'lsm':
        return `"process_lsm":{${processes}${lsmJson(event, declared)}`;
      case 'kprobe':
        return `"process_kprobe":{${processes}${kprobeJson(event, declared)}`;
      case 'tracepoint':
        return `"process_tracepoint":{${processes}${tracepointJson(event, declared)}`;
      default:
        return assertNever(declared);
    }
  }

  #processes(event: ExecEvent | ExitEvent | PolicyEvent | HeldEvent | TamperSource, withBinary: boolean): string {
    const process = this.#process(event, withBinary);
    const { parent, parentWorkload: workload } = event;
    if (parent === undefined) return `"process":${process}`;
    return `"process":${process},"parent":${this.#process({ process: parent, workload, tid: parent.tid }, false)}`;
  }

  #process({ process, workload, tid }: Role, withBinary: boolean): string {
    if (process.rendered?.renderer !== this) process.rendered = this.#fragments(process);
    const { head, middle, tail } = known(process.rendered, 'the text of a process');
    const pod = workload === undefined ? '' : this.#pods.of(workload, process.namespacePid);
    const properties = withBinary && this.#options.processCredentials ? binaryPropertiesJson(process) : undefined;
    const binary = properties === undefined ? '' : `,"binary_properties":${properties}`;
    return `${head}${pod}${middle},"tid":${tid}${tail}${binary}}`;
  }

  /** In the order of the field numbers: between them stand the pod, which may become known, and `tid`, which differs. */
  #fragments(process: Process): RenderedProcess {
    const { credentials } = process;
    let head = `{"exec_id":${quote(process.execId)},"pid":${process.key.pid}`;
    if (credentials !== undefined) head += `,"uid":${credentials.euid}`;
    if (process.cwd.text !== '') head += `,"cwd":${quote(process.cwd.text)}`;
    if (process.binary.text !== '') head += `,"binary":${quote(process.binary.text)}`;
    if (process.arguments.text !== '') head += `,"arguments":${quote(process.arguments.text)}`;
    head += `,"flags":${quote(process.flags)},"start_time":"${rfc3339(process.startWallNs)}"`;
    if (credentials !== undefined) head += `,"auid":${credentials.auid}`;
    let middle = '';
    if (process.parentExecId !== undefined) middle += `,"parent_exec_id":${quote(process.parentExecId)}`;

    let tail = '';
    if (this.#options.processCredentials && credentials !== undefined) {
      middle += `,"cap":${capabilitiesJson(credentials)}`;
      tail = `,"process_credentials":${credentialsJson(credentials)}`;
    }
    if (this.#options.processNamespaces && process.namespaces !== undefined) {
      middle += `,"ns":${namespacesJson(process.namespaces, this.#options.hostNamespaces)}`;
    }
    return { renderer: this, head, middle, tail };
  }
}
