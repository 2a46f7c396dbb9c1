/**
 * Lines that wait to be written: bounded, the last part of the room being kept for verdicts. They become bytes early, a
 * few at a time: a string of many parts that waits for its turn costs more memory, and more work, than all else here.
 */

/** What a flood of observations can take of the room. */
export const OBSERVATIONS_SHARE = 0.75;

export type LineQueueOptions = {
  /** Of all lines that wait. */
  readonly bytesMax: number;
  /** Of lines that are given out together; one line may be more. */
  readonly batchBytesMax: number;
};

/** Whole lines, with their ends. */
type Chunk = { readonly bytes: Buffer; readonly lines: number };

const CHUNK_CHARACTERS = 16 * 1024;

export class LineQueue {
  readonly #options: LineQueueOptions;
  readonly #chunkCharacters: number;
  #chunks: Chunk[] = [];
  #chunkBytes = 0;
  #chunkLines = 0;
  /** Lines that are no bytes yet. */
  #text = '';
  #textLines = 0;

  constructor(options: LineQueueOptions) {
    this.#options = options;
    this.#chunkCharacters = Math.min(CHUNK_CHARACTERS, options.batchBytesMax);
  }

  get length(): number {
    return this.#chunkLines + this.#textLines;
  }

  /** Whether a line may be added: what may not need not be made. Asked before its length is known, and so a line over. */
  hasRoom(verdict: boolean): boolean {
    const { bytesMax } = this.#options;
    return this.#chunkBytes + this.#text.length < (verdict ? bytesMax : bytesMax * OBSERVATIONS_SHARE);
  }

  push(line: string): void {
    if (this.#textLines > 0 && this.#text.length + line.length >= this.#chunkCharacters) this.#encode();
    this.#text += `${line}\n`;
    this.#textLines += 1;
  }

  /** The oldest lines, as many as a batch may have, one at least; empty when there are none. */
  take(): Buffer {
    if (this.#textLines > 0) this.#encode();
    let count = 0;
    let bytes = 0;
    for (; count < this.#chunks.length; count += 1) {
      const next = this.#chunks[count]?.bytes.length ?? 0;
      if (count > 0 && bytes + next > this.#options.batchBytesMax) break;
      bytes += next;
    }
    const taken = this.#chunks.slice(0, count);
    this.#chunks = this.#chunks.slice(count);
    this.#chunkBytes -= bytes;
    this.#chunkLines -= taken.reduce((sum, { lines }) => sum + lines, 0);
    return Buffer.concat(taken.map((chunk) => chunk.bytes));
  }

  #encode(): void {
    const bytes = Buffer.from(this.#text);
    this.#chunks.push({ bytes, lines: this.#textLines });
    this.#chunkBytes += bytes.length;
    this.#chunkLines += this.#textLines;
    this.#text = '';
    this.#textLines = 0;
  }
}
