/** A tar archive (POSIX ustar) of small files: the form that everybody can open. */
import { Buffer } from 'node:buffer';

export type ArchivedFile = { readonly name: string; readonly text: string };

const BLOCK_BYTES = 512;
const NAME_BYTES_MAX = 100;

/** Names are relative, and of at most 100 bytes. All files are for their owner only. */
export function archive(files: readonly ArchivedFile[], modified: Date): Buffer {
  const parts = files.flatMap(({ name, text }) => {
    const content = Buffer.from(text);
    const padding = Buffer.alloc((BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES);
    return [header(name, content.length, modified), content, padding];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK_BYTES)]);
}

/** Numbers are octal text; the checksum counts its own field as blanks. */
function header(name: string, bytes: number, modified: Date): Buffer {
  if (Buffer.byteLength(name) > NAME_BYTES_MAX) throw new RangeError(`the name ${name} is too long for an archive`);
  const block = Buffer.alloc(BLOCK_BYTES);
  const number = (value: number, offset: number, width: number) =>
    block.write(value.toString(8).padStart(width - 1, '0'), offset);
  block.write(name, 0);
  number(0o600, 100, 8);
  number(0, 108, 8);
  number(0, 116, 8);
  number(bytes, 124, 12);
  number(Math.floor(modified.getTime() / 1000), 136, 12);
  block.fill(' ', 148, 156);
  block.write('0', 156);
  block.write('ustar\0' + '00', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
