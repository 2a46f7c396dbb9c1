/** What somebody tried to do to the agent: as the kernel refused or saw it, or as it was found done. */
import { tamper, tamperFlag, tamperPin } from '#abi';
import { decodeText, textOf } from '#process';
import { known } from '#std';
import type { TamperEvent, TamperKind, TamperOutcome, TamperSource } from './event.ts';
import { signalName } from './kernel-names.ts';
import type { TamperRecord } from './record.ts';

export type Attempt = Pick<TamperEvent, 'nodeName' | 'timeNs'> &
  Pick<TamperSource, 'identity' | 'process' | 'parent' | 'workload' | 'parentWorkload'>;

export function tamperEvent(record: TamperRecord, { nodeName, timeNs, ...who }: Attempt): TamperEvent {
  const { what, detail } = known(kinds.get(record.what), 'kind of tampering');
  return {
    kind: 'tamper',
    nodeName,
    timeNs,
    what,
    outcome: outcomeOf(record),
    name: decodeText(record.name),
    detail: detail(record.detail),
    by: {
      ...who,
      tid: record.tid,
      onHost: (record.flags & tamperFlag.host) !== 0,
      comm: decodeText(record.comm),
      cgroupId: record.cgroupId,
      subject: record.subject,
    },
  };
}

/** What the agent found when it looked after its own. */
export type TamperFinding = {
  readonly what: Extract<TamperKind, 'pin' | 'mount' | 'kprobes'>;
  readonly path: string;
  /** Why it could not be put right; undefined when it could. */
  readonly failure: string | undefined;
};

export function foundTampered(
  { what, path, failure }: TamperFinding,
  place: { readonly nodeName: string; readonly timeNs: bigint },
): TamperEvent {
  return {
    kind: 'tamper',
    ...place,
    what,
    outcome: failure === undefined ? 'repaired' : 'failed',
    name: textOf(path),
    detail: failure ?? '',
    by: undefined,
  };
}

function outcomeOf({ verdict, flags }: TamperRecord): TamperOutcome {
  if (verdict !== 0) return 'denied';
  return flags & tamperFlag.monitor ? 'would' : 'seen';
}

type Kind = { readonly what: TamperKind; readonly detail: (detail: number) => string };

const nothing = () => '';
const modes = ['', 'read', 'write', 'read+write', 'freeze'] as const;
const removals: ReadonlyMap<number, string> = new Map([
  [tamperPin.unlink, 'unlink'],
  [tamperPin.rmdir, 'rmdir'],
  [tamperPin.rename, 'rename'],
]);

/** By numbers of resource limits, include/uapi/asm-generic/resource.h: the same on every architecture we run on. */
const limits = 'CPU FSIZE DATA STACK CORE RSS NPROC NOFILE MEMLOCK AS LOCKS SIGPENDING MSGQUEUE NICE RTPRIO RTTIME';

const kinds: ReadonlyMap<number, Kind> = new Map<number, Kind>([
  [tamper.map, { what: 'map', detail: (mode) => modes[mode] ?? '' }],
  [tamper.program, { what: 'program', detail: nothing }],
  [tamper.signal, { what: 'signal', detail: signalName }],
  [tamper.ptrace, { what: 'ptrace', detail: nothing }],
  [tamper.limit, { what: 'limit', detail: (resource) => limits.split(' ')[resource] ?? String(resource) }],
  [tamper.cgroup, { what: 'cgroup', detail: nothing }],
  [tamper.cgroupMove, { what: 'cgroup-move', detail: nothing }],
  [tamper.pin, { what: 'pin', detail: (how) => removals.get(how) ?? '' }],
  [tamper.mount, { what: 'mount', detail: nothing }],
]);
