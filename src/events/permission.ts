/** The mode of a file as `ls -l` shows it. */

/** By the type bits of the mode, `mode >> 12`: fifo, character device, directory, block device, file, link, socket. */
const types = '?pc?d?b?-?l?s???';

/** Empty for 0: a file of no kind is a mode that nobody read. */
export function permissionText(mode: number): string {
  if (mode === 0) return '';
  const user = triple(mode >> 6, (mode & 0o4000) !== 0, 's');
  const group = triple(mode >> 3, (mode & 0o2000) !== 0, 's');
  const other = triple(mode, (mode & 0o1000) !== 0, 't');
  return `${types[(mode >> 12) & 0xf]}${user}${group}${other}`;
}

function triple(bits: number, special: boolean, letter: string): string {
  const read = bits & 4 ? 'r' : '-';
  const write = bits & 2 ? 'w' : '-';
  const execute = bits & 1 ? 'x' : '-';
  if (!special) return `${read}${write}${execute}`;
  return `${read}${write}${execute === 'x' ? letter : letter.toUpperCase()}`;
}
