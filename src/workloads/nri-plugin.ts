/** A plugin of NRI: containerd (1.7 and newer) and CRI-O tell of a container before its first process, and wait for us. */
import { connect, type Socket } from 'node:net';
import type { HookAnswer } from './hook-server.ts';
import {
  type Announced,
  announcedContainer,
  announcedSandbox,
  CALL,
  CONFIGURE,
  EVENT,
  EVENTS_WANTED,
  podIdOf,
  podIdOfContainer,
  REGISTER,
  STATE_CHANGE,
  SYNCHRONIZE,
} from './nri-messages.ts';
import { encoded, Message, ProtobufMalformed } from './protobuf.ts';
import { type Answer, type Call, TtrpcPeer, unimplemented } from './ttrpc.ts';

export type NriOptions = {
  /** `/var/run/nri/nri.sock`, where the runtime has it. */
  readonly path: string;
  /** Takes a container in, and waits until it is known by all that policies ask for, or the signal aborts. */
  readonly announce: (announced: Announced, signal: AbortSignal) => Promise<HookAnswer>;
  /** Takes in one that was there before. */
  readonly found: (announced: Announced) => void;
};

export type NriCounts = {
  readonly connected: boolean;
  readonly connections: number;
  /** Containers announced, by what became of them. */
  readonly registered: number;
  readonly passed: number;
  readonly refused: number;
  /** Connections that ended as the runtime said what is no NRI. */
  readonly malformed: number;
};

const RUNTIME = 'nri.pkg.api.v1alpha1.Runtime';
/** Plugins are asked in order of their index: what the others change has been changed. */
const INDEX = '95';
const FAILED_PRECONDITION = 9; // google.rpc.Code
const RECONNECT_MS = 5000;
/** A runtime that says nothing else hangs up on a plugin after two seconds. */
const REQUEST_MS = 2000;
const PODS_MAX = 8192;
const NOTHING: Answer = { payload: Buffer.alloc(0) };

export class NriPlugin {
  readonly #options: NriOptions;
  #socket: Socket | undefined;
  #triedAtMs = Number.NEGATIVE_INFINITY;
  #answerMs = REQUEST_MS * 0.75;
  #ready = false;
  /** While a runtime tells what is there: pods by id, which containers refer to. */
  readonly #pods = new Map<string, Message>();
  readonly #counts = { connections: 0, registered: 0, passed: 0, refused: 0, malformed: 0 };

  constructor(options: NriOptions) {
    this.#options = options;
  }

  get counts(): NriCounts {
    return { ...this.#counts, connected: this.#ready };
  }

  /** To be called every second or so: connects when no runtime is connected. */
  tick(nowMs: number): void {
    if (this.#socket !== undefined || nowMs - this.#triedAtMs < RECONNECT_MS) return;
    this.#triedAtMs = nowMs;
    this.#connect();
  }

  [Symbol.dispose](): void {
    this.#socket?.destroy();
  }

  #connect(): void {
    const socket = connect(this.#options.path);
    this.#socket = socket;
    const peer = new TtrpcPeer({
      write: (bytes) => {
        if (!socket.destroyed) socket.write(bytes);
      },
      serve: (call) => this.#serve(call),
    });
    socket.on('error', () => undefined); // there is no runtime, or it has ended; tick tries again
    socket.on('close', () => {
      this.#socket = undefined;
      this.#ready = false;
      this.#pods.clear();
    });
    socket.on('data', (bytes: Buffer) => {
      try {
        peer.push(bytes);
      } catch (error) {
        if (!(error instanceof ProtobufMalformed)) throw error;
        this.#counts.malformed += 1;
        socket.destroy();
      }
    });
    socket.on('connect', () => {
      this.#counts.connections += 1;
      const payload = encoded({ [REGISTER.name]: 'ringfence', [REGISTER.index]: INDEX });
      void peer.call(RUNTIME, 'RegisterPlugin', payload).then((answer) => {
        if ('code' in answer) socket.destroy();
      });
    });
  }

  async #serve({ method, payload }: Call): Promise<Answer> {
    try {
      return await this.#answer(method, new Message(payload));
    } catch (error) {
      if (!(error instanceof ProtobufMalformed)) throw error;
      this.#counts.malformed += 1;
      return { code: FAILED_PRECONDITION, message: error.message };
    }
  }

  #answer(method: string, request: Message): Answer | Promise<Answer> {
    switch (method) {
      case 'Configure': {
        const given = request.number(CONFIGURE.requestTimeoutMs);
        this.#answerMs = (given > 0 ? given : REQUEST_MS) * 0.75;
        return { payload: encoded({ [CONFIGURE.events]: EVENTS_WANTED }) };
      }
      case 'Synchronize':
        return this.#synchronize(request);
      case 'RunPodSandbox':
        return this.#announce(request.message(CALL.pod), undefined);
      case 'StartContainer':
        return this.#announce(request.message(CALL.pod), request.message(CALL.container));
      case 'StateChange':
        return this.#stateChanged(request);
      case 'Shutdown':
        return NOTHING;
      default:
        return unimplemented(method);
    }
  }

  #stateChanged(request: Message): Answer | Promise<Answer> {
    const pod = request.message(STATE_CHANGE.pod);
    switch (request.number(STATE_CHANGE.event)) {
      case EVENT.runPodSandbox:
        return this.#announce(pod, undefined);
      case EVENT.startContainer:
        return this.#announce(pod, request.message(STATE_CHANGE.container));
      default:
        return NOTHING;
    }
  }

  /** What is there already, in one message or more. Labels may have changed since: Kubernetes tells them. */
  #synchronize(request: Message): Answer {
    for (const pod of request.messages(SYNCHRONIZE.pods)) {
      if (this.#pods.size < PODS_MAX) this.#pods.set(podIdOf(pod), pod);
      this.#options.found(announcedSandbox(pod, { fresh: false }));
    }
    for (const container of request.messages(SYNCHRONIZE.containers)) {
      const pod = this.#pods.get(podIdOfContainer(container));
      if (pod !== undefined) this.#options.found(announcedContainer(pod, container, { fresh: false }));
    }
    const more = request.number(SYNCHRONIZE.more);
    if (more === 0) this.#pods.clear();
    this.#ready = more === 0;
    return { payload: more === 0 ? Buffer.alloc(0) : encoded({ [SYNCHRONIZE.answerMore]: more }) };
  }

  async #announce(pod: Message, container: Message | undefined): Promise<Answer> {
    const fresh = { fresh: true };
    const announced =
      container === undefined ? announcedSandbox(pod, fresh) : announcedContainer(pod, container, fresh);
    const answer = await this.#options.announce(announced, AbortSignal.timeout(this.#answerMs));
    this.#counts[answer.kind] += 1;
    return answer.kind === 'refused' ? { code: FAILED_PRECONDITION, message: `ringfence: ${answer.reason}` } : NOTHING;
  }
}
