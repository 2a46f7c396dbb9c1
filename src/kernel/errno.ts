/** From the number that a call left behind to the one error that says which call, why, and what to do. */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { EnvironmentError } from '#diagnostics';

export const ENOTSUPP = 524; // include/linux/errno.h; not in the errno table of userspace, but bpf() returns it

const names: ReadonlyMap<number, string> = new Map([
  ...Object.entries(constants.errno)
    .reverse() // where two names share a number (EAGAIN, EWOULDBLOCK), the first of the table stands
    .map(([name, number]) => [number, name] as const),
  [ENOTSUPP, 'ENOTSUPP'] as const,
]);

/** `EPERM` for 1; `errno 4711` for a number without a name. */
export function errnoName(errno: number): string {
  return names.get(errno) ?? `errno ${errno}`;
}

/** The error for a `call` that failed with `errno`; `said` is what libbpf printed meanwhile, if anything. */
export function refused(call: string, errno: number, said: readonly string[] = []): EnvironmentError {
  const denied = errno === constants.errno.EPERM || errno === constants.errno.EACCES;
  const code = denied && missingCapabilities().length > 0 ? 'RF3001' : 'RF3002';
  const cause = said.length === 0 ? undefined : new Error(said.join('\n'));
  return new EnvironmentError(code, { call, errno: errnoName(errno) }, cause === undefined ? {} : { cause });
}

// Bit numbers from include/uapi/linux/capability.h.
const CAP_SYS_ADMIN = 21n;
const CAP_PERFMON = 38n;
const CAP_BPF = 39n;

/** Which of the capabilities that loading and attaching need this process lacks; none for root. */
export function missingCapabilities(status: string = readFileSync('/proc/self/status', 'latin1')): readonly string[] {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  const has = (bit: bigint): boolean => ((effective >> bit) & 1n) === 1n;
  if (has(CAP_SYS_ADMIN)) return []; // implies both of the finer ones, kernel/bpf/syscall.c
  const missing = ['CAP_SYS_ADMIN']; // BPF_*_GET_FD_BY_ID and libbpf's BTF lookups have no finer capability on 6.1
  if (!has(CAP_BPF)) missing.push('CAP_BPF');
  if (!has(CAP_PERFMON)) missing.push('CAP_PERFMON');
  return missing;
}
