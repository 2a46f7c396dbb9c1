/**
 * The wire between host and guest: frames over a serial line, and credit for what the host may send.
 * Both sides import this file, so it uses nothing but Node.
 */

/** What a frame says; `run` goes to the guest, `credit` tells the host how many of its bytes were read. */
const KINDS = ['ready', 'run', 'stdout', 'stderr', 'exit', 'credit'] as const;
export type FrameKind = (typeof KINDS)[number];

export type Frame = {
  readonly kind: FrameKind;
  /** Which run it belongs to; 0 when none. */
  readonly run: number;
  readonly body: Buffer;
};

export type RunRequest = {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
};

export type RunExit = { readonly status: number | null; readonly signal: string | null; readonly error?: string };

const HEADER_BYTES = 8;
const FRAME_BYTES_MAX = 1 << 20;
/** The guest's line discipline drops what exceeds its 4,096-byte buffer: the host never sends more unread. */
export const UNREAD_BYTES_MAX = 2_048;

export function encodeFrame(kind: FrameKind, run: number, body: Uint8Array | string = ''): Buffer {
  const content = Buffer.from(body);
  if (content.length > FRAME_BYTES_MAX) throw new RangeError(`a frame of ${content.length} bytes is too long`);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(KINDS.indexOf(kind), 0);
  header.writeUInt16LE(run, 2);
  header.writeUInt32LE(content.length, 4);
  return Buffer.concat([header, content]);
}

/** Cuts a stream of bytes, in whatever pieces it comes, into frames. */
export class FrameReader {
  #pending: Buffer[] = [];
  #length = 0;

  *read(chunk: Uint8Array): Generator<Frame> {
    this.#pending.push(Buffer.from(chunk));
    this.#length += chunk.length;
    while (this.#length >= HEADER_BYTES) {
      const data = this.#joined();
      const kind = KINDS[data.readUInt8(0)];
      const length = data.readUInt32LE(4);
      if (kind === undefined || length > FRAME_BYTES_MAX) throw new Error('the serial line carries no frame');
      const end = HEADER_BYTES + length;
      if (data.length < end) return;
      yield { kind, run: data.readUInt16LE(2), body: data.subarray(HEADER_BYTES, end) };
      this.#pending = [data.subarray(end)];
      this.#length = data.length - end;
    }
  }

  #joined(): Buffer {
    const data = this.#pending.length === 1 ? this.#pending[0] : undefined;
    const joined = data ?? Buffer.concat(this.#pending);
    this.#pending = [joined];
    return joined;
  }
}

/** Gives out bytes to send only as far as the other side has read what went before. */
export class CreditedWriter {
  readonly #write: (bytes: Buffer) => void;
  #waiting = Buffer.alloc(0);
  #unread = 0;

  constructor(write: (bytes: Buffer) => void) {
    this.#write = write;
  }

  send(frame: Buffer): void {
    this.#waiting = Buffer.concat([this.#waiting, frame]);
    this.#advance();
  }

  /** The other side has read `bytes` more. */
  credit(bytes: number): void {
    this.#unread -= bytes;
    this.#advance();
  }

  #advance(): void {
    const count = Math.min(UNREAD_BYTES_MAX - this.#unread, this.#waiting.length);
    if (count <= 0) return;
    const now = this.#waiting.subarray(0, count);
    this.#waiting = this.#waiting.subarray(count);
    this.#unread += count;
    this.#write(now);
  }
}
