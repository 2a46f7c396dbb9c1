/** What the kernel tells of a program, a map or a link: struct bpf_*_info, read field by field. */
import { checked, loadLibbpf } from './ffi.ts';
import { Descriptor } from './handle.ts';
import { MappedMemory } from './mapped-memory.ts';

/** A struct as far as this kernel fills it: what lies beyond reads as undefined. */
export type Info = {
  readonly u32: (offset: number) => number;
  readonly u64: (offset: number) => bigint;
  readonly hex: (offset: number, length: number) => string;
  readonly text: (offset: number, length: number) => string;
  readonly knows: (offset: number) => boolean;
};

/** Asks for `length` bytes; an older kernel fills fewer and says so, a newer one fills what was asked for. */
export function readInfo(fd: number, length: number, prepare: (bytes: Buffer) => void = () => undefined): Info {
  const bytes = Buffer.alloc(length);
  prepare(bytes);
  const filled = Uint32Array.of(length);
  checked('bpf_obj_get_info_by_fd', loadLibbpf().bpf_obj_get_info_by_fd(fd, bytes, filled));
  return {
    u32: (offset) => bytes.readUInt32LE(offset),
    u64: (offset) => bytes.readBigUInt64LE(offset),
    hex: (offset, size) => bytes.toString('hex', offset, offset + size),
    text: (offset, size) => {
      const end = bytes.indexOf(0, offset);
      return bytes.toString('latin1', offset, end < 0 ? offset + size : Math.min(end, offset + size));
    },
    knows: (offset) => offset < (filled[0] ?? 0),
  };
}

/** struct bpf_prog_info, include/uapi/linux/bpf.h. */
export type ProgramInfo = {
  /** enum bpf_prog_type. */
  readonly type: number;
  readonly id: number;
  /** Hash of the instructions, by which a restarted agent knows its own programs. */
  readonly tag: string;
  readonly name: string;
  /** Bytes of machine code, 0 when the kernel interprets. */
  readonly jitedBytes: number;
  /** Only counted while the sysctl kernel.bpf_stats_enabled is 1. */
  readonly runTimeNs: bigint;
  readonly runCount: bigint;
  /** How often the recursion guard skipped the program; since 5.12 (9ed9e9ba2337). */
  readonly recursionMisses: bigint | undefined;
  /** How many instructions the verifier walked; since 5.16 (aba64c7da983). */
  readonly verifiedInstructions: number | undefined;
};

const PROGRAM_INFO_BYTES = 232;

export function readProgramInfo(fd: number): ProgramInfo {
  const info = readInfo(fd, PROGRAM_INFO_BYTES);
  return {
    type: info.u32(0),
    id: info.u32(4),
    tag: info.hex(8, 8),
    jitedBytes: info.u32(16),
    name: info.text(64, 16),
    runTimeNs: info.u64(192),
    runCount: info.u64(200),
    recursionMisses: info.knows(208) ? info.u64(208) : undefined,
    verifiedInstructions: info.knows(216) ? info.u32(216) : undefined,
  };
}

/** Of any program in the kernel: with a link's `programId`, how a restarted agent tells its own pins from others. */
export function programInfoById(id: number): ProgramInfo {
  using program = openProgram(id);
  return readProgramInfo(program.fd);
}

const PROGRAM_MAPS_MAX = 64; // MAX_USED_MAPS, include/linux/bpf_verifier.h

/** The ids of the maps that a program uses. */
export function programMapIds(id: number): ReadonlySet<number> {
  using program = openProgram(id);
  using memory = MappedMemory.anonymous(4 * PROGRAM_MAPS_MAX);
  const info = readInfo(program.fd, PROGRAM_INFO_BYTES, (bytes) => {
    bytes.writeUInt32LE(PROGRAM_MAPS_MAX, 52);
    bytes.writeBigUInt64LE(memory.address, 56);
  });
  const count = Math.min(info.u32(52), PROGRAM_MAPS_MAX);
  return new Set(new Uint32Array(memory.buffer, 0, count));
}

function openProgram(id: number): Descriptor {
  const fd = checked(`bpf_prog_get_fd_by_id(${id})`, loadLibbpf().bpf_prog_get_fd_by_id(id));
  return new Descriptor(`the program ${id}`, fd);
}

/** struct bpf_link_info: what every kind of link has, and what a probe counts. */
export type LinkInfo = {
  readonly type: number;
  readonly id: number;
  readonly programId: number;
  /** Of a kprobe or kretprobe: hits that the kernel did not handle; since 6.7 (3acf8ace6823). */
  readonly missed: bigint | undefined;
  readonly target: LinkTarget | undefined;
};

/** What a link is attached to, as far as numbers tell it; `attach` is of enum bpf_attach_type. */
export type LinkTarget =
  | { readonly kind: 'function'; readonly attach: number; readonly btfObject: number; readonly btfType: number }
  | { readonly kind: 'cgroup'; readonly attach: number; readonly cgroupId: bigint }
  | { readonly kind: 'interface'; readonly attach: number | undefined; readonly index: number };

const LINK_INFO_BYTES = 64;
/** enum bpf_link_type. */
const linkType = { tracing: 2, cgroup: 3, xdp: 6, perfEvent: 7, tcx: 11, netkit: 13 } as const;
const PERF_EVENT_KPROBE = 3; // enum bpf_perf_event_type
const PERF_EVENT_KRETPROBE = 4;

export function readLinkInfo(fd: number): LinkInfo {
  const info = readInfo(fd, LINK_INFO_BYTES);
  const type = info.u32(0);
  const event = info.u32(16);
  const isProbe = type === linkType.perfEvent && (event === PERF_EVENT_KPROBE || event === PERF_EVENT_KRETPROBE);
  return {
    type,
    id: info.u32(4),
    programId: info.u32(8),
    missed: isProbe && info.knows(48) ? info.u64(48) : undefined,
    target: targetOf(type, info),
  };
}

function targetOf(type: number, info: Info): LinkTarget | undefined {
  switch (type) {
    case linkType.tracing:
      return { kind: 'function', attach: info.u32(16), btfObject: info.u32(20), btfType: info.u32(24) };
    case linkType.cgroup:
      return { kind: 'cgroup', attach: info.u32(24), cgroupId: info.u64(16) };
    case linkType.xdp:
      return { kind: 'interface', attach: undefined, index: info.u32(16) };
    case linkType.tcx:
    case linkType.netkit:
      return { kind: 'interface', attach: info.u32(20), index: info.u32(16) };
    default:
      return undefined;
  }
}
