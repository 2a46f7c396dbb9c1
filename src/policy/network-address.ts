/** IP addresses and networks: from text to bytes in network order. */

export type Network = {
  readonly version: 4 | 6;
  readonly bytes: Uint8Array;
  readonly prefixLength: number;
};

/** Undefined when the text is neither an address nor a network. Bits behind the prefix are kept: see `maskedNetwork`. */
export function readNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/');
  const bytes = readAddress(slash === -1 ? text : text.slice(0, slash));
  if (bytes === undefined) return undefined;
  const prefixLength = slash === -1 ? bytes.length * 8 : readPrefixLength(text.slice(slash + 1), bytes.length * 8);
  if (prefixLength === undefined) return undefined;
  return withoutMapping(bytes, prefixLength);
}

function readAddress(text: string): readonly number[] | undefined {
  return text.includes(':') ? readVersion6(text) : readVersion4(text);
}

function readPrefixLength(text: string, most: number): number | undefined {
  return /^(0|[1-9]\d{0,2})$/.test(text) && Number(text) <= most ? Number(text) : undefined;
}

function readVersion4(text: string): readonly number[] | undefined {
  const parts = text.split('.');
  // A leading zero means base 8 to some readers and nothing to others.
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) {
    return undefined;
  }
  return parts.map(Number);
}

/** At most one `::` stands for the zeros that are left out. */
function readVersion6(text: string): readonly number[] | undefined {
  const [before = '', after, ...others] = text.split('::');
  if (others.length > 0) return undefined;
  const head = readGroups(before, after === undefined);
  const tail = after === undefined ? [] : readGroups(after, true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  if (after === undefined ? missing !== 0 : missing < 2) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...tail];
}

/** Groups of 16 bits; the last 32 bits of an address may be written as those of version 4. */
function readGroups(text: string, mayEndInVersion4: boolean): readonly number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [position, group] of groups.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
      continue;
    }
    const embedded = mayEndInVersion4 && position === groups.length - 1 ? readVersion4(group) : undefined;
    if (embedded === undefined) return undefined;
    bytes.push(...embedded);
  }
  return bytes;
}

const mappedPrefix = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff] as const;

/** The kernel side takes an address of version 4 that is mapped into version 6 for what it is. */
function withoutMapping(bytes: readonly number[], prefixLength: number): Network {
  if (bytes.length === 4) return { version: 4, bytes: Uint8Array.from(bytes), prefixLength };
  const bits = mappedPrefix.length * 8;
  if (prefixLength < bits || mappedPrefix.some((byte, position) => bytes[position] !== byte)) {
    return { version: 6, bytes: Uint8Array.from(bytes), prefixLength };
  }
  return { version: 4, bytes: Uint8Array.from(bytes.slice(mappedPrefix.length)), prefixLength: prefixLength - bits };
}

/** The network itself: zero behind its prefix. */
export function maskedNetwork({ version, bytes, prefixLength }: Network): Network {
  const masked = bytes.map((byte, position) => {
    const kept = Math.min(8, Math.max(0, prefixLength - position * 8));
    return byte & (0xff << (8 - kept));
  });
  return { version, bytes: masked, prefixLength };
}

export function networkText({ version, bytes, prefixLength }: Network): string {
  if (version === 4) return `${bytes.join('.')}/${prefixLength}`;
  const groups = Array.from({ length: 8 }, (_, group) => {
    return (((bytes[group * 2] ?? 0) << 8) | (bytes[group * 2 + 1] ?? 0)).toString(16);
  });
  return `${groups.join(':')}/${prefixLength}`;
}
