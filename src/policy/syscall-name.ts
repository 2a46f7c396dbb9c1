/** The names that policies give to system calls. */

/** `name` is without `sys_`; `symbol` is what a hook on it is called. */
export type SyscallName = { readonly name: string; readonly width: 64 | 32; readonly symbol: string };

/** `sys_x` is that of the machine. The entries of 32-bit calls that need their arguments converted are `compat` ones. */
const entryWidths: Readonly<Record<string, 64 | 32>> = {
  sys_: 64,
  __x64_sys_: 64,
  __arm64_sys_: 64,
  __ia32_sys_: 32,
  __ia32_compat_sys_: 32,
  __arm64_compat_sys_: 32,
};

/** `i386/sys_x`: the table before the slash, and the prefix of its entries. */
const tables: Readonly<Record<string, string>> = { x64: '__x64_', i386: '__ia32_', arm64: '__arm64_' };

const syntax = /^(?:(?<table>[a-z0-9]+)\/)?(?<prefix>(?:__[a-z0-9]+_(?:compat_)?)?sys_)(?<name>[a-z0-9_]{1,64})$/;

/** Undefined when `written` is not the name of a system call, as far as its spelling tells. */
export function readSyscallName(written: string): SyscallName | undefined {
  const { table, prefix, name } = syntax.exec(written)?.groups ?? {};
  if (prefix === undefined || name === undefined) return undefined;
  const full = table === undefined ? prefix : prefixOfTable(table, prefix);
  const width = full !== undefined && Object.hasOwn(entryWidths, full) ? entryWidths[full] : undefined;
  return width === undefined ? undefined : { name, width, symbol: `${full}${name}` };
}

function prefixOfTable(table: string, prefix: string): string | undefined {
  if (prefix !== 'sys_' || !Object.hasOwn(tables, table)) return undefined;
  return `${tables[table]}sys_`;
}

/** A name that is the entry of a system call whatever the policy says, and no function with arguments of its own. */
export function isSyscallEntry(written: string): boolean {
  return written.startsWith('__') && readSyscallName(written) !== undefined;
}
