/** Functions that have another name on another kernel. */
import { kernelSymbols } from '#kernel';

/** What opens a file by name: `(int dfd, struct filename *name, const struct open_flags *op)`. */
export const openFunction = present('do_filp_open', 'do_file_open');

function present(...names: readonly string[]): string {
  const symbols = kernelSymbols(names);
  return names.find((name) => symbols.has(name)) ?? names.join(' or ');
}
