/** The words of the events API for an exec: its arguments as one string, its flags as another. */
import { execFlag, pathFlag } from '#abi';
import { decodeText, noText, type Text } from '#process';
import type { ExecRecord } from './record.ts';

/**
 * The arguments after argv[0], joined by spaces. One that contains a space stands in double quotes, an empty one is
 * `""`. The raw bytes, where they are kept, are the whole argv.
 */
export function argumentsText(argv: Uint8Array): Text {
  if (argv.length === 0) return noText;
  const { text, raw } = decodeText(argv);
  const parts = text.split('\0');
  if (text.endsWith('\0')) parts.pop();
  return { text: parts.slice(1).map(quoted).join(' '), raw };
}

function quoted(argument: string): string {
  return argument === '' || argument.includes(' ') ? `"${argument}"` : argument;
}

type FlagsSource = Pick<ExecRecord, 'flags' | 'binaryFlags' | 'cwdFlags'>;

/** The order is the events API's. */
export function flagsText({ flags, binaryFlags, cwdFlags }: FlagsSource): string {
  const seeded = (flags & execFlag.seeded) !== 0;
  const words: string[] = [seeded ? 'procFS' : 'execve'];
  if (flags & execFlag.argvTruncated) words.push('truncArgs');
  if (isUnread(binaryFlags)) words.push('errorFilename');
  if (flags & execFlag.argvError) words.push('errorArgs');
  if (cwdFlags & pathFlag.none) words.push('nocwd');
  if (flags & execFlag.cwdRoot) words.push('rootcwd');
  if (isUnread(cwdFlags) && !(cwdFlags & pathFlag.none)) words.push('errorCWD');
  if (flags & execFlag.clone) words.push('clone');
  if (cwdFlags & pathFlag.truncated) words.push('errorPathResolutionCwd');
  return words.join(' ');
}

/** What was tried is marked as read, whether there is an answer or not. */
export function isUnread(flags: number): boolean {
  return (flags & pathFlag.read) === 0 || (flags & (pathFlag.unstable | pathFlag.fault)) !== 0;
}
