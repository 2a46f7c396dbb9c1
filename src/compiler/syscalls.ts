/** System calls by name: their numbers, and the functions that they enter by. */
import type { Architecture } from '#bpf';
import type { SyscallValue } from '#policy';
import { type Machine, machines } from './arch.ts';
import type { SyscallTable } from './syscalls-table.ts';

/** `name` is that of the table of the machine, when it has one; `entry` is the function, `event` what tracepoints call it. */
export type SystemCall = {
  readonly name: string;
  readonly width: 64 | 32;
  readonly entry: string;
  readonly event: string;
};

/** The type syscall64 marks the numbers of the 32-bit table so. */
const TABLE_32 = 0x8000_0000n;

/** As the type syscall64 has it; undefined when the machine has no such call. */
export function syscallNumber(
  { name, width }: Pick<SyscallValue, 'name' | 'width'>,
  arch: Architecture,
): bigint | undefined {
  const machine = machines[arch];
  if (width === 32) {
    const number = machine.calls32?.get(name);
    return number === undefined ? undefined : TABLE_32 | BigInt(number);
  }
  const number = machine.calls.get(tableName(name, machine));
  return number === undefined ? undefined : BigInt(number);
}

/** The other way round: what a number stands for in the table of a width. */
export function syscallName(number: number, width: 64 | 32, arch: Architecture): string | undefined {
  const table = width === 32 ? machines[arch].calls32 : machines[arch].calls;
  return table === undefined ? undefined : namesOf(table).get(number);
}

const names = new WeakMap<SyscallTable, ReadonlyMap<number, string>>();

function namesOf(table: SyscallTable): ReadonlyMap<number, string> {
  const made = names.get(table) ?? new Map(Array.from(table, ([name, number]) => [number, name]));
  names.set(table, made);
  return made;
}

/** A hook may name the call (`stat`) or its entry (`newstat`). */
function tableName(name: string, { calls, entryNames }: Machine): string {
  if (calls.has(name)) return name;
  return Object.keys(entryNames).find((call) => entryNames[call] === name) ?? name;
}

const ENTRY = /^(?<prefix>__\w+?_(?:compat_)?sys_)(?<name>\w+)$/;

/**
 * The call that a hook names: `sys_x` is that of the machine, `__x64_sys_x` of one machine and width.
 * Undefined when it is a call of another machine.
 */
export function systemCallOf(written: string, arch: Architecture): SystemCall | undefined {
  const machine = machines[arch];
  const { prefix = machine.entry, name = written.replace(/^sys_/, '') } = ENTRY.exec(written)?.groups ?? {};
  if (machine.entries32.includes(prefix)) return { name, width: 32, entry: written, event: name };
  if (prefix !== machine.entry) return undefined;
  const call = tableName(name, machine);
  const event = machine.entryNames[call] ?? name;
  return { name: call, width: 64, entry: `${machine.entry}${event}`, event };
}
