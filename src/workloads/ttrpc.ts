/**
 * ttrpc, calls over a byte stream, as NRI has them: both ends call and are called on streams of their own, and both
 * streams share one socket. Frames of the socket: stream, length. Messages of a stream: length, call, kind, flags.
 */
import { encoded, Message, ProtobufMalformed } from './protobuf.ts';

/** The streams of NRI: in one the runtime calls us, in the other we call it. */
export const STREAM = { plugin: 1, runtime: 2 } as const;

export type Call = { readonly method: string; readonly payload: Buffer };
export type Answer = { readonly payload: Buffer } | { readonly code: number; readonly message: string };

export type PeerOptions = {
  readonly write: (bytes: Buffer) => void;
  /** The runtime calls. */
  readonly serve: (call: Call) => Promise<Answer>;
};

const KIND = { request: 1, response: 2 } as const;
const FRAME_HEAD_BYTES = 8;
const HEAD_BYTES = 10;
/** Both formats allow no more. */
const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
/** A runtime waits for each answer before the next call of that kind; more is not NRI. */
const CALLS_MAX = 1024;

const UNIMPLEMENTED = 12; // google.rpc.Code
const REQUEST = { service: 1, method: 2, payload: 3 } as const;
const RESPONSE = { status: 1, payload: 2 } as const;
const STATUS = { code: 1, message: 2 } as const;

export class TtrpcPeer {
  readonly #options: PeerOptions;
  readonly #input = new Input();
  readonly #streams = new Map<number, Input>([
    [STREAM.plugin, new Input()],
    [STREAM.runtime, new Input()],
  ]);
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #serving = 0;
  #nextCall = 1;

  constructor(options: PeerOptions) {
    this.#options = options;
  }

  /** Bytes of the socket. Throws ProtobufMalformed for what is none of it: nothing after it can be read. */
  push(bytes: Buffer): void {
    this.#input.push(bytes);
    for (;;) {
      const head = this.#input.peek(FRAME_HEAD_BYTES);
      if (head === undefined) return;
      const [id, length] = [head.readUInt32BE(0), head.readUInt32BE(4)];
      if (length > MESSAGE_BYTES_MAX + HEAD_BYTES) throw new ProtobufMalformed('a frame is too large');
      const frame = this.#input.take(FRAME_HEAD_BYTES + length);
      if (frame === undefined) return;
      this.#streams.get(id)?.push(frame.subarray(FRAME_HEAD_BYTES));
      this.#readStream(id);
    }
  }

  /** Calls the runtime. */
  call(service: string, method: string, payload: Buffer): Promise<Answer> {
    const call = this.#nextCall;
    this.#nextCall += 2; // of who calls, they are odd
    const request = encoded({ [REQUEST.service]: service, [REQUEST.method]: method, [REQUEST.payload]: payload });
    return new Promise((resolve) => {
      this.#waiting.set(call, resolve);
      this.#send(STREAM.runtime, call, KIND.request, request);
    });
  }

  #readStream(id: number): void {
    const input = this.#streams.get(id);
    for (;;) {
      const head = input?.peek(HEAD_BYTES);
      if (input === undefined || head === undefined) return;
      const length = head.readUInt32BE(0);
      if (length > MESSAGE_BYTES_MAX) throw new ProtobufMalformed('a message is too large');
      const whole = input.take(HEAD_BYTES + length);
      if (whole === undefined) return;
      const [call, kind, body] = [head.readUInt32BE(4), head[8], whole.subarray(HEAD_BYTES)];
      if (id === STREAM.plugin && kind === KIND.request) this.#serve(call, new Message(body));
      if (id === STREAM.runtime && kind === KIND.response) this.#answered(call, new Message(body));
    }
  }

  #serve(call: number, request: Message): void {
    if (this.#serving >= CALLS_MAX) throw new ProtobufMalformed('too many calls at once');
    this.#serving += 1;
    const asked = { method: request.text(REQUEST.method), payload: request.bytes(REQUEST.payload) };
    void this.#options.serve(asked).then((answer) => {
      this.#serving -= 1;
      const fields =
        'payload' in answer
          ? { [RESPONSE.payload]: answer.payload }
          : { [RESPONSE.status]: encoded({ [STATUS.code]: answer.code, [STATUS.message]: answer.message }) };
      this.#send(STREAM.plugin, call, KIND.response, encoded(fields));
    });
  }

  #answered(call: number, response: Message): void {
    const status = response.message(RESPONSE.status);
    const code = status.number(STATUS.code);
    const answer =
      code === 0 ? { payload: response.bytes(RESPONSE.payload) } : { code, message: status.text(STATUS.message) };
    this.#waiting.get(call)?.(answer);
    this.#waiting.delete(call);
  }

  #send(stream: number, call: number, kind: number, body: Buffer): void {
    const head = Buffer.alloc(FRAME_HEAD_BYTES + HEAD_BYTES);
    head.writeUInt32BE(stream, 0);
    head.writeUInt32BE(HEAD_BYTES + body.length, 4);
    head.writeUInt32BE(body.length, 8);
    head.writeUInt32BE(call, 12);
    head.writeUInt8(kind, 16);
    this.#options.write(Buffer.concat([head, body]));
  }
}

export const unimplemented = (method: string): Answer => ({ code: UNIMPLEMENTED, message: `${method} is not served` });

/** Bytes that came, and are not yet a whole of something. */
class Input {
  #chunks: Buffer[] = [];
  #length = 0;

  push(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#length += bytes.length;
  }

  peek(length: number): Buffer | undefined {
    return this.#length < length ? undefined : this.#whole().subarray(0, length);
  }

  take(length: number): Buffer | undefined {
    if (this.#length < length) return undefined;
    const whole = this.#whole();
    this.#chunks = [whole.subarray(length)];
    this.#length -= length;
    return whole.subarray(0, length);
  }

  #whole(): Buffer {
    const [only] = this.#chunks;
    if (this.#chunks.length !== 1 || only === undefined) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }
}
