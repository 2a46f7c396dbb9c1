/** Tables of system calls: names by number, written as runs of names that follow a number. */

export type SyscallTable = ReadonlyMap<string, number>;

export function numbered(runs: Readonly<Record<number, string>>): SyscallTable {
  const entries = Object.entries(runs).flatMap(([first, names]) =>
    names
      .trim()
      .split(/\s+/)
      .map((name, index) => [name, Number(first) + index] as const),
  );
  return new Map(entries);
}
