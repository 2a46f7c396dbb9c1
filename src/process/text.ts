/** Bytes from the kernel as text, without losing what is not text. */

/**
 * Names of files and arguments are bytes; events carry strings. Each invalid UTF-8 sequence becomes U+FFFD in `text`, and
 * then, and only then, `raw` has all the bytes.
 */
export type Text = {
  readonly text: string;
  readonly raw: Uint8Array | undefined;
};

export const noText: Text = { text: '', raw: undefined };

export function textOf(text: string): Text {
  return text === '' ? noText : { text, raw: undefined };
}

/** Below this many bytes a loop over ASCII beats the call into the decoder. */
const SHORT_BYTES = 24;
const REPLACEMENT = '\ufffd';

// A byte order mark is part of a name.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

/** Copies: the result stays when `bytes`, memory of a ring, is given back. */
export function decodeText(bytes: Uint8Array): Text {
  if (bytes.length === 0) return noText;
  const text = shortAscii(bytes) ?? decoder.decode(bytes);
  if (!text.includes(REPLACEMENT)) return { text, raw: undefined };
  return { text, raw: isEncodingOf(bytes, text) ? undefined : bytes.slice() };
}

function shortAscii(bytes: Uint8Array): string | undefined {
  if (bytes.length > SHORT_BYTES) return undefined;
  let text = '';
  for (const byte of bytes) {
    if (byte > 0x7f) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

/** A name may contain a genuine U+FFFD. */
function isEncodingOf(bytes: Uint8Array, text: string): boolean {
  const encoded = encoder.encode(text);
  return encoded.length === bytes.length && encoded.every((byte, index) => byte === bytes[index]);
}
