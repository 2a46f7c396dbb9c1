/** The name of a process image in events: base64 of `NODE:KTIME:PID`. */
import type { ProcessKey } from './process.ts';

/** What the events API gives as the start of the idle task, the parent of init and of kernel threads. */
const KERNEL_START_NS = 1n;

/** Whose bytes are its characters: the name of nearly every node, and thrice as fast. */
const plain = /^[ -~]*$/;

const encoder = new TextEncoder();

export function execIdOf(nodeName: string, key: ProcessKey): string {
  const startNs = key.pid === 0 ? KERNEL_START_NS : key.startNs;
  const text = `${nodeName}:${startNs}:${key.pid}`;
  return plain.test(text) ? btoa(text) : base64(encoder.encode(text));
}

/** Standard base64 with padding. */
export function base64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
