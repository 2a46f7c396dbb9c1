/** Text made safe for one line: in JSON, and for a terminal. */

/**
 * JSON.stringify escapes C0; these are the others that steer a terminal, end a line, or turn the direction of what is
 * read: DEL, C1, the line separators, the bidirectional marks, the byte order mark.
 */
const unsafe = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
/** Nothing to escape: visible ASCII without the quote and the backslash. Nearly every name, and thrice as fast. */
const plain = /^[ !#-[\]-~]*$/;

/** A JSON string, in quotes. */
export function quote(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text).replaceAll(unsafe, unicodeEscape);
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Letters, marks, numbers, punctuation, symbols and the space: what Go's strconv.Quote prints as it is. */
const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;
const eachUnprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/** A word of a compact line: quoted as Go does when it holds a space or anything unprintable. */
export function compactWord(text: string): string {
  return text.includes(' ') || unprintable.test(text) ? goQuote(text) : text;
}

/** Words that were joined already: spaces stand. */
export function compactWords(text: string): string {
  return unprintable.test(text) ? goQuote(text) : text;
}

function goQuote(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&').replaceAll(eachUnprintable, goEscape)}"`;
}

const shortEscapes: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

function goEscape(character: string): string {
  const short = shortEscapes[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  if (code < 0x80) return `\\x${digits.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`;
}
