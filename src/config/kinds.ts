/** The kinds of values that options have: how each is written, read and printed. */

export type Kind<Value> = {
  /** Completes the sentence "it is not …". */
  readonly wanted: string;
  /** Stands for the value in a usage text. */
  readonly placeholder: string;
  /** `flag`: may be given without a value. `list`: may be given several times. */
  readonly arity: 'flag' | 'one' | 'list';
  /** Undefined when the texts are no such value. */
  parse(texts: readonly string[]): { readonly value: Value } | undefined;
  print(value: Value): string;
};

/** A kind that is written as one text. */
function single<Value>(kind: {
  readonly wanted: string;
  readonly placeholder: string;
  readonly parse: (text: string) => Value | undefined;
  readonly print: (value: Value) => string;
}): Kind<Value> {
  return {
    wanted: kind.wanted,
    placeholder: kind.placeholder,
    arity: 'one',
    parse(texts) {
      const [text] = texts;
      const value = texts.length === 1 && text !== undefined ? kind.parse(text) : undefined;
      return value === undefined ? undefined : { value };
    },
    print: kind.print,
  };
}

export function text(placeholder: string): Kind<string> {
  return single({
    wanted: 'one line of text',
    placeholder,
    parse: (written) => (/^[^\n\0]*$/.test(written) ? written : undefined),
    print: (value) => value,
  });
}

/** Relative names are those of `base`, where there is one. */
export function path(placeholder: string, base?: string): Kind<string> {
  return single({
    wanted: 'a path',
    placeholder,
    parse(written) {
      if (/[\n\0]/.test(written)) return undefined;
      return base === undefined || written === '' || written.startsWith('/') ? written : `${base}/${written}`;
    },
    print: (value) => value,
  });
}

export function flag(): Kind<boolean> {
  const kind = single<boolean>({
    wanted: 'true or false',
    placeholder: 'true|false',
    parse: (written) => (written === 'true' ? true : written === 'false' ? false : undefined),
    print: String,
  });
  return { ...kind, arity: 'flag' };
}

/** Without a host, all addresses of the machine. */
export type ListenAddress = { readonly host: string | undefined; readonly port: number };

/** Where to listen; undefined, written as nothing, for nowhere. */
export function listenAddress(): Kind<ListenAddress | undefined> {
  return {
    wanted: 'an address and a port, such as :2112, 127.0.0.1:2112 or [::1]:2112',
    placeholder: 'address',
    arity: 'one',
    parse(texts) {
      const [written] = texts;
      if (texts.length !== 1 || written === undefined) return undefined;
      if (written === '') return { value: undefined };
      const [, six, name, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([\w.-]*)):(\d{1,5})$/.exec(written) ?? [];
      const port = within(Number(digits), { min: 1, max: 65_535 });
      return port === undefined ? undefined : { value: { host: six ?? (name === '' ? undefined : name), port } };
    },
    print(value) {
      if (value === undefined) return '';
      const { host = '', port } = value;
      return `${host.includes(':') ? `[${host}]` : host}:${port}`;
    },
  };
}

type Range = { readonly min: number; readonly max: number };

export function count({ min, max }: Range): Kind<number> {
  return single({
    wanted: `a number from ${min} to ${max}`,
    placeholder: 'number',
    parse: (written) => (/^\d{1,15}$/.test(written) ? within(Number(written), { min, max }) : undefined),
    print: String,
  });
}

function within(value: number, { min, max }: Range): number | undefined {
  return value >= min && value <= max ? value : undefined;
}

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
type Unit = keyof typeof unitMs;

/** In milliseconds; written as `90s`, `1h30m` or `500ms`, a number alone being seconds. */
export function duration(range: Range): Kind<number> {
  return single({
    wanted: `a time from ${durationText(range.min)} to ${durationText(range.max)}, such as 30s or 1h30m`,
    placeholder: 'time',
    parse(written) {
      if (/^\d{1,9}$/.test(written)) return within(Number(written) * unitMs.s, range);
      if (!/^(\d{1,9}(ms|s|m|h))+$/.test(written)) return undefined;
      const parts = [...written.matchAll(/(\d+)(ms|s|m|h)/g)];
      const total = parts.reduce((sum, [, number, unit]) => sum + Number(number) * unitMs[unit as Unit], 0);
      return within(total, range);
    },
    print: durationText,
  });
}

function durationText(ms: number): string {
  const unit = (['h', 'm', 's', 'ms'] as const).find((each) => ms % unitMs[each] === 0) ?? 'ms';
  return ms === 0 ? '0s' : `${ms / unitMs[unit]}${unit}`;
}

const unitBytes = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 } as const;

/** What the kernel takes as the size of a ring: a power of two. */
export function ringBytes(range: Range): Kind<number> {
  return single({
    wanted: `a power of two from ${bytesText(range.min)} to ${bytesText(range.max)}, such as 4M`,
    placeholder: 'bytes',
    parse(written) {
      const [, number, unit] = /^(\d{1,12})([KMG]?)$/.exec(written) ?? [];
      if (number === undefined) return undefined;
      const bytes = Number(number) * unitBytes[(unit ?? '') as keyof typeof unitBytes];
      return Number.isInteger(Math.log2(bytes)) ? within(bytes, range) : undefined;
    },
    print: bytesText,
  });
}

function bytesText(bytes: number): string {
  const unit = (['G', 'M', 'K'] as const).find((each) => bytes > 0 && bytes % unitBytes[each] === 0) ?? '';
  return `${bytes / unitBytes[unit]}${unit}`;
}

/** Bits of a file's mode, in base 8. */
export function permission(): Kind<number> {
  return single({
    wanted: 'a permission in base 8 with which the owner can read and write, such as 600 or 640',
    placeholder: 'mode',
    parse: (written) => (/^0?[67][0-7]{2}$/.test(written) ? Number.parseInt(written, 8) : undefined),
    print: (value) => value.toString(8),
  });
}

export function choice<const Word extends string>(words: readonly Word[]): Kind<Word> {
  return single({
    wanted: `one of ${words.join(', ')}`,
    placeholder: words.join('|'),
    parse: (written) => words.find((word) => word === written),
    print: (value) => value,
  });
}

/** Any of the words; several may stand in one text, with commas between them. */
export function choices<const Word extends string>(
  words: readonly Word[],
  normalise: (text: string) => string = (each) => each,
): Kind<readonly Word[]> {
  return {
    wanted: `words out of ${words.join(', ')}`,
    placeholder: 'words',
    arity: 'list',
    parse(texts) {
      const written = texts.flatMap((each) => each.split(',')).map((each) => normalise(each.trim()));
      const value = written.map((each) => words.find((word) => word === each));
      return value.every((each) => each !== undefined) ? { value } : undefined;
    },
    print: (value) => value.join(','),
  };
}

export function texts(placeholder: string): Kind<readonly string[]> {
  return {
    wanted: 'a list of texts, none of them empty',
    placeholder,
    arity: 'list',
    parse: (written) => (written.every((each) => /^[^\n\0]+$/.test(each)) ? { value: written } : undefined),
    print: (value) => value.join(','),
  };
}

/**
 * Absolute paths of programs, without anything to resolve; one that ends in `*` stands for all that begin so. Only below
 * a directory: a single `*` at the root would be every program.
 */
export function binaries({ countMax, bytesMax }: BinaryLimits): Kind<readonly string[]> {
  return {
    wanted: `a list of at most ${countMax} absolute paths of programs, such as /usr/bin/kubelet or /opt/cni/bin/*`,
    placeholder: 'path',
    arity: 'list',
    parse(texts) {
      const value = [...new Set(texts.flatMap((each) => each.split(',')).map((each) => each.trim()))];
      const isBinary = (each: string) =>
        /^(\/(?!\.{1,2}(\/|$))[^/*\n\0]+)+(\*|\/\*)?$/.test(each) && Buffer.byteLength(each) <= bytesMax;
      return value.length <= countMax && value.every(isBinary) ? { value } : undefined;
    },
    print: (value) => value.join(','),
  };
}

type BinaryLimits = { readonly countMax: number; readonly bytesMax: number };
