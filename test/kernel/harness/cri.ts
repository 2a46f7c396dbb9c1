/** The interface by which the kubelet drives a container runtime: gRPC on its socket, the few calls that tests make. */
import { type ClientHttp2Session, connect } from 'node:http2';
import { createConnection } from 'node:net';
import { encoded, Message } from '../../../src/workloads/protobuf.ts';

const SERVICE = '/runtime.v1.RuntimeService/';
/** Of a message: whether it is compressed, and its length. */
const PREFIX_BYTES = 5;
const NODE_NAMESPACE = 2;

/** Field numbers of k8s.io/cri-api, runtime.v1. */
const SANDBOX = { metadata: 1, labels: 6, linux: 8, cgroupParent: 1, security: 2, namespaces: 1, network: 1 } as const;
const METADATA = { name: 1, uid: 2, namespace: 3 } as const;
const CONTAINER_METADATA = { name: 1, attempt: 2 } as const;
const CONTAINER = { metadata: 1, image: 2, command: 3, mounts: 7 } as const;
const MOUNT = { containerPath: 1, hostPath: 2 } as const;
const STATUS = { state: 3, exitCode: 7 } as const;

export const EXITED = 2;

export type CriPod = {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
};

export type CriContainer = {
  readonly name: string;
  /** How often there was one of this name in the pod. */
  readonly attempt: number;
  readonly image: string;
  readonly command: readonly string[];
  /** A directory of the node, by where the container has it. */
  readonly mounts: Readonly<Record<string, string>>;
};

export class Cri {
  readonly #session: ClientHttp2Session;

  constructor(socket: string) {
    this.#session = connect('http://localhost', { createConnection: () => createConnection(socket) });
    this.#session.on('error', () => undefined); // calls that are made hear of it
  }

  async version(): Promise<void> {
    await this.#call('Version', Buffer.alloc(0));
  }

  /** In the network of the node. Returns the id of the sandbox. */
  async runPod(pod: CriPod): Promise<string> {
    return (await this.#call('RunPodSandbox', encoded({ 1: sandboxOf(pod) }))).text(1);
  }

  /** Returns the id of the container, which does not run yet. */
  async createContainer(sandbox: string, pod: CriPod, container: CriContainer): Promise<string> {
    const request = encoded({ 1: sandbox, 2: containerOf(container), 3: sandboxOf(pod) });
    return (await this.#call('CreateContainer', request)).text(1);
  }

  async startContainer(id: string): Promise<void> {
    await this.#call('StartContainer', encoded({ 1: id }));
  }

  async containerStatus(id: string): Promise<{ readonly state: number; readonly exitCode: number }> {
    const status = (await this.#call('ContainerStatus', encoded({ 1: id }))).message(1);
    return { state: status.number(STATUS.state), exitCode: status.number(STATUS.exitCode) };
  }

  async removePod(sandbox: string): Promise<void> {
    await this.#call('StopPodSandbox', encoded({ 1: sandbox }));
    await this.#call('RemovePodSandbox', encoded({ 1: sandbox }));
  }

  [Symbol.dispose](): void {
    this.#session.destroy();
  }

  async #call(method: string, payload: Buffer): Promise<Message> {
    const prefix = Buffer.alloc(PREFIX_BYTES);
    prefix.writeUInt32BE(payload.length, 1);
    const stream = this.#session.request({
      ...{ ':method': 'POST', ':path': `${SERVICE}${method}` },
      ...{ 'content-type': 'application/grpc', te: 'trailers' },
    });
    let answer: Readonly<Record<string, unknown>> = {};
    const keep = (headers: Readonly<Record<string, unknown>>) => {
      answer = { ...answer, ...headers };
    };
    stream.on('response', keep).on('trailers', keep);
    stream.end(Buffer.concat([prefix, payload]));
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    if (answer['grpc-status'] !== '0') throw new Error(`${method}: ${answer['grpc-message']}`);
    return new Message(Buffer.concat(chunks).subarray(PREFIX_BYTES));
  }
}

function sandboxOf({ uid, namespace, name, labels }: CriPod): Buffer {
  const security = encoded({ [SANDBOX.namespaces]: encoded({ [SANDBOX.network]: NODE_NAMESPACE }) });
  const parent = `/kubepods/burstable/pod${uid}`;
  return Buffer.concat([
    encoded({
      [SANDBOX.metadata]: encoded({ [METADATA.name]: name, [METADATA.uid]: uid, [METADATA.namespace]: namespace }),
    }),
    ...Object.entries(labels).map(([key, value]) => encoded({ [SANDBOX.labels]: encoded({ 1: key, 2: value }) })),
    encoded({ [SANDBOX.linux]: encoded({ [SANDBOX.cgroupParent]: parent, [SANDBOX.security]: security }) }),
  ]);
}

/** What is repeated is a field each time. */
function containerOf({ name, attempt, image, command, mounts }: CriContainer): Buffer {
  return Buffer.concat([
    encoded({
      [CONTAINER.metadata]: encoded({ [CONTAINER_METADATA.name]: name, [CONTAINER_METADATA.attempt]: attempt }),
      [CONTAINER.image]: encoded({ 1: image }),
    }),
    ...command.map((word) => encoded({ [CONTAINER.command]: word })),
    ...Object.entries(mounts).map(([containerPath, hostPath]) =>
      encoded({
        [CONTAINER.mounts]: encoded({ [MOUNT.containerPath]: containerPath, [MOUNT.hostPath]: hostPath }),
      }),
    ),
  ]);
}
