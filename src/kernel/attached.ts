/** Programs that are attached without a link, as older tools do it: to a cgroup, and to a network interface. */
import { closeSync, openSync } from 'node:fs';
import { type Libbpf, loadLibbpf, sized } from './ffi.ts';

const PROGRAMS_MAX = 64; // BPF_CGROUP_MAX_PROGS, include/linux/bpf-cgroup-defs.h

/** Ids of the programs that are attached to this very cgroup for `attachType`; none where the kernel has no answer. */
export function programsOfCgroup(path: string, attachTypes: readonly number[]): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, readonly number[]>();
  const fd = openOrGone(path);
  if (fd === undefined) return found;
  try {
    for (const attachType of attachTypes) {
      const ids = new Uint32Array(PROGRAMS_MAX);
      const count: [number] = [PROGRAMS_MAX];
      const result = loadLibbpf().bpf_prog_query(fd, attachType, 0, null, ids, count);
      if (result === 0 && count[0] > 0) found.set(attachType, [...ids.subarray(0, count[0])]);
    }
    return found;
  } finally {
    closeSync(fd);
  }
}

function openOrGone(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined;
  }
}

/** Where cls_bpf filters usually stand: what a tool names as the first, and what the kernel counts down from. */
const PRIORITIES = [1, 0xc000] as const;
const HANDLE = 1;

const TC_INGRESS = 1; // enum bpf_tc_attach_point
const TC_EGRESS = 2;

export type InterfaceProgram = { readonly at: 'xdp' | 'tc ingress' | 'tc egress'; readonly id: number };

/**
 * The XDP program of an interface, and its filters at the places where tools put them: libbpf asks for one filter at a
 * time, so one at another place is not seen.
 */
export function programsOfInterface(index: number): readonly InterfaceProgram[] {
  const libbpf = loadLibbpf();
  const found: InterfaceProgram[] = [];
  const xdp: [number] = [0];
  if (libbpf.bpf_xdp_query_id(index, 0, xdp) === 0 && xdp[0] !== 0) found.push({ at: 'xdp', id: xdp[0] });
  for (const [at, point] of [
    ['tc ingress', TC_INGRESS],
    ['tc egress', TC_EGRESS],
  ] as const) {
    for (const priority of PRIORITIES) {
      const id = filterAt(libbpf, { index, point, priority });
      if (id !== 0) found.push({ at, id });
    }
  }
  return found;
}

type FilterPlace = { readonly index: number; readonly point: number; readonly priority: number };

/** 0 for none. */
function filterAt(libbpf: Libbpf, { index, point, priority }: FilterPlace): number {
  const options = sized('rf_tc_opts', { handle: HANDLE, priority, prog_id: 0 });
  const hook = sized('rf_tc_hook', { ifindex: index, attach_point: point });
  return libbpf.bpf_tc_query(hook, options) === 0 ? options.prog_id : 0;
}
