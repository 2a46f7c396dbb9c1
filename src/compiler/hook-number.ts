/** The number by which programs that replace each other know that they are at the same attach point. */
import { hookFlag } from '#abi';
import { type AttachPoint, sectionOf } from '#bpf';

/** A digest (FNV-1a), as the kernel side only compares it; positive and not 0. */
export function hookNumber(point: AttachPoint): number {
  let digest = 0x811c9dc5;
  for (const letter of sectionOf(point)) digest = Math.imul(digest ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  const number = (digest & 0x7fff_fffc) | 2;
  return isTracepoint(point) ? number | hookFlag.oldestFirst : number;
}

/** The kernel runs the programs of a tracepoint in the order in which they came, of all else the newest first. */
function isTracepoint({ kind }: AttachPoint): boolean {
  return kind === 'tp_btf' || kind === 'tracepoint';
}
