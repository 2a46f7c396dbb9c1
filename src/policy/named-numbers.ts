/** Numbers that policies may write by name. */

export type Vocabulary = {
  /** What one value is, for a sentence. */
  readonly what: string;
  /** What may be written, after "write". */
  readonly forms: string;
  /** What stands before each name in the headers of the kernel; policies may leave it out. */
  readonly prefix: string;
  readonly names: Readonly<Record<string, number>>;
  readonly minimum: number;
  readonly maximum: number;
};

/** With or without its prefix, in any case. */
export function numberOfName({ names, prefix }: Vocabulary, written: string): number | undefined {
  const name = written.toUpperCase();
  const bare = prefix !== '' && name.startsWith(prefix) ? name.slice(prefix.length) : name;
  return Object.hasOwn(names, bare) ? names[bare] : undefined;
}
