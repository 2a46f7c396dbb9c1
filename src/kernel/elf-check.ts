/** Keeps from libbpf what makes it crash: its linker (1.1) reads a null pointer when an input is no ELF file. */
import { assert } from '#std';

const MAGIC = 0x7f454c46; // \x7fELF
const HEADER_BYTES = 64;

/** Objects come from our compiler and our build, so anything else is our mistake. */
export function assertElf(object: Uint8Array): void {
  const view = new DataView(object.buffer, object.byteOffset, object.byteLength);
  assert(object.length >= HEADER_BYTES && view.getUint32(0) === MAGIC, 'an object is an ELF file');
}
