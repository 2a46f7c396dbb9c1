/** The wire format of protocol buffers, as far as the few messages of NRI need it: texts, numbers, messages within. */

/** Not what the wire format allows. */
export class ProtobufMalformed extends Error {
  override readonly name = 'ProtobufMalformed';
}

const WIRE = { varint: 0, eight: 1, bytes: 2, four: 5 } as const;
const VARINT_BYTES_MAX = 10;

/** A message that was read; a field that is not there has the value that the format gives it. */
export class Message {
  readonly #bytes = new Map<number, Buffer[]>();
  readonly #numbers = new Map<number, bigint>();

  /** Throws ProtobufMalformed. */
  constructor(wire: Buffer) {
    let at = 0;
    const varint = (): bigint => {
      let value = 0n;
      for (let count = 0; count < VARINT_BYTES_MAX; count += 1) {
        const byte = wire[at];
        if (byte === undefined) break;
        at += 1;
        value |= BigInt(byte & 0x7f) << BigInt(7 * count);
        if (byte < 0x80) return BigInt.asUintN(64, value);
      }
      throw new ProtobufMalformed('a number does not end');
    };
    const take = (length: number): Buffer => {
      if (length > wire.length - at) throw new ProtobufMalformed('a field is longer than its message');
      at += length;
      return wire.subarray(at - length, at);
    };
    while (at < wire.length) {
      const tag = Number(varint());
      const [field, type] = [Math.floor(tag / 8), tag % 8];
      if (type === WIRE.varint) this.#numbers.set(field, varint());
      else if (type === WIRE.bytes) this.#add(field, take(Number(varint())));
      else if (type === WIRE.eight) take(8);
      else if (type === WIRE.four) take(4);
      else throw new ProtobufMalformed(`there is no wire type ${type}`);
    }
  }

  number(field: number): number {
    return Number(BigInt.asIntN(64, this.#numbers.get(field) ?? 0n));
  }

  /** The last one counts. */
  bytes(field: number): Buffer {
    return this.#bytes.get(field)?.at(-1) ?? Buffer.alloc(0);
  }

  text(field: number): string {
    return this.bytes(field).toString('utf8');
  }

  message(field: number): Message {
    return new Message(this.bytes(field));
  }

  messages(field: number): readonly Message[] {
    return (this.#bytes.get(field) ?? []).map((bytes) => new Message(bytes));
  }

  /** Of texts. */
  map(field: number): Readonly<Record<string, string>> {
    return Object.fromEntries(this.messages(field).map((entry) => [entry.text(1), entry.text(2)]));
  }

  #add(field: number, bytes: Buffer): void {
    const before = this.#bytes.get(field);
    if (before === undefined) this.#bytes.set(field, [bytes]);
    else before.push(bytes);
  }
}

export type FieldValue = string | number | Buffer;

/** A message of the fields given, by their numbers; numbers are not negative. */
export function encoded(fields: Readonly<Record<number, FieldValue>>): Buffer {
  const parts = Object.entries(fields).map(([field, value]) => {
    if (typeof value === 'number') return Buffer.concat([varintOf(Number(field) * 8 + WIRE.varint), varintOf(value)]);
    const bytes = Buffer.from(value as Buffer);
    return Buffer.concat([varintOf(Number(field) * 8 + WIRE.bytes), varintOf(bytes.length), bytes]);
  });
  return Buffer.concat(parts);
}

function varintOf(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}
