/** All programs and links that the kernel has, whoever made them, by their ids. Nothing is held longer than a look takes. */
import { constants } from 'node:os';
import { checked, loadLibbpf } from './ffi.ts';
import { Descriptor } from './handle.ts';
import { type LinkInfo, type ProgramInfo, readLinkInfo, readProgramInfo } from './info.ts';

export type Inventory = {
  readonly programs: readonly ProgramInfo[];
  readonly links: readonly LinkInfo[];
  /** There are more than were looked at. */
  readonly more: boolean;
};

/** Throws RF3001 without CAP_SYS_ADMIN. */
export function kernelInventory({ objectsMax }: { readonly objectsMax: number }): Inventory {
  const programs = walk({ next: 'bpf_prog_get_next_id', open: 'bpf_prog_get_fd_by_id' }, objectsMax, readProgramInfo);
  const links = walk({ next: 'bpf_link_get_next_id', open: 'bpf_link_get_fd_by_id' }, objectsMax, readLinkInfo);
  return { programs: programs.found, links: links.found, more: programs.more || links.more };
}

type Calls =
  | { readonly next: 'bpf_prog_get_next_id'; readonly open: 'bpf_prog_get_fd_by_id' }
  | { readonly next: 'bpf_link_get_next_id'; readonly open: 'bpf_link_get_fd_by_id' };

function walk<Found>(
  { next, open }: Calls,
  max: number,
  read: (fd: number) => Found,
): { readonly found: readonly Found[]; readonly more: boolean } {
  const libbpf = loadLibbpf();
  const found: Found[] = [];
  const id: [number] = [0];
  for (;;) {
    const result = libbpf[next](id[0], id);
    if (result === -constants.errno.ENOENT) return { found, more: false };
    checked(next, result);
    if (found.length >= max) return { found, more: true };
    const fd = libbpf[open](id[0]);
    if (fd === -constants.errno.ENOENT) continue; // it went away meanwhile
    using object = new Descriptor(`${open}(${id[0]})`, checked(open, fd));
    found.push(read(object.fd));
  }
}
