/** files: what the agent writes to the disk, so that it is there whole or not at all. */
export { replaceFile, syncDirectory } from './replace-file.ts';
