/** files: written whole or not at all, and found below another root than our own. */
export { placeBelow, statBelow } from './below-root.ts';
export { replaceFile, syncDirectory } from './replace-file.ts';
